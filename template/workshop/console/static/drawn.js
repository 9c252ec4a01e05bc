// Which spans of a large picture to draw: those that somebody can see. The browser would stand still
// if it had to draw all of ten thousand.

/** @import { Span } from "./types.js" */
/** @import { Zoom } from "./zoom.js" */

import { PIXELS } from "./zoom.js";

/** Draw all of so many: then the browser can search and print them as well. */
export const ALL_AT_ONCE = 600;
/** How many lines to draw above and below the visible ones. */
const MARGIN = 20;

/**
 * The numbers of the lines to draw: the first, and the one after the last.
 * @param {number} count how many lines the picture has
 * @param {number} line the height of one
 * @param {number} top how far the picture is scrolled
 * @param {number} height of the window
 * @returns {[first: number, end: number]}
 */
export function linesInView(count, line, top, height) {
  if (!(line > 0)) return [0, Math.min(count, ALL_AT_ONCE)];
  // In steps, so that not each pixel that somebody scrolls changes what is drawn.
  const first = Math.floor(top / line / MARGIN) * MARGIN - MARGIN;
  const end = Math.ceil((top + height) / line / MARGIN) * MARGIN + MARGIN;
  return [Math.min(Math.max(first, 0), count), Math.min(Math.max(end, 0), count)];
}

/** How many boxes of a flame graph a browser draws without a pause. */
const MOST_BOXES = 700;
/** The width of the narrowest box, in pixels. */
const NARROWEST = 3;

/**
 * The boxes of a flame graph to draw. Of boxes that begin at the same place, it is the longest.
 * @param {Span[]} spans
 * @param {Zoom} zoom
 * @param {[first: number, end: number]} levels
 * @param {string} [selected] always among them
 */
export function boxesInView(spans, zoom, [first, end], selected) {
  const seen = spans.filter(
    ({ id, depth, start, duration }) =>
      id === selected ||
      (depth >= first && depth < end && start <= zoom.to && start + duration >= zoom.from),
  );
  let boxes = new Set(seen);
  for (let width = NARROWEST; boxes.size > MOST_BOXES && width < PIXELS; width *= 2)
    boxes = longest(seen, zoom, (width * (zoom.to - zoom.from)) / PIXELS);
  return seen.filter((span) => boxes.has(span) || span.id === selected);
}

/**
 * The longest span in each place: of one level, and as wide as `width`.
 * @param {Span[]} spans
 * @param {Zoom} zoom
 * @param {number} width in milliseconds
 */
function longest(spans, { from }, width) {
  /** @type {Map<string, Span>} */
  const found = new Map();
  for (const span of spans) {
    const place = `${span.depth} ${Math.floor((Math.max(span.start, from) - from) / width)}`;
    const there = found.get(place);
    if (!there || span.duration > there.duration) found.set(place, span);
  }
  return new Set(found.values());
}
