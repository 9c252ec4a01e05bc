// The spans that a search within a trace found: which one comes next, and what the page says.

import { plural } from "./format.js";

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
      ? `${at + 1} of ${hits.length}`
      : plural(hits.length, "hit")
    : "No hits";
  return elsewhere ? `${there} (and ${elsewhere} in the framework's own spans)` : there;
}
