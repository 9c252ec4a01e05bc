// The line of one span in the waterfall.

/** @import { Span } from "../types.js" */

import { ms, percent, plural } from "../format.js";
import { html, memo } from "../html.js";
import { own, placed } from "../spans.js";

const DEEP = 12;

/**
 * @typedef {object} LineProps
 * @property {Span} span
 * @property {number} total
 * @property {(service: string) => string} color
 * @property {boolean} byHand
 * @property {boolean} isMarked
 * @property {boolean} isSelected
 * @property {boolean} isFolded
 * @property {boolean} isHidden
 */

/** The line of a span. Of thousands of lines, only the changed ones render again. */
export const WaterfallLine = memo((/** @type {LineProps} */ props) => {
  const { span, total, color, byHand, isMarked, isSelected, isFolded, isHidden } = props;
  const isParent = span.children.length > 0;
  return html`<div
    role="row" class=${`line${isMarked ? " marked" : ""}${isParent ? " parent" : ""}`}
    tabindex=${isSelected ? "0" : "-1"} aria-selected=${String(isSelected)} data-id=${span.id}
    aria-level=${span.depth + 1} aria-expanded=${isParent ? String(!isFolded) : null} hidden=${isHidden}
  >
    <span role="gridcell" class="name" style=${{ "--depth": span.depth }}>
      <i class="twisty" aria-hidden="true" />
      ${span.depth > DEEP && html`<span class="level" title="Depth">${span.depth}</span>`}
      <b>${span.name}</b>
      ${span.error && html`<span class="badge bad mini">Error</span>`}
      ${!byHand && html`<span class=${`chip ${color(span.service)}`}>${span.service}</span>`}
      <span class="what">${whatOf(span)}</span>
    </span>
    <span role="gridcell" class="figure">${ms(span.duration)}</span>
    <span
      role="gridcell" class=${`track ${color(span.service)}`}
      aria-label=${`from ${ms(span.start)}, ${percent(span.duration / total)} of the trace`}
    >
      <span class=${`span${span.error ? " failed" : ""}`} style=${stretch(span.start, span.duration, total)}>
        ${own(span).map(([from, to]) => html`<i key=${from} style=${stretch(from - span.start, to - from, span.duration || 1)} />`)}
      </span>
    </span>
  </div>`;
});

/** @param {Span} span */
function whatOf({ resource, name, not_drawn: more }) {
  const what = resource === name ? "" : resource;
  if (!more) return what;
  return `${what} (and ${plural(more, "more span")} that ${more === 1 ? "isn't" : "aren't"} drawn)`;
}

/** @type {(start: number, duration: number, total: number) => object} */
function stretch(start, duration, total) {
  const [from, share] = placed(start, duration, total);
  return { "--from": from, "--share": share };
}
