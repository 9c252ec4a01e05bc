// The menu to download a trace, and the link to compare it with another one.

/** @import { Trace } from "../types.js" */

import { at } from "../address.js";
import { addressOf } from "../compare.js";
import { html } from "../html.js";

/** What each format is, and which programs open it. */
const FORMATS = [
  ["agent", "Agent's JSON", "the spans as the test agent got them"],
  ["otlp", "OTLP JSON", "for OpenTelemetry's Collector and Grafana Tempo"],
  ["jaeger", "Jaeger's JSON", "for the upload on Jaeger's search page"],
];
const LINES = [["lines", "Lines of timing.log", "the order of the spans is a guess"]];

/** @param {{trace: Pick<Trace, "id" | "handmade">}} props */
export function Download({ trace }) {
  const address = at(`/api/traces/${encodeURIComponent(trace.id)}/download`);
  const formats = trace.handmade ? LINES : FORMATS;
  return html`<details class="download" onKeyDown=${close}>
    <summary class="button quiet">Download</summary>
    <ul>
      ${formats.map(([as, name, why]) => html`<li key=${as}><a href=${`${address}?as=${as}`} download>${name}</a><small>${why}</small></li>`)}
    </ul>
  </details>`;
}

/**
 * Close the menu with Escape, and return the focus to its button.
 * @param {KeyboardEvent} event
 */
function close(event) {
  const menu = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (event.key !== "Escape" || !menu.open) return;
  event.stopPropagation(); // it closes nothing else
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

/** @param {{trace: Pick<Trace, "id">, framework: boolean}} props `framework`: with the framework's spans */
export function CompareLink({ trace, framework }) {
  return html`<a class="button quiet" href=${addressOf({ b: trace.id, framework: framework ? "1" : "" })}>Compare with…</a>`;
}
