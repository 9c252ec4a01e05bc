// The part of a trace's time that its picture shows, as one reads, moves, and writes it.

import { ms } from "./format.js";

/**
 * A part of a trace's time, in milliseconds since the trace's start.
 * @typedef {object} Zoom
 * @property {number} from
 * @property {number} to
 */

/** The shortest part to show, in milliseconds: figures have no digits below a microsecond. */
const SHORTEST = 0.01;
/** Below this share of a trace, its times have no more digits that differ. */
const LEAST_SHARE = 1e-12;
/** How many pixels a picture has at most, about: what is smaller than one of them isn't visible. */
export const PIXELS = 1000;

/**
 * This part of the trace, moved so that it fits in. Null if that is the whole trace, or no part at all.
 * @param {number} from
 * @param {number} to
 * @param {number} total the duration of the trace
 * @returns {Zoom | null}
 */
export function fitted(from, to, total) {
  if (!(Number.isFinite(from) && Number.isFinite(to) && to > from)) return null;
  const least = Math.min(Math.max(SHORTEST, total * LEAST_SHARE), total);
  const middle = (from + to) / 2;
  const width = Math.max(to - from, least);
  if (width >= total) return null;
  const start = Math.min(Math.max(middle - width / 2, 0), total - width);
  return { from: start, to: start + width };
}

/**
 * Zoom in (a factor below 1) or out. What is at the time `at` stays in its place.
 * @param {Zoom} zoom
 * @param {number} total
 * @param {number} factor
 * @param {number} [at]
 */
export function zoomed({ from, to }, total, factor, at = (from + to) / 2) {
  const width = Math.max((to - from) * factor, Math.min(SHORTEST, total));
  const start = at - ((at - from) / (to - from)) * width;
  return fitted(start, start + width, total);
}

/**
 * Move by a share of what is shown: to later times if it's above 0.
 * @param {Zoom} zoom
 * @param {number} total
 * @param {number} share
 */
export function panned({ from, to }, total, share) {
  const step = (to - from) * share;
  return fitted(from + step, to + step, total);
}

/**
 * The part to show so that a span is in it. The same part if the span already is.
 * @param {Zoom} zoom
 * @param {number} total
 * @param {{start: number, duration: number}} span
 */
export function showing(zoom, total, { start, duration }) {
  if (start < zoom.to && start + duration > zoom.from) return fitted(zoom.from, zoom.to, total);
  const half = Math.max((zoom.to - zoom.from) / 2, duration * 0.6);
  const middle = start + duration / 2;
  return fitted(middle - half, middle + half, total);
}

/**
 * The parts of these stretches of time that are in the zoom. Stretches closer together than a pixel
 * become one, so that there is never more to draw than a screen has pixels.
 * @param {[from: number, to: number][]} stretches in the order of time
 * @param {Zoom} zoom
 */
export function within(stretches, zoom) {
  const pixel = (zoom.to - zoom.from) / PIXELS;
  /** @type {[number, number][]} */
  const found = [];
  for (const [from, to] of stretches) {
    if (!(to >= zoom.from && from <= zoom.to && to >= from)) continue; // also leaves out NaN
    const [start, end] = [Math.max(from, zoom.from), Math.min(to, zoom.to)];
    const last = found.at(-1);
    if (last && start - last[1] < pixel) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}

/**
 * In words.
 * @param {Zoom | null} zoom
 * @param {number} total
 */
export function zoomText(zoom, total) {
  if (!zoom) return `All ${ms(total)}`;
  return `${ms(zoom.to - zoom.from)} of ${ms(total)}, from ${ms(zoom.from)} on`;
}

/**
 * One end of a zoom in an address, with as many digits as it needs.
 * @param {number} time
 * @param {number} width of the zoom
 */
export function timeInAddress(time, width) {
  const digits = Math.min(Math.max(4 - Math.floor(Math.log10(width)), 0), 12);
  return String(Number(time.toFixed(digits)));
}
