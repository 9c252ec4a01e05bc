// A small waterfall without details, to look at two traces on one scale.

/** @import { ComparedRow, ComparedSide } from "../types.js" */

import { at } from "../address.js";
import { leftOut, VERDICTS } from "../compare.js";
import { ms, spansText } from "../format.js";
import { html, memo } from "../html.js";
import { placed, ticks, tickWidth } from "../spans.js";

/**
 * @typedef {object} WaterfallProps
 * @property {string} name
 * @property {ComparedSide} side
 * @property {number} total the duration of the scale
 * @property {(service: string) => string} color
 * @property {Map<string, string>} verdicts what became of each operation
 * @property {string} op the operation to highlight
 */

/** @param {WaterfallProps} props */
export function ComparedWaterfall({ name, side, total, color, verdicts, op }) {
  const heading = `waterfall-${name}`;
  return html`<section class="card compared" aria-labelledby=${heading} style=${{ "--tick": tickWidth(total) / total }}>
    <h2 id=${heading}>
      <span class="letter">${name}</span>
      <a href=${at(`/traces/${encodeURIComponent(side.id)}`)}>${side.resource}</a>
      ${side.error && html`<span class="badge bad">Error</span>`}
    </h2>
    <p class="facts">
      <b>${ms(side.duration)}</b><span>${spansText(side)}</span>
      ${side.version && html`<span>${side.version}</span>`}
    </p>
    <div class="compared-axis" aria-hidden="true">
      <span class="axis">${ticks(total).map(({ from, text }) => html`<span key=${from} style=${{ "--from": from }}>${text}</span>`)}</span>
    </div>
    <ol aria-label=${`Spans of ${name}`} tabindex="0">
      ${side.rows.map((row) => html`<${Row} key=${row.id} row=${row} total=${total} color=${color} verdict=${verdicts.get(row.op) ?? ""} isChosen=${row.op === op} />`)}
    </ol>
    <p class="quiet" hidden=${!leftOut(side)}>${leftOut(side)}</p>
  </section>`;
}

/**
 * @typedef {object} RowProps
 * @property {ComparedRow} row
 * @property {number} total
 * @property {(service: string) => string} color
 * @property {string} verdict
 * @property {boolean} isChosen
 */

const Row = memo((/** @type {RowProps} */ { row, total, color, verdict, isChosen }) => {
  const [from, share] = placed(row.start, row.duration, total);
  const isMarked = verdict === "gone" || verdict === "new";
  const what = row.resource === row.name ? row.name : `${row.name} ${row.resource}`;
  return html`<li class=${isChosen ? "chosen" : ""}>
    <span class="name" style=${{ "--depth": row.depth }} title=${what}>
      ${isMarked && html`<span class="badge mini">${VERDICTS[verdict][0]}</span>`}
      <span>${what}</span><span class="unseen">${`, ${row.service}, from ${ms(row.start)}${isChosen ? ", highlighted" : ""}`}</span>
    </span>
    <span class="figure">${ms(row.duration)}</span>
    <span class=${`track ${color(row.service)}`} aria-hidden="true">
      <span class=${`span${row.error ? " failed" : ""}${isMarked ? " marked" : ""}`} style=${{ "--from": from, "--share": share }} />
    </span>
  </li>`;
});
