// How the list of traces is sorted, which time it covers, and whether it includes what was timed by
// hand earlier. All of it is in the address, next to the filters.

/** @import { Summary } from "./types.js" */

/**
 * @typedef {"time" | "duration" | "spans" | "errors"} SortKey
 *
 * @typedef {object} Listing
 * @property {SortKey} sort
 * @property {boolean} ascending
 * @property {number} last only the last so many minutes; 0 for all
 * @property {number | null} from in milliseconds since the epoch, like `to`; null for no limit
 * @property {number | null} to
 * @property {boolean} byHand whether to list what was timed by hand, even if the code is traced now
 */

export const MINUTES = [0, 1, 5, 15];
const MINUTE_MS = 60_000;
// JavaScript's dates end there.
const LAST_DATE = 8.64e15;

/** @type {Record<SortKey, (trace: Summary) => number>} */
const VALUES = {
  time: (trace) => trace.root_start,
  duration: (trace) => trace.duration,
  spans: (trace) => trace.spans,
  errors: (trace) => (trace.error ? 1 : 0),
};

/** What each order is called: first with the largest value at the top, then with the smallest. */
export const ORDERS = /** @type {Record<SortKey, [string, string]>} */ ({
  time: ["newest first", "oldest first"],
  duration: ["slowest first", "fastest first"],
  spans: ["most spans first", "fewest spans first"],
  errors: ["errors first", "errors last"],
});

/**
 * @param {string} search the query string of the address
 * @returns {Listing}
 */
export function listingIn(search) {
  const query = new URLSearchParams(search);
  const sort = query.get("sort") ?? "";
  const last = Number(query.get("last"));
  const times = [timeIn(query.get("from")), timeIn(query.get("to"))];
  return inOrder({
    sort: Object.hasOwn(VALUES, sort) ? /** @type {SortKey} */ (sort) : "time",
    ascending: query.get("order") === "asc",
    last: times.every((time) => time === null) && MINUTES.includes(last) ? last : 0,
    from: times[0],
    to: times[1],
    byHand: query.has("hand"),
  });
}

/**
 * The same listing, with the earlier one of its two times first.
 * @param {Listing} listing
 * @returns {Listing}
 */
export function inOrder(listing) {
  const { from, to } = listing;
  if (from === null || to === null || from <= to) return listing;
  // Each time is a whole second of a field, so the start has to begin it and the end to include it.
  const [first, last] = [to % 1000 === 999 ? to - 999 : to, from % 1000 === 0 ? from + 999 : from];
  return { ...listing, from: first, to: last };
}

/** @param {string | null} text */
function timeIn(text) {
  const time = text ? Number(text) : Number.NaN;
  return Math.abs(time) <= LAST_DATE ? Math.round(time) : null;
}

/**
 * The query string of the address, with the filters and the listing.
 * @param {string} filters the query string with only the filters
 * @param {Listing} listing
 */
export function listSearch(filters, { sort, ascending, last, from, to, byHand }) {
  const query = new URLSearchParams(filters);
  if (sort !== "time") query.set("sort", sort);
  if (ascending) query.set("order", "asc");
  if (last) query.set("last", String(last));
  if (from !== null) query.set("from", String(from));
  if (to !== null) query.set("to", String(to));
  if (byHand) query.set("hand", "1");
  return query.size ? `?${query}` : "";
}

/**
 * The times to list, in milliseconds since the epoch. They can be infinite.
 * @param {Listing} listing
 * @param {number} now
 * @returns {[from: number, to: number]}
 */
export function rangeOf({ last, from, to }, now) {
  if (last) return [now - last * MINUTE_MS, Infinity];
  return [from ?? -Infinity, to ?? Infinity];
}

/**
 * @param {Summary[]} traces
 * @param {[from: number, to: number]} range
 */
export function inRange(traces, [from, to]) {
  if (from === -Infinity && to === Infinity) return traces;
  return traces.filter(({ root_start: start }) => start >= from && start <= to);
}

/**
 * @param {Summary[]} traces newest first, which is also the order of those with the same value
 * @param {Pick<Listing, "sort" | "ascending">} listing
 */
export function sorted(traces, { sort, ascending }) {
  if (sort === "time") return ascending ? traces.toReversed() : traces;
  const value = VALUES[sort];
  const sign = ascending ? 1 : -1;
  return traces.toSorted((a, b) => sign * (value(a) - value(b)));
}

/**
 * Leave out what was timed by hand earlier, if the code is traced now. Before that, it is what the
 * list is about.
 * @param {Summary[]} traces
 * @param {number} step
 * @param {number} tracingStep the step in which trainees trace the code
 * @returns {{listed: Summary[], byHand: number}} `byHand` is how many of them are from earlier
 */
export function withoutEarlier(traces, step, tracingStep) {
  const listed = traces.filter((trace) => !trace.handmade);
  const isTraced = step > tracingStep || (step === tracingStep && listed.length > 0);
  return isTraced
    ? { listed, byHand: traces.length - listed.length }
    : { listed: traces, byHand: 0 };
}

/**
 * The value of a field for a date and a time.
 * @param {number | null} time
 */
export function fieldOf(time) {
  if (time === null) return "";
  const local = time - new Date(time).getTimezoneOffset() * MINUTE_MS;
  const text = Math.abs(local) <= LAST_DATE ? new Date(local).toISOString() : "";
  return /^\d{4}-/.test(text) ? text.slice(0, 19) : "";
}

/**
 * The time that a field has; null if it is empty. The end of a range includes its whole second.
 * @param {string} text
 * @param {boolean} isEnd
 */
export function timeOf(text, isEnd) {
  const time = text ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return null;
  return isEnd && time % 1000 === 0 ? time + 999 : time;
}
