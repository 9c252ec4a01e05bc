// Where each trace is in the plot of durations over time, and what the axes say.

/** @import { Summary } from "./types.js" */

import { clock, hasTime, ms, plural, tickLabel } from "./format.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];
// Pixels for each label of the axis of time, and for each line of the axis of durations.
const LABEL_ROOM = 68;
const LONG_LABEL_ROOM = 96;
const LINE_ROOM = 34;
// If the slowest trace takes so many times as long as the median, the axis is logarithmic.
const SPREAD = 50;
const MOST_DECADES = 6;

/**
 * @typedef {"good" | "failed" | "handmade"} Kind
 * @typedef {{x: number, y: number, kind: Kind, trace: Summary}} Point places in pixels
 * @typedef {{at: number, text: string}} Tick a place in pixels, and a label
 *
 * @typedef {object} Plot
 * @property {number} width in pixels, like `height`
 * @property {number} height
 * @property {number} from in milliseconds since the epoch, like `to`
 * @property {number} to
 * @property {Point[]} points failed ones last, so that they are on top
 * @property {Tick[]} times
 * @property {Tick[]} durations
 * @property {boolean} isLogarithmic
 * @property {number} untimed how many traces aren't in it, because nobody knows when they began
 */

/**
 * @param {Summary[]} traces
 * @param {[from: number, to: number]} range infinite where the traces decide
 * @param {number} width
 * @param {number} height
 * @returns {Plot}
 */
export function plotOf(traces, range, width, height) {
  const timed = traces.filter(hasTime);
  const [from, to] = timesOf(timed, range);
  const { y, durations, isLogarithmic } = scaleOf(timed, height);
  const place = (/** @type {number} */ time) => ((time - from) / (to - from)) * width;
  const points = timed.map((trace) => ({
    x: place(trace.root_start),
    y: y(trace.duration),
    kind: kindOf(trace),
    trace,
  }));
  return {
    width,
    height,
    from,
    to,
    points: [
      ...points.filter((point) => point.kind !== "failed"),
      ...points.filter((point) => point.kind === "failed"),
    ],
    times: timeTicks(from, to, width).map((time) => ({ at: place(time.at), text: time.text })),
    durations,
    isLogarithmic,
    untimed: traces.length - timed.length,
  };
}

/**
 * @param {Summary} trace
 * @returns {Kind}
 */
export function kindOf(trace) {
  if (trace.error) return "failed";
  return trace.handmade ? "handmade" : "good";
}

/**
 * The point next to a place, if it's near enough to be meant.
 * @param {Plot} plot
 * @param {number} x
 * @param {number} y
 * @param {number} most in pixels
 */
export function nearest({ points }, x, y, most) {
  /** @type {Point | null} */
  let found = null;
  let best = most;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance > best) continue;
    found = point;
    best = distance;
  }
  return found;
}

/**
 * The time at a place, which can be beyond the edges.
 * @param {Plot} plot
 * @param {number} x
 */
export function timeAt({ from, to, width }, x) {
  return Math.round(from + (Math.min(Math.max(x, 0), width) / width) * (to - from));
}

/**
 * The plot in words.
 * @param {Plot} plot
 */
export function plotLabel({ points, from, to }) {
  if (!points.length) return "Duration over time: no traces";
  const durations = points.map(({ trace }) => trace.duration);
  const failed = points.filter((point) => point.kind === "failed").length;
  const least = ms(durations.reduce((a, b) => Math.min(a, b)));
  const most = ms(durations.reduce((a, b) => Math.max(a, b)));
  const span = least === most ? least : `${least} to ${most}`;
  return `Duration over time: ${plural(points.length, "trace")} from ${label(from, to - from)} to ${label(to, to - from)}, ${span}, ${failed} with errors. The list has the same traces.`;
}

/**
 * One trace in words.
 * @param {Summary} trace
 */
export function pointLabel({ root_start, resource, duration, error }) {
  return `${clock(root_start)}: ${resource}, ${ms(duration)}${error ? ", error" : ""}`;
}

/**
 * @param {Summary[]} timed
 * @param {[from: number, to: number]} range
 */
function timesOf(timed, range) {
  let [least, most] = [Infinity, -Infinity];
  for (const { root_start: start } of timed) {
    least = Math.min(least, start);
    most = Math.max(most, start);
  }
  if (least > most) [least, most] = [endOf(range), endOf(range)];
  const margin = most - least > 2 * SECOND ? (most - least) * 0.02 : MINUTE / 4;
  const from = Number.isFinite(range[0]) ? range[0] : Math.min(least - margin, range[1] - 1);
  const to = Number.isFinite(range[1]) ? range[1] : Math.max(most + margin, from + 1);
  return to > from ? [from, to] : [from, from + 1];
}

/** @param {number[]} range */
function endOf(range) {
  return range.find(Number.isFinite) ?? Date.now();
}

/**
 * @param {Summary[]} timed
 * @param {number} height
 */
function scaleOf(timed, height) {
  const values = timed.map((trace) => trace.duration).filter((duration) => duration > 0);
  values.sort((a, b) => a - b);
  const most = values.at(-1) ?? 1;
  const median = values[Math.floor(values.length / 2)] ?? most;
  if (most > SPREAD * median) return logarithmic(values, most, height);
  const top = most * 1.12;
  const y = (/** @type {number} */ value) => height * (1 - Math.max(value, 0) / top);
  const step = roundStep(top / Math.max(1, Math.floor(height / LINE_ROOM)));
  const lines = Array.from({ length: Math.floor(top / step) + 1 }, (_, number) => number * step);
  const durations = lines.map((value) => ({ at: y(value), text: tickLabel(value) }));
  return { y, durations, isLogarithmic: false };
}

/**
 * @param {number[]} values above zero, in order
 * @param {number} most
 * @param {number} height
 */
function logarithmic(values, most, height) {
  const high = Math.log10(most * 1.5);
  const low = Math.max(Math.log10(values[0] / 2), high - MOST_DECADES);
  const y = (/** @type {number} */ value) =>
    height * (1 - Math.max(0, Math.log10(Math.max(value, 1e-9)) - low) / (high - low));
  const every = Math.ceil((high - low) / Math.max(1, Math.floor(height / LINE_ROOM)));
  const durations = [];
  for (let power = Math.ceil(low); power <= high; power += every)
    durations.push({ at: y(10 ** power), text: tickLabel(10 ** power) });
  return { y, durations, isLogarithmic: true };
}

/** @param {number} least */
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} width
 */
function timeTicks(from, to, width) {
  const room = to - from < (width / LABEL_ROOM) * SECOND ? LONG_LABEL_ROOM : LABEL_ROOM;
  const least = (to - from) / Math.max(1, Math.floor(width / room));
  const step = STEPS.find((one) => one >= least) ?? roundStep(least / DAY) * DAY;
  // Days and hours begin where the person is.
  const offset = new Date(clip(from)).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - offset) / step) * step + offset;
  const ticks = [];
  for (let at = first; at <= to; at += step) ticks.push({ at, text: label(at, step) });
  return ticks;
}

/**
 * A time, as exact as the distances between times need.
 * @param {number} time
 * @param {number} step
 */
function label(time, step) {
  if (step >= DAY) return new Date(clip(time)).toLocaleDateString();
  const text = clock(clip(time));
  if (step >= SECOND) return text;
  return `${text}.${String(Math.floor(time) % 1000).padStart(3, "0")}`;
}

/** @param {number} time */
function clip(time) {
  return Math.min(Math.max(time, -8.64e15), 8.64e15);
}
