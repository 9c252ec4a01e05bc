// How the page writes figures and times.

/** @import { Summary } from "./types.js" */

const DAY_MS = 86_400_000;

/**
 * A duration in milliseconds, in about three digits.
 * @param {number | null} value
 */
export function ms(value) {
  if (value === null) return "–";
  if (value >= 365.25 * DAY_MS) return `${(value / DAY_MS / 365.25).toFixed(1)} years`;
  if (value >= DAY_MS) return `${(value / DAY_MS).toFixed(1)} days`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 100) return `${Math.round(value)} ms`;
  if (value >= 10) return `${value.toFixed(1)} ms`;
  if (value >= 0.095) return `${value.toFixed(2)} ms`;
  return value ? `${Math.round(value * 1000)} µs` : "0 ms";
}

/**
 * A duration on an axis, where figures are round: without zeros after the decimal point.
 * @param {number} value
 */
export function tickLabel(value) {
  return value ? ms(value).replace(/\.0+ /, " ") : "0";
}

/** @param {number} share */
export function percent(share) {
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(share * 100)}%`;
}

/**
 * A share that somebody chose, as exact as they wrote it.
 * @param {number} value
 */
export function share(value) {
  return `${Number((value * 100).toPrecision(6))}%`;
}

// Created only once, because creating one takes longer than drawing a row.
const timeOfDay = new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" });

/**
 * The time of day, to the second.
 * @param {number} milliseconds since the epoch
 */
export function clock(milliseconds) {
  return timeOfDay.format(milliseconds);
}

/**
 * Whether it's known when a trace began. A trace can begin at any time, but nobody knows it for lines
 * that were in timing.log before the console started.
 * @param {Summary} trace
 */
export function hasTime(trace) {
  return trace.root_start >= DAY_MS;
}

/**
 * When a trace began.
 * @param {Summary} trace
 */
export function begin(trace) {
  return hasTime(trace) ? clock(trace.root_start) : "earlier";
}

const grouped = new Intl.NumberFormat("en-US");

/**
 * A count, with commas between its thousands.
 * @param {number} count
 */
export function figure(count) {
  return grouped.format(count);
}

/**
 * @param {number} count
 * @param {string} word
 */
export function plural(count, word) {
  return `${figure(count)} ${word}${count === 1 ? "" : "s"}`;
}

/**
 * How many spans a trace has, or how many lines if it's timed by hand. That's always the number of
 * all its spans. If the pictures leave some out at first, the text says how many remain.
 * @param {Pick<Summary, "spans" | "shown" | "handmade">} trace
 */
export function spansText({ spans, shown, handmade }) {
  const all = plural(spans, handmade ? "line" : "span");
  return shown === spans ? all : `${all}, ${figure(shown)} without the framework's own`;
}

/**
 * A part of an address, decoded for people. Unchanged if its percent signs aren't an encoding.
 * @param {string} part
 */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
