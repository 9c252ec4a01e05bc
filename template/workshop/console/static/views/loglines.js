// The log lines of a trace, below its picture.

/** @import { LogLine, Trace } from "../types.js" */

import { html, keysOf } from "../html.js";

/** @param {{trace: Trace}} props */
export function LogLines({ trace }) {
  const lines = trace.handmade ? handTimed(trace) : trace.logs;
  if (!lines) return null;
  const keys = keysOf(lines, ({ service, text }) => `${service} ${text}`);
  return html`<section class="logs">
    <h2>${trace.handmade ? "Everything there is: the log lines" : "Log lines from the time of this trace"}</h2>
    ${
      trace.crowded &&
      lines.length > 0 &&
      html`<p class="quiet">Other requests ran at the same time. A line without a trace ID might belong to one of them.</p>`
    }
    ${
      lines.length
        ? html`<div class="lines" tabindex="0" role="group" aria-label="Log lines">
          ${lines.map((line, at) => html`<${Line} key=${keys[at]} ...${line} />`)}
        </div>`
        : html`<p class="quiet">${"web and taster printed nothing during that time, or the lines are gone."}</p>`
    }
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
    .map((span) => ({ service: "timing.log", text: span.tags.line }));
}

/** @param {LogLine} props */
function Line({ service, text }) {
  const [first, ...rest] = text.split("\n");
  const code = html`<code>${first}</code>`;
  return html`<div>
    <span class=${`who ${service}`}>${service}</span>
    ${rest.length ? html`<details><summary>${code}</summary><pre>${rest.join("\n")}</pre></details>` : code}
  </div>`;
}
