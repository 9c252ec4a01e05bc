// How figures and times are written.

/** @import { Summary } from "./types.js" */

const DAY = 86_400_000;

/**
 * A duration in milliseconds, in three digits or so.
 * @param {number | null} value
 */
export function ms(value) {
  if (value === null) return "–";
  if (value >= 365.25 * DAY) return `${(value / DAY / 365.25).toFixed(1)} years`;
  if (value >= DAY) return `${(value / DAY).toFixed(1)} days`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 100) return `${Math.round(value)} ms`;
  if (value >= 10) return `${value.toFixed(1)} ms`;
  if (value >= 0.095) return `${value.toFixed(2)} ms`;
  return value ? `${Math.round(value * 1000)} µs` : "0 ms";
}

/**
 * A duration at a line of an axis, where figures are round: without zeros behind the point.
 * @param {number} value
 */
export function tickLabel(value) {
  return value ? ms(value).replace(/\.0+ /, " ") : "0";
}

/** @param {number} share */
export function percent(share) {
  return share > 0 && share < 0.01 ? "<1%" : `${Math.round(share * 100)}%`;
}

// Made once: making one takes longer than all else about a line.
const timeOfDay = new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" });

/**
 * The time of day, to the second.
 * @param {number} milliseconds since the epoch
 */
export function clock(milliseconds) {
  return timeOfDay.format(milliseconds);
}

/**
 * When a trace began; of lines that were in timing.log before the console ran, nobody knows.
 * @param {Summary} trace
 */
export function begin(trace) {
  return trace.root_start < DAY ? "earlier" : clock(trace.root_start);
}

/**
 * @param {number} count
 * @param {string} word
 */
export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/**
 * A part of an address as people read it; as it stands where its percent signs mean nothing.
 * @param {string} part
 */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
