// Computes latencies for drawing.

/** @import { Bucket, LatencyDocument, Mark, NamedRoute, Route } from "./types.js" */

import { clock, ms, plural } from "./format.js";

/**
 * All routes, sorted: first those measured in traces, from inside, and then those measured from
 * outside.
 * @param {Route[]} routes
 * @returns {NamedRoute[]}
 */
export function ordered(routes) {
  return routes
    .map((route) => ({ ...route, name: nameOf(route) }))
    .sort((a, b) => b.by.localeCompare(a.by) || b.count - a.count);
}

/** @param {Route} route */
function nameOf({ route, by }) {
  return by === "outside" ? `${route}, from outside` : route;
}

/**
 * The route to draw: the chosen one if it exists, or else the pairing.
 * @param {NamedRoute[]} routes
 * @param {string} name
 * @returns {NamedRoute | undefined}
 */
export function chosen(routes, name) {
  return (
    routes.find((each) => each.name === name) ??
    routes.find((each) => each.route.includes("/pair")) ??
    routes[0]
  );
}

/**
 * The lists that uPlot needs, with a gap if there were no requests for a while.
 * @param {Bucket[]} series
 * @param {number} from in seconds, like `to`
 * @param {number} to
 */
export function columns(series, from, to) {
  const gap = Math.max(10, (to - from) / 20);
  /** @type {[number, number | null, number | null, number | null][]} */
  const rows = [];
  for (const bucket of series) {
    const last = rows.at(-1);
    if (last && bucket.time - last[0] > gap) rows.push([last[0] + gap / 2, null, null, null]);
    rows.push([bucket.time, bucket.p50, bucket.p95, bucket.errors || null]);
  }
  return [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
}

/** @param {number} seconds since the epoch */
export function time(seconds) {
  return clock(seconds * 1000);
}

/**
 * What the lines in the chart mean.
 * @param {Mark[]} marks
 * @param {boolean} mayRestart whether the chart marks a restart of web
 */
export function marksText(marks, mayRestart) {
  if (marks.length)
    return `Marked: ${marks.map((mark) => `${mark.text}, ${time(mark.time)}`).join("; ")}`;
  return `A line marks each change of the step${mayRestart ? " and each restart of web" : ""}. Failed requests count only as errors.`;
}

/**
 * The chart in words.
 * @param {NamedRoute} route
 * @param {number} seconds
 */
export function chartLabel({ name, count, p50, p95, errors }, seconds) {
  return `${name} in the last ${seconds / 60} minutes: ${plural(count, "request")}, p50 ${ms(p50)}, p95 ${ms(p95)}, ${plural(errors, "error")}`;
}

/**
 * The figures at one place in the chart; empty if there are none.
 * @param {ArrayLike<number | null | undefined>[]} data from `columns`
 * @param {number | null | undefined} at
 */
export function reading(data, at) {
  if (at == null) return "";
  const [times, p50s, p95s, errors] = data;
  const p50 = p50s[at] ?? null;
  if (p50 === null && !errors[at]) return "";
  const took = p50 === null ? "" : `p50 ${ms(p50)}, p95 ${ms(p95s[at] ?? null)}, `;
  return `${time(times[at] ?? 0)}: ${took}${plural(errors[at] ?? 0, "error")}`;
}

/** @param {LatencyDocument} document */
export function moreText({ more_routes: more }) {
  if (!more) return "";
  return `${plural(more, "more route")} with fewer requests ${more === 1 ? "isn't" : "aren't"} listed.`;
}
