// What the server sends, for the editor and `tsc`. A browser never loads this file. The times of a
// trace are in milliseconds since the epoch, those of its spans since the start of the trace, and all
// durations are in milliseconds. IDs are strings, because they are too large for JavaScript numbers.

/**
 * A trace as the list shows it.
 * @typedef {object} Summary
 * @property {string} id
 * @property {number} start
 * @property {number} duration
 * @property {number} root_start
 * @property {number} root_duration
 * @property {string} resource
 * @property {string} service
 * @property {string[]} services
 * @property {number} more_services how many `services` leaves out
 * @property {number} spans how many there are, with the framework's own: "spans" on each page
 * @property {number} shown how many there are without the framework's own
 * @property {number} left_out
 * @property {number} parts
 * @property {number} missing
 * @property {boolean} error
 * @property {string} message
 * @property {string} status
 * @property {string} version
 * @property {string} url
 * @property {string} note
 * @property {Record<string, string>} tags
 * @property {boolean} handmade whether it is made from lines of timing.log
 * @property {string[]} [formerly] IDs that it had before more of its spans arrived
 */

/**
 * Everything that the page draws of a trace.
 * @typedef {Summary & TraceOnly} Trace
 * @typedef {object} TraceOnly
 * @property {SentSpan[]} all each parent comes before its children
 * @property {number} framework how many spans are the framework's own
 * @property {Share[]} shares
 * @property {Share[]} folded_shares without the framework's own spans
 * @property {Note[]} notes the one with the longest duration first
 * @property {number} more_notes
 * @property {string[]} remarks
 * @property {LogLine[]} [logs]
 * @property {boolean} [crowded] whether other traces ran at the same time
 * @property {string} [datadog] the URL of its page there
 * @property {string} [too_large] why the server doesn't send the spans; `all` is empty then
 * @property {CriticalPart[]} [critical] the critical path of all spans
 * @property {CriticalPart[]} [folded_critical] without the framework's own spans
 * @property {string} [critical_text] the critical path, in a sentence
 * @property {string} [parallel_text] what could run side by side
 *
 * @typedef {[spanId: string, start: number, duration: number]} CriticalPart
 * @typedef {[service: string, share: number]} Share
 * @typedef {{service: string, text: string, own: boolean, span?: string}} LogLine `own`: it has the ID of the request; `span`: the ID of the span that it names
 */

/**
 * A repetition below one span.
 * @typedef {object} Note
 * @property {string} parent
 * @property {string[]} spans the ones to draw
 * @property {number} duration
 * @property {number} share
 * @property {string} text
 */

/**
 * A span as the server sends it.
 * @typedef {object} SentSpan
 * @property {string} id unique in its trace, even if the span's own ID isn't
 * @property {string} span_id
 * @property {string | null} parent
 * @property {string | null} folded_parent the parent in the view without the framework's spans
 * @property {boolean} framework
 * @property {string} name
 * @property {string} service
 * @property {string} resource
 * @property {number} start
 * @property {number} duration
 * @property {number} self
 * @property {number | null} folded_self
 * @property {boolean} error
 * @property {string} message
 * @property {string} stack
 * @property {string} sql
 * @property {Record<string, string>} tags
 */

/**
 * A span in its place among the spans to draw: see `prepare`.
 * @typedef {Omit<SentSpan, "self"> & SpanOnly} Span
 * @typedef {object} SpanOnly
 * @property {number | null} self
 * @property {Span[]} children
 * @property {number} depth
 * @property {number} place its number among its siblings, from 1 on
 * @property {number} siblings how many there are with it
 */

/**
 * The state of everything except traces. If a part is missing, the server didn't send it yet.
 * @typedef {object} State
 * @property {"there" | "away" | "other"} [agent]
 * @property {string} [left_out]
 * @property {Record<string, string>} [services]
 * @property {Record<string, string>} [details] why services failed
 * @property {number} [step]
 * @property {string[]} [done]
 * @property {number} [load]
 * @property {number} [measured]
 * @property {string} [datadog]
 * @property {string} [version]
 * @property {string} [problem]
 * @property {{rate: number, fixed: boolean} | null} [error_rate]
 *
 * @typedef {{traces: Summary[], state: State | null}} News
 */

/**
 * @typedef {object} Figures
 * @property {number | null} p50 null if all requests failed
 * @property {number | null} p95
 * @property {number} count
 * @property {number} errors
 *
 * @typedef {{id: string, duration: number}} Typical a trace, and the duration of its request
 * @typedef {{slowest?: Typical, median?: Typical, error?: Typical}} TypicalTraces
 * @typedef {Figures & TypicalTraces & {time: number}} Bucket
 * @typedef {Figures & {version: string}} VersionFigures
 * @typedef {Figures & {route: string, by: "traces" | "outside", versions: VersionFigures[], series: Bucket[]}} Route
 * @typedef {{name: string, count: number, inside: Route | null, outside: Route | null}} MergedRoute one row of the table
 * @typedef {{time: number, text: string}} Mark in seconds since the epoch
 * @typedef {{from: number, to: number, width: number, routes: Route[], more_routes: number, marks: Mark[]}} LatencyDocument
 */

