// What the map of services says in words.

/** @import { MapBox, MapEdge, ServiceMap } from "./types.js" */

import { at } from "./address.js";
import { ms, plural } from "./format.js";
import { command } from "./settings.js";

/** @type {Record<string, string>} */
export const KINDS = {
  service: "service",
  datastore: "datastore",
  address: "address, not traced",
  "by hand": "timed by hand",
  agent: "gets the spans",
};

/**
 * How often something happens, in about two digits.
 * @param {number} perSecond
 */
export function rate(perSecond) {
  if (perSecond >= 9.95) return `${Math.round(perSecond)}/s`;
  if (perSecond >= 0.095) return `${perSecond.toFixed(1)}/s`;
  const perMinute = perSecond * 60;
  return perMinute >= 0.95 ? `${Math.round(perMinute)}/min` : "<1/min";
}

/**
 * What stands at an edge, in at most three lines.
 * @param {MapEdge} edge
 */
export function figuresOf(edge) {
  if (edge.kind === "spans") return [`${rate(edge.per_second)} spans`];
  const lines = [rate(edge.per_second)];
  if (edge.p50 !== null) lines.push(`p50 ${ms(edge.p50)}`, `p95 ${ms(edge.p95)}`);
  return lines;
}

/**
 * How many calls failed; empty if none did, or if it's unknown.
 * @param {MapEdge} edge
 */
export function errorsOf({ errors, count }) {
  if (!errors) return "";
  const share = (errors / count) * 100;
  return share < 1 ? "<1% errors" : `${Math.round(share)}% errors`;
}

/**
 * The ends of an edge, such as `matchmaker → redis`.
 * @param {ServiceMap} map
 * @param {MapEdge} edge
 */
export function endsText({ boxes }, { from, to }) {
  return `${from === null ? "outside" : boxes[from].name} → ${boxes[to].name}`;
}

/**
 * An edge in one sentence, for those who can't see it.
 * @param {ServiceMap} map
 * @param {MapEdge} edge
 */
export function edgeText(map, edge) {
  if (edge.kind === "spans")
    return `${endsText(map, edge)}: ${plural(edge.count, "span")}, ${rate(edge.per_second)}`;
  const parts = [plural(edge.count, edge.kind === "timed" ? "line" : "request")];
  parts.push(rate(edge.per_second));
  if (edge.errors !== null) parts.push(edge.errors ? plural(edge.errors, "error") : "no errors");
  if (edge.p50 !== null) parts.push(`p50 ${ms(edge.p50)}`, `p95 ${ms(edge.p95)}`);
  return `${endsText(map, edge)}: ${parts.join(", ")}`;
}

/**
 * Where the map comes from, and what it can't know.
 * @param {ServiceMap} map
 */
export function sourceText({ source, traces, by_hand: byHand, measured, period }) {
  const since = `the last ${period < 90 ? plural(Math.round(period), "second") : plural(Math.round(period / 60), "minute")}`;
  if (source === "traces") return `From ${plural(traces, "trace")} of ${since}.`;
  const outside = measured
    ? `${plural(measured, "request")} of ${since}, measured from outside by the sender (\`${command("traffic")}\` or Try it)`
    : "";
  if (source === "outside")
    return `From ${outside}. So far, nothing shows what web calls to answer them.`;
  const lines = `${plural(byHand, "request")} that you timed by hand in \`timing.log\``;
  return `From ${lines}${outside ? `, and from ${outside}` : ` in ${since}`}. A line has a name and a duration. It doesn't say which service did the work, or whether it failed, and the arrows between lines are a guess.`;
}

/**
 * What the picture leaves out; empty if it shows everything.
 * @param {ServiceMap} map
 */
export function notDrawn({ more_boxes: boxes, more_edges: edges }) {
  if (!boxes && !edges) return "";
  const left = [
    boxes && `${boxes} more ${boxes > 1 ? "boxes" : "box"}`,
    edges && `${edges} more ${edges > 1 ? "arrows" : "arrow"}`,
  ];
  return `… and ${left.filter(Boolean).join(" and ")}. The picture shows the boxes that are called most often.`;
}

/**
 * Where to read more about a box: the list of its traces, or the latencies if nothing traces it.
 * @param {MapBox} box
 */
export function linkOf({ kind, service }) {
  // Without `hand`, the list leaves out what was timed by hand once the code is traced.
  const byHand = kind === "by hand" ? "&hand=1" : "";
  if (service) return at(`/traces?service=${encodeURIComponent(service)}${byHand}`);
  return at(kind === "agent" ? "/traces" : "/latency");
}
