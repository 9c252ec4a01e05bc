// Computes latencies for drawing.

/** @import { Bucket, LatencyDocument, Mark, MergedRoute, Route } from "./types.js" */

import { clock, ms, plural } from "./format.js";

/**
 * One row for each route, sorted: first those that traces measured, from inside, and then those that
 * only their sender measured, from outside.
 * @param {Route[]} routes
 * @returns {MergedRoute[]}
 */
export function merged(routes) {
  /** @type {Map<string, MergedRoute>} */
  const byName = new Map();
  for (const route of routes) {
    const name = route.route;
    const row = byName.get(name) ?? { name, count: 0, inside: null, outside: null };
    row[route.by === "outside" ? "outside" : "inside"] = route;
    row.count = (row.inside ?? route).count;
    byName.set(name, row);
  }
  return [...byName.values()].sort(
    (a, b) => Number(b.inside !== null) - Number(a.inside !== null) || b.count - a.count,
  );
}

/**
 * The row to draw: the chosen one if it exists, or else the pairing.
 * @param {MergedRoute[]} rows
 * @param {string} name
 * @returns {MergedRoute | undefined}
 */
export function chosen(rows, name) {
  return (
    rows.find((each) => each.name === name) ??
    rows.find((each) => each.name.includes("/pair")) ??
    rows[0]
  );
}

/**
 * What a chart of a route is called.
 * @param {Route} route
 */
export function nameOf({ route, by }) {
  return by === "outside" ? `${route}, from outside` : route;
}

/**
 * The part of a series at a time; if there is none, undefined.
 * @param {Bucket[]} series
 * @param {number} width of each part, in seconds
 * @param {number | null} at in seconds
 */
export function bucketAt(series, width, at) {
  return at === null ? undefined : series.find(({ time }) => time <= at && at < time + width);
}

/**
 * The part of a series whose middle is the nearest to a time.
 * @param {Bucket[]} series
 * @param {number} width
 * @param {number} at
 */
export function bucketNear(series, width, at) {
  const distance = (/** @type {Bucket} */ { time }) => Math.abs(time + width / 2 - at);
  return series.reduce(
    (best, bucket) => (best && distance(best) <= distance(bucket) ? best : bucket),
    /** @type {Bucket | undefined} */ (undefined),
  );
}

/**
 * The part of a series before a time (`-1`) or after it (`1`). Without a time, the last one comes
 * before it.
 * @param {Bucket[]} series
 * @param {Bucket | undefined} bucket
 * @param {number | null} at
 * @param {-1 | 1} direction
 */
export function bucketBeside(series, bucket, at, direction) {
  if (at === null) return direction < 0 ? series.at(-1) : undefined;
  const from = bucket?.time ?? at;
  return direction < 0
    ? series.findLast(({ time }) => time < from)
    : series.find(({ time }) => time > from);
}

/** @type {["slowest" | "median" | "error", string][]} */
const TYPICAL = [
  ["slowest", "Slowest"],
  ["median", "Median"],
  ["error", "An error"],
];

/**
 * The traces to look at in a part of a series, each once.
 * @param {Bucket} bucket
 */
export function typical(bucket) {
  /** @type {{id: string, text: string}[]} */
  const found = [];
  for (const [name, label] of TYPICAL) {
    const one = bucket[name];
    if (!one) continue;
    const before = found.find(({ id }) => id === one.id);
    if (before)
      before.text = `${bucket.errors ? "Without an error" : "The only one"}: ${ms(one.duration)}`;
    else found.push({ id: one.id, text: `${label}: ${ms(one.duration)}` });
  }
  return found;
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
 * @param {Route} route
 * @param {number} seconds
 */
export function chartLabel(route, seconds) {
  const { count, p50, p95, errors } = route;
  return `${nameOf(route)} in the last ${seconds / 60} minutes: ${plural(count, "request")}, p50 ${ms(p50)}, p95 ${ms(p95)}, ${plural(errors, "error")}`;
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
