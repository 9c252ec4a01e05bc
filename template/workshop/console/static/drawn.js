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

/**
 * The boxes of a flame graph to draw. Of boxes that share a pixel, it is the first.
 * @param {Span[]} spans
 * @param {Zoom} zoom
 * @param {[first: number, end: number]} levels
 * @param {string} [selected] always among them
 */
export function boxesInView(spans, zoom, [first, end], selected) {
  const pixel = (zoom.to - zoom.from) / PIXELS;
  /** @type {Map<number, Set<number>>} */
  const taken = new Map();
  return spans.filter((span) => {
    if (span.id === selected) return true;
    const { depth, start, duration } = span;
    if (depth < first || depth >= end || start > zoom.to || start + duration < zoom.from)
      return false;
    if (duration >= pixel) return true;
    const places = taken.get(depth) ?? new Set();
    const place = Math.floor((start - zoom.from) / pixel);
    if (places.has(place)) return false;
    taken.set(depth, places.add(place));
    return true;
  });
}
