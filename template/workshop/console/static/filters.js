// The filters of the list of traces. They are in the address, so you can share a filtered list.

/** @import { Summary } from "./types.js" */

import { figure, plural } from "./format.js";
import { finder } from "./search.js";

/**
 * @typedef {object} Filters what was typed and chosen; empty for no filter
 * @property {string} text a search, which the server reads
 * @property {string} service
 * @property {string} resource
 * @property {string} min milliseconds
 * @property {string} error "1" to show only failed traces
 */

/** @type {(keyof Filters)[]} */
const FIELDS = ["text", "service", "resource", "min", "error"];

/**
 * @param {string} search the query string of the address
 * @returns {Filters}
 */
export function filtersIn(search) {
  const query = new URLSearchParams(search);
  const [text, service, resource, min] = FIELDS.map((name) => query.get(name) ?? "");
  return { text, service, resource, min, error: query.has("error") ? "1" : "" };
}

/**
 * The query string with these filters; empty if there are none.
 * @param {Filters} filters
 */
export function searchOf(filters) {
  const trimmed = { ...filters, text: filters.text.trim() };
  const query = new URLSearchParams(
    FIELDS.filter((name) => trimmed[name]).map((name) => [name, trimmed[name]]),
  );
  return query.size ? `?${query}` : "";
}

/**
 * A function that says whether a trace matches. What the text means is in `found` of search.js.
 * @param {Filters} filters
 * @returns {(trace: Summary) => boolean}
 */
export function matcher({ text, service, resource, min, error }) {
  const isFound = finder(text);
  const atLeast = Number(min) || 0;
  return (trace) =>
    (!error || trace.error) &&
    (!service || trace.services.includes(service)) &&
    (!resource || trace.resource === resource) &&
    trace.duration >= atLeast &&
    isFound(trace);
}

/**
 * The choices: all existing names, and the current choice.
 * @param {Iterable<string>} names
 * @param {string} chosen
 */
export function choices(names, chosen) {
  return [...new Set([...names, chosen])].filter(Boolean).sort();
}

/**
 * @param {number} wanted
 * @param {number} all
 */
export function countText(wanted, all) {
  return wanted === all ? plural(all, "trace") : `${figure(wanted)} of ${plural(all, "trace")}`;
}
