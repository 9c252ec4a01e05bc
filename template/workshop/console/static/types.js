// What the server sends, for the editor and `tsc`: a browser never loads this file. Times of a trace
// are in milliseconds since the epoch, those of its spans since the trace's begin, and all durations
// in milliseconds. Ids are text, since they exceed what JavaScript's numbers hold.

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
 * @property {number} spans
 * @property {number} shown how many are left without the framework's own
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
 * @property {boolean} handmade whether it is made of the lines of timing.log
 * @property {string[]} [formerly] ids that it had before more of its spans came in
 */

/**
 * All of a trace that is drawn.
 * @typedef {Summary & TraceOnly} Trace
 * @typedef {object} TraceOnly
 * @property {SentSpan[]} all each parent stands before its children
 * @property {number} framework how many spans are the framework's own
 * @property {Share[]} shares
 * @property {Share[]} folded_shares without the framework's own spans
 * @property {Note[]} notes the heaviest first
 * @property {number} more_notes
 * @property {string[]} remarks
 * @property {LogLine[]} [logs]
 * @property {boolean} [logs_elsewhere]
 * @property {boolean} [crowded] whether other traces ran at the same time
 * @property {string} [datadog] its page there
 *
 * @typedef {[service: string, share: number]} Share
 * @typedef {{service: string, text: string}} LogLine
 */

/**
 * What is repeated below one span.
 * @typedef {object} Note
 * @property {string} parent
 * @property {string[]} spans those that are drawn
 * @property {number} duration
 * @property {number} share
 * @property {string} text
 */

/**
 * A span as it is sent.
 * @typedef {object} SentSpan
 * @property {string} id unique in its trace, also where the span's own id is not
 * @property {string} span_id
 * @property {string | null} parent
 * @property {string | null} folded_parent the parent where the framework's spans are left out
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
 * @property {number} not_drawn how many children are left out
 */

/**
 * A span in its place among those that are drawn: see `prepare`.
 * @typedef {Omit<SentSpan, "self"> & {self: number | null, children: Span[], depth: number}} Span
 */

/**
 * The state of everything but traces; the server has not said it yet where a part is missing.
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
 * @property {number | null} p50 null where all requests failed
 * @property {number | null} p95
 * @property {number} count
 * @property {number} errors
 *
 * @typedef {Figures & {time: number}} Bucket
 * @typedef {Figures & {version: string}} VersionFigures
 * @typedef {Figures & {route: string, by: "traces" | "outside", versions: VersionFigures[], series: Bucket[]}} Route
 * @typedef {Route & {name: string}} NamedRoute
 * @typedef {{time: number, text: string}} Mark in seconds since the epoch
 * @typedef {{from: number, to: number, routes: Route[], more_routes: number, marks: Mark[]}} LatencyDocument
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
 * @property {string} answers a letter for each question, `-` where there is none yet
 * @property {Hint[]} hints
 *
 * @typedef {"pass" | "fail" | "open"} Outcome
 * @typedef {{name: string, outcome: Outcome, expected: string, seen: string, hint: string, is_bonus: boolean}} Requirement
 * @typedef {{passed: boolean, problem: string, requirements: Requirement[], notes: string[]}} Report
 */

/**
 * What came back of a request that the page had sent.
 * @typedef {{status: number, reason: string, body: string, milliseconds: number, trace: string}} Answer
 *
 * @typedef {object} Sent a request that the page had sent
 * @property {number} id
 * @property {string} path
 * @property {number} time
 * @property {Answer | null} answer
 * @property {string} error
 * @property {number | null} shown how many spans its trace has, once that has come in
 */

export {};
