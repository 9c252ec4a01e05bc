// A table of requests, errors, and latencies, with a row for each route or version.

/** @import { Figures } from "../types.js" */

import { ms } from "../format.js";
import { html } from "../html.js";

/** @param {{first: string, caption?: string, children?: unknown}} props */
export function Table({ first, caption, children }) {
  const names = [first, "Requests", "Errors", "p50", "p95"];
  return html`<table class="routes">
    ${caption && html`<caption class="unseen">${caption}</caption>`}
    <thead><tr>${names.map((name) => html`<th key=${name} scope="col">${name}</th>`)}</tr></thead>
    <tbody>${children}</tbody>
  </table>`;
}

/** @param {{figures: Figures, isChosen?: boolean, children?: unknown}} props */
export function Row({ figures, isChosen = false, children }) {
  return html`<tr class=${isChosen ? "chosen" : ""}>
    <th scope="row">${children}</th>
    <td>${figures.count}</td>
    <td class=${figures.errors ? "bad" : ""}>${figures.errors}</td>
    <td>${ms(figures.p50)}</td>
    <td>${ms(figures.p95)}</td>
  </tr>`;
}
