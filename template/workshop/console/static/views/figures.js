// A table of requests, errors, and latencies, with a row for each route or version.

/** @import { Figures } from "../types.js" */

import { ms } from "../format.js";
import { html } from "../html.js";

const COLUMNS = ["Requests", "Errors", "p50", "p95"];
const OUTSIDE = ["p50 from outside", "p95 from outside"];

/** @param {{first: string, caption?: string, hasOutside?: boolean, children?: unknown}} props */
export function Table({ first, caption, hasOutside = false, children }) {
  const names = [first, ...COLUMNS, ...(hasOutside ? OUTSIDE : [])];
  return html`<table class=${`routes${hasOutside ? " outside" : ""}`}>
    ${caption && html`<caption class="unseen">${caption}</caption>`}
    <thead><tr>${names.map((name) => html`<th key=${name} scope="col">${name}</th>`)}</tr></thead>
    <tbody>${children}</tbody>
  </table>`;
}

/**
 * @param {object} props
 * @param {Figures} props.figures
 * @param {boolean} [props.isMeasuredInside] whether the percentiles of `figures` are from inside
 * @param {Figures | null} [props.outside] what the sender measured, in a table that has it
 * @param {boolean} [props.isChosen]
 * @param {unknown} [props.children]
 */
export function Row({ figures, isMeasuredInside = true, outside, isChosen = false, children }) {
  const { count, errors, p50, p95 } = figures;
  const cells = [
    count,
    errors,
    ms(isMeasuredInside ? p50 : null),
    ms(isMeasuredInside ? p95 : null),
    ...(outside === undefined ? [] : [ms(outside?.p50 ?? null), ms(outside?.p95 ?? null)]),
  ];
  const names = [...COLUMNS, ...OUTSIDE];
  return html`<tr class=${isChosen ? "chosen" : ""}>
    <th scope="row">${children}</th>
    ${cells.map(
      (text, at) =>
        html`<td key=${names[at]} data-label=${names[at]} class=${at === 1 && errors ? "bad" : ""}>${text}</td>`,
    )}
  </tr>`;
}
