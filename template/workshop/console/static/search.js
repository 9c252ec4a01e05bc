// What the server found for the text in the search field, and what it offers to complete it.

/** @import { Completions, Matched, SearchAnswer, Summary } from "./types.js" */

import { ask } from "./api.js";
import { live } from "./live.js";

/**
 * The latest search that could be read. `number` says up to which change of the server it is true.
 * @type {{text: string, number: number, matched: Map<string, Matched>}}
 */
export const found = { text: "", number: 0, matched: new Map() };

/**
 * The summaries that `found` is about. After the console restarts, all of them are new.
 * @type {WeakSet<Summary>}
 */
let known = new WeakSet();

let latest = 0;

/**
 * Whether a trace matches the text. Any trace does while the server hasn't read the text.
 * @param {string} text
 * @returns {(trace: Summary) => boolean}
 */
export function finder(text) {
  const wanted = text.trim();
  if (!wanted || wanted !== found.text) return () => true;
  return (trace) => found.matched.has(trace.id);
}

/**
 * Which spans of a trace match the text.
 * @param {string} text
 * @param {string} id
 */
export function matchedIn(text, id) {
  return text.trim() && text.trim() === found.text ? found.matched.get(id) : undefined;
}

/**
 * Search all traces. Returns what is wrong with the text, and a hint if it found nothing; null if
 * a later search overtook this one. Throws an Error if the console doesn't answer.
 * @param {string} text
 * @returns {Promise<{problem: string, hint: string} | null>}
 */
export async function search(text) {
  latest += 1;
  const turn = latest;
  const wanted = text.trim();
  const summaries = [...live.traces.values()];
  if (!wanted) {
    take(wanted, summaries, { number: 0, traces: {}, others: [], problem: "", hint: "" });
    return { problem: "", hint: "" };
  }
  const answer = await asked(wanted, 0);
  if (turn !== latest) return null;
  if (!answer.problem) take(wanted, summaries, answer);
  return answer;
}

/**
 * Search the traces that came in since then. Returns whether that changed anything.
 * @returns {Promise<boolean>}
 */
export async function refresh() {
  const summaries = [...live.traces.values()];
  const fresh = summaries.filter((trace) => !known.has(trace));
  if (!found.text || !fresh.length) return false;
  for (const trace of fresh) known.add(trace);
  const turn = latest;
  // If all of them are new, the console restarted, and counts from 1 again.
  const since = fresh.length < summaries.length ? found.number : 0;
  const answer = await asked(found.text, since).catch((error) => {
    for (const trace of fresh) known.delete(trace); // try again at the next news
    throw error;
  });
  if (turn !== latest) return false;
  found.number = answer.number;
  for (const id of answer.others) found.matched.delete(id);
  for (const [id, one] of Object.entries(answer.traces)) found.matched.set(id, one);
  return true;
}

/**
 * What to offer for the term before the cursor.
 * @param {string} before
 * @returns {Promise<Completions>}
 */
export function completions(before) {
  return ask(`/api/search/offers?${new URLSearchParams({ q: before })}`);
}

/**
 * The text with the term before the cursor completed, and where the cursor is then.
 * @param {string} text
 * @param {number} cursor
 * @param {string} replaced the end of the text before the cursor
 * @param {string} offer
 * @returns {{text: string, cursor: number}}
 */
export function completed(text, cursor, replaced, offer) {
  const before = text.slice(0, cursor - replaced.length) + offer;
  const after = text.slice(cursor);
  const gap = offer.endsWith(":") || /^\s/.test(after) ? "" : " ";
  return { text: before + gap + after, cursor: before.length + (offer.endsWith(":") ? 0 : 1) };
}

/**
 * @param {string} text
 * @param {Summary[]} summaries
 * @param {SearchAnswer} answer
 */
function take(text, summaries, answer) {
  found.text = text;
  found.number = answer.number;
  found.matched = new Map(Object.entries(answer.traces));
  known = new WeakSet(summaries);
}

/**
 * @param {string} text
 * @param {number} since
 * @returns {Promise<SearchAnswer>}
 */
function asked(text, since) {
  return ask(`/api/search?${new URLSearchParams({ q: text, since: String(since) })}`);
}
