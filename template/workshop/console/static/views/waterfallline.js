// The line of one span in the waterfall.

/** @import { Span } from "../types.js" */
/** @import { Zoom } from "../zoom.js" */

import { ms, percent } from "../format.js";
import { html, memo } from "../html.js";
import { own, placed } from "../spans.js";
import { PIXELS, within } from "../zoom.js";

const DEEP = 12;
/** More stretches than this: leave out those that are less than half a pixel. */
const MANY = 200;
const LONGEST = 300;

/**
 * @typedef {object} LineProps
 * @property {Span} span
 * @property {number} at its number among the lines
 * @property {Zoom} zoom
 * @property {number} total
 * @property {(service: string) => string} color
 * @property {[from: number, to: number][]} [critical] when it is on the critical path
 * @property {boolean} byHand
 * @property {boolean} isMarked
 * @property {boolean} isHit
 * @property {boolean} isSelected
 * @property {boolean} isFolded
 */

/** The line of a span. Of thousands of lines, only the changed ones render again. */
export const WaterfallLine = memo((/** @type {LineProps} */ props) => {
  const { span, at, total, color, byHand, isMarked, isHit, isSelected, isFolded } = props;
  const isParent = span.children.length > 0;
  const what = span.resource === span.name ? "" : span.resource.slice(0, LONGEST);
  const kinds = `${isMarked ? " marked" : ""}${isHit ? " hit" : ""}${isParent ? " parent" : ""}`;
  return html`<div
    role="row" class=${`line${kinds}`} style=${{ "--at": at }}
    tabindex=${isSelected ? "0" : "-1"} aria-selected=${String(isSelected)} data-id=${span.id}
    aria-rowindex=${at + 2} aria-level=${span.depth + 1} aria-posinset=${span.place} aria-setsize=${span.siblings}
    aria-expanded=${isParent ? String(!isFolded) : null}
  >
    <span role="gridcell" class="name" style=${{ "--depth": span.depth }}>
      <i class="twisty" aria-hidden="true" />
      ${span.depth > DEEP && html`<span class="level" title="Depth">${span.depth}</span>`}
      <b title=${span.name}>${span.name}</b>
      ${isHit && html`<span class="unseen">Hit</span>`}
      ${span.error && html`<span class="badge bad mini">Error</span>`}
      ${!byHand && html`<span class=${`chip ${color(span.service)}`}>${span.service}</span>`}
      <span class="what">${what}</span>
    </span>
    <span role="gridcell" class="figure">${ms(span.duration)}</span>
    <span
      role="gridcell" class=${`track ${color(span.service)}`}
      aria-label=${`from ${ms(span.start)}, ${percent(span.duration / (total || 1))} of the trace${props.critical ? ", on the critical path" : ""}`}
    ><${Bar} ...${props} what=${what} /></span>
  </div>`;
});

/** @param {LineProps & {what: string}} props */
function Bar({ span, zoom, critical, what }) {
  const width = zoom.to - zoom.from;
  const [bar] = within([[span.start, span.start + span.duration]], zoom);
  if (!bar) return html`<i class=${span.start > zoom.from ? "beside later" : "beside"} />`;
  const [from, to] = bar;
  const length = to - from || 1;
  const path = critical ? within(critical, zoom) : [];
  return html`
    <span class=${`span${span.error ? " failed" : ""}`} style=${stretch(from - zoom.from, to - from, width)}>
      ${selfTime(span, from, to).map(([a, b]) => html`<i key=${a} style=${stretch(a - from, b - a, length)} />`)}
    </span>
    ${path.map(([a, b]) => html`<i key=${`on the path ${a}`} class="critical" style=${stretch(a - zoom.from, b - a, width)} />`)}
    ${what && html`<${Label} from=${(from - zoom.from) / width} to=${(to - zoom.from) / width} what=${what} />`}
  `;
}

/**
 * What the span did, next to its bar where there is room.
 * @param {{from: number, to: number, what: string}} props
 */
function Label({ from, to, what }) {
  if (to <= 0.7)
    return html`<span class="said" aria-hidden="true" style=${{ "--from": to }}>${what}</span>`;
  if (from < 0.3) return null;
  return html`<span class="said before" aria-hidden="true" style=${{ "--from": from }}>${what}</span>`;
}

/**
 * When the span itself ran, in this part of the time.
 * @param {Span} span
 * @param {number} from
 * @param {number} to
 */
function selfTime(span, from, to) {
  const all = own(span);
  const pixel = (to - from) / PIXELS;
  const wide = all.length > MANY ? all.filter(([a, b]) => b - a >= pixel / 2) : all;
  return within(wide, { from, to });
}

/** @type {(start: number, duration: number, total: number) => object} */
function stretch(start, duration, total) {
  const [from, share] = placed(start, duration, total);
  return { "--from": from, "--share": share };
}
