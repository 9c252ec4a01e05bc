// The log lines of a trace, below its picture.

/** @import { LogLine, Span, Trace } from "../types.js" */

import { html, keysOf, useMemo } from "../html.js";
import { nearest } from "../spans.js";

/** The server sends at most so many lines of each service, with the ID and without. */
const MOST = 60;

/**
 * @typedef {(id: string | undefined) => Span | undefined} Find a span in the picture, by an ID in a line
 * @typedef {(id: string) => void} Go select a span
 */

/** @param {{trace: Trace, spans: Span[], onGo: Go}} props `spans`: the ones in the picture */
export function LogLines({ trace, spans, onGo }) {
  const lines = trace.logs ?? [];
  const find = useMemo(() => nearest(trace, spans), [trace, spans]);
  if (trace.handmade) return html`<${HandTimed} trace=${trace} printed=${lines} />`;
  if (!trace.logs) return null;
  const own = lines.filter((line) => line.own);
  const others = lines.filter((line) => !line.own);
  return html`<section class="logs">
    <h2>Log lines of this request</h2>
    ${
      own.length
        ? html`<p class="quiet">These lines have its trace ID.</p><${Lines} lines=${own} label="Log lines of this request" find=${find} onGo=${onGo} />`
        : html`<p class="quiet">${whyNone(others.length > 0)}</p>`
    }
    ${
      others.length > 0 &&
      html`<h2>Around the same time</h2>
        <p class="quiet">${`These lines have no trace ID, so they may belong to other requests. ${trace.crowded ? "Other traces ran at the same time." : "No other trace ran at the same time, but a request without one might have."}`}</p>
        <${Lines} lines=${others} label="Log lines from around the same time" />`
    }
  </section>`;
}

/** @param {boolean} hasOthers whether there are lines without an ID */
function whyNone(hasOthers) {
  if (hasOthers) return "No log line from web or taster has this trace's ID.";
  return "web and taster logged nothing with this trace's ID or during that time, or the lines are gone.";
}

/**
 * The lines that a trace is made from, and those that the services printed with the same ID.
 * @param {{trace: Trace, printed: LogLine[]}} props
 */
function HandTimed({ trace, printed }) {
  const lines = handTimed(trace);
  const hasId = trace.all.some((span) => span.tags.req);
  return html`<section class="logs">
    <h2>Everything there is: the log lines</h2>
    <p class="quiet">${
      hasId
        ? "These lines have the ID of this request."
        : "These lines have no request ID. If several requests ran at the same time, some lines may belong to another one."
    }</p>
    <${Lines} lines=${[...lines, ...printed]} label="Log lines" />
  </section>`;
}

/**
 * The lines of timing.log, in the order in which they were written.
 * @param {Trace} trace
 * @returns {LogLine[]}
 */
function handTimed(trace) {
  return [...trace.all]
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map((span) => ({ service: "timing.log", text: span.tags.line, own: true }));
}

/** @param {{lines: LogLine[], label: string, find?: Find, onGo?: Go}} props */
function Lines({ lines, label, find, onGo }) {
  const keys = keysOf(lines, ({ service, text }) => `${service} ${text}`);
  const isCut = ["web", "taster"].some(
    (name) => lines.filter(({ service }) => service === name).length >= MOST,
  );
  return html`<div class="lines" tabindex="0" role="group" aria-label=${label}>
      ${lines.map((line, at) => html`<${Line} key=${keys[at]} ...${line} shown=${find?.(line.span)} onGo=${onGo} />`)}
    </div>
    ${isCut && html`<p class="quiet">${`This page shows the first ${MOST} lines of each service.`}</p>`}`;
}

/** @param {LogLine & {shown?: Span, onGo?: Go}} props `shown`: the span that the line is from */
function Line({ service, text, shown, onGo }) {
  const [first, ...rest] = text.split("\n");
  const code = html`<code>${first}</code>`;
  return html`<div>
    <span class=${`who ${service}`}>${service}</span>
    ${shown && html`<button type="button" class="from" title="Select the span that this line is from" onClick=${() => onGo?.(shown.id)}>${shown.name}</button>`}
    ${rest.length ? html`<details><summary>${code}</summary><pre>${rest.join("\n")}</pre></details>` : code}
  </div>`;
}