/**
 * @typedef {object} Step
 * @property {number} number
 * @property {string} title
 * @property {number} minutes
 * @property {boolean} done
 * @property {boolean} here
 * @property {boolean} in_the_code
 *
 * @typedef {{text: string, choices: string[]}} Question
 * @typedef {{text: string, number: number, total: number}} Hint
 *
 * @typedef {object} StepPage
 * @property {number} number
 * @property {string} html
 * @property {boolean} has_solution
 * @property {boolean} asks_guess
 * @property {number | null} guess
 * @property {Question[]} questions
 * @property {string[]} answers the chosen text for each question, or "" if there is none yet
 * @property {string} measures what to guess before the console measures it; empty for nothing
 * @property {number | null} cost_guess
 * @property {Hint[]} hints
 *
 * @typedef {"pass" | "fail" | "open"} Outcome
 * @typedef {{name: string, outcome: Outcome, expected: string, seen: string, hint: string, is_bonus: boolean}} Requirement
 * @typedef {{passed: boolean, problem: string, requirements: Requirement[], notes: string[], sharing: string}} Report
 */

/**
 * The response to a request that the page sent.
 * @typedef {{status: number, reason: string, body: string, milliseconds: number, trace: string}} Answer
 *
 * @typedef {object} Sent a request that the page sent
 * @property {number} id
 * @property {string} path
 * @property {number} time
 * @property {Answer | null} answer
 * @property {string} error
 * @property {number | null} spans how many spans its trace has; null until the trace arrives
 */

/**
 * The spans of a trace that match a search. The first one is the framework's own only if all are. Its
 * title is empty if it's the root, which the list shows anyway.
 * @typedef {object} Matched
 * @property {number} count how many there are without the framework's own
 * @property {number} framework how many of the framework's own there are
 * @property {string} span the first one; empty if the search only says what no span has
 * @property {string} title
 *
 * @typedef {object} SearchAnswer
 * @property {number} number up to which change it is true
 * @property {Record<string, Matched>} traces by their IDs
 * @property {string[]} others the IDs of those that don't match
 * @property {string} problem why the text can't be read
 * @property {string} hint what to try if nothing matches
 *
 * @typedef {{text: string, about: string}} Offer
 * @typedef {{replaced: string, offers: Offer[]}} Completions
 */

/**
 * Two traces, compared. Times of spans are since the start of their trace.
 * @typedef {object} Comparison
 * @property {ComparedSide} a the trace before
 * @property {ComparedSide} b the trace after
 * @property {Operation[]} operations the one with the largest difference first
 * @property {number} more_operations how many `operations` leaves out
 * @property {string[]} texts what changed, in sentences
 * @property {string} noise what two traces can't show
 * @property {number} framework how many spans of both are the framework's own
 * @property {boolean} guessed whether the order of the spans is a guess, so there is no critical path
 *
 * @typedef {Pick<Summary, "id" | "resource" | "duration" | "root_start" | "version" | "error" | "handmade">} SideSummary
 * @typedef {SideSummary & {rows: ComparedRow[], spans: number, shown: number}} ComparedSide
 * @typedef {Pick<SentSpan, "id" | "name" | "service" | "resource" | "start" | "duration" | "error"> & {depth: number, op: string}} ComparedRow
 *
 * @typedef {{count: number, total: number, self: number, critical: number}} OperationFigures
 * @typedef {object} Operation
 * @property {string} op a short name for it
 * @property {string} service
 * @property {string} name
 * @property {string} resource
 * @property {"gone" | "new" | "faster" | "slower" | "same"} verdict
 * @property {OperationFigures} a
 * @property {OperationFigures} b
 */

/**
 * The map of services. `from` and `to` are positions in `boxes`; `from` is null for a request from
 * outside. What is null is unknown.
 * @typedef {"service" | "datastore" | "address" | "by hand" | "agent"} BoxKind
 * @typedef {{name: string, kind: BoxKind, service: string}} MapBox
 *
 * @typedef {object} MapEdge
 * @property {number | null} from
 * @property {number} to
 * @property {"calls" | "timed" | "spans"} kind
 * @property {number} count
 * @property {number} per_second
 * @property {number | null} errors
 * @property {number | null} p50
 * @property {number | null} p95
 *
 * @typedef {object} ServiceMap
 * @property {"traces" | "by hand" | "outside" | ""} source
 * @property {number} traces
 * @property {number} by_hand
 * @property {number} measured
 * @property {number} seconds what was asked for
 * @property {number} period the seconds that the rates are for
 * @property {MapBox[]} boxes
 * @property {number} more_boxes
 * @property {MapEdge[]} edges
 * @property {number} more_edges
 */

export {};
