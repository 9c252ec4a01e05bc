// The spans that a search within a trace found: which one comes next, and what the page says.

/** @import { Matched } from "./types.js" */

import { at } from "./address.js";
import { figure, plural } from "./format.js";

/**
 * The hit to go to.
 * @param {string[]} hits in the order of the picture
 * @param {(spanId: string) => number} placeOf its place in the picture
 * @param {1 | -1} step
 * @param {string} [current] the selected span
 * @returns {string | undefined}
 */
export function nextHit(hits, placeOf, step, current) {
  if (!hits.length) return undefined;
  const at = current ? hits.indexOf(current) : -1;
  if (at >= 0) return hits[(at + step + hits.length) % hits.length];
  const place = current ? placeOf(current) : -1;
  if (step > 0) return hits.find((hit) => placeOf(hit) > place) ?? hits[0];
  return hits.findLast((hit) => placeOf(hit) < place) ?? hits.at(-1);
}

/**
 * How many spans match, or which of them is selected.
 * @param {string[]} hits
 * @param {number} elsewhere how many more match that aren't drawn
 * @param {string} [current]
 */
export function hitText(hits, elsewhere, current) {
  const at = current ? hits.indexOf(current) : -1;
  const there = hits.length
    ? at >= 0
      ? `${figure(at + 1)} of ${figure(hits.length)}`
      : plural(hits.length, "hit")
    : "No hits";
  return there + inFramework(elsewhere);
}

/**
 * What follows the first hit in the list of traces: how many more there are, counted as the view of
 * the trace counts them. Empty if there are none.
 * @param {Matched} matched
 */
export function moreHits({ count, framework }) {
  const [more, elsewhere] = count ? [count - 1, framework] : [framework - 1, 0];
  return (more > 0 ? ` and ${figure(more)} more` : "") + inFramework(elsewhere);
}

/** @param {number} elsewhere */
function inFramework(elsewhere) {
  return elsewhere ? ` (and ${figure(elsewhere)} in the framework's own spans)` : "";
}

/**
 * The address of a trace in which a search found something. It leads to the first hit.
 * @param {string} id
 * @param {string} text what was searched for
 * @param {Matched} [matched]
 */
export function traceLink(id, text, matched) {
  const path = at(`/traces/${encodeURIComponent(id)}`);
  if (!matched) return path;
  const query = new URLSearchParams(matched.count ? {} : { framework: "1" });
  query.set("q", text.trim());
  if (matched.span) query.set("span", matched.span);
  return `${path}?${query}`;
}
