// What the comparison of two traces shows, and its address.

/** @import { Comparison, ComparedSide, Operation, OperationFigures, Summary } from "./types.js" */

import { at } from "./address.js";
import { begin, figure, ms } from "./format.js";
import { withoutEarlier } from "./listing.js";

/**
 * @typedef {object} Choice what the address says
 * @property {string} a the ID of the trace before
 * @property {string} b the ID of the trace after
 * @property {string} framework "1" to include the framework's own spans
 * @property {string} op the operation to highlight
 */

/** @type {(keyof Choice)[]} */
const FIELDS = ["a", "b", "framework", "op"];

/**
 * @param {string} search the query string of the address
 * @returns {Choice}
 */
export function choiceIn(search) {
  const query = new URLSearchParams(search);
  const [a, b, framework, op] = FIELDS.map((name) => query.get(name) ?? "");
  return { a, b, framework, op };
}

/**
 * The address of a comparison.
 * @param {Partial<Choice>} choice
 */
export function addressOf(choice) {
  const query = new URLSearchParams();
  for (const name of FIELDS) if (choice[name]) query.set(name, choice[name] ?? "");
  return at(query.size ? `/compare?${query}` : "/compare");
}

/** How the page says what became of an operation, and how it looks. */
export const VERDICTS = /** @type {Record<string, [text: string, kind: string]>} */ ({
  gone: ["Gone", "plain"],
  new: ["New", "plain"],
  faster: ["Faster", "good"],
  slower: ["Slower", "bad"],
  same: ["About the same", ""],
});

/**
 * The columns of the table: a heading, and the figure of one trace as text.
 * @type {[heading: string, text: (figures: OperationFigures) => string][]}
 */
export const COLUMNS = [
  ["Count", ({ count }) => String(count)],
  ["Total", ({ count, total }) => (count ? ms(total) : "–")],
  ["Self time", ({ count, self }) => (count ? ms(self) : "–")],
  ["On the critical path", ({ count, critical }) => (count ? ms(critical) : "–")],
];

/**
 * The columns of a comparison. If the order of the spans is a guess, there is no critical path.
 * @param {Pick<Comparison, "guessed">} found
 */
export function columnsOf({ guessed }) {
  return guessed ? COLUMNS.slice(0, -1) : COLUMNS;
}

/**
 * By how much the total of an operation changed, with its sign.
 * @param {Operation} operation
 */
export function difference({ a, b }) {
  const change = b.total - a.total;
  if (Math.abs(change) < 0.0005) return "0 ms"; // less than what a figure shows
  return `${change < 0 ? "−" : "+"}${ms(Math.abs(change))}`;
}

/**
 * The duration of the scale that both waterfalls share.
 * @param {Comparison} found
 */
export function scaleOf({ a, b }) {
  return Math.max(a.duration, b.duration, 0.001);
}

/**
 * A sentence if a waterfall leaves spans out.
 * @param {ComparedSide} side
 */
export function leftOut({ rows, shown }) {
  if (rows.length >= shown) return "";
  return `${figure(rows.length)} of ${figure(shown)} spans are drawn: those with errors first, then the longest. The table includes all of them.`;
}

/**
 * Leave out what was timed by hand earlier, as the list does, unless it's what somebody compares.
 * @param {Summary[]} traces
 * @param {Pick<Choice, "a" | "b">} choice
 * @param {number} step
 * @param {number} tracingStep the step in which trainees trace the code
 */
export function comparable(traces, { a, b }, step, tracingStep) {
  const isByHand = traces.some(({ id, handmade }) => handmade && (id === a || id === b));
  return isByHand ? traces : withoutEarlier(traces, step, tracingStep).listed;
}

/**
 * The traces to choose from: those of the same route first, then the newest first.
 * @param {Summary[]} traces the newest first
 * @param {string} chosen the ID of the other trace
 */
export function candidates(traces, chosen) {
  const other = traces.find((trace) => trace.id === chosen);
  const like = (/** @type {Summary} */ trace) => trace.resource === other?.resource;
  return other ? [...traces.filter(like), ...traces.filter((trace) => !like(trace))] : traces;
}

/**
 * A trace as one line of text.
 * @param {Summary} trace
 */
export function lineOf(trace) {
  const parts = [begin(trace), trace.resource.slice(0, 60), ms(trace.duration), trace.version];
  if (trace.handmade) parts.push("by hand");
  if (trace.error) parts.push("error");
  return parts.filter(Boolean).join(" · ");
}
