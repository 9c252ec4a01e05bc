// The time ranges of the latency view and of the map, and how the tab remembers the one that
// somebody chose last.

/** @type {Record<string, number>} */
export const RANGES = { "5 minutes": 300, "15 minutes": 900, "1 hour": 3600 };
export const SHORTEST = Math.min(...Object.values(RANGES));

/**
 * The time range in an address, in seconds. The shortest one if it has none that the page offers.
 * @param {string} search the query string
 */
export function secondsIn(search) {
  const seconds = Number(new URLSearchParams(search).get("seconds"));
  return Object.values(RANGES).includes(seconds) ? seconds : SHORTEST;
}

/**
 * Without a query, as in the links in the header, put the one of the last visit into the address.
 * @param {string} view
 */
export function recall(view) {
  if (location.search) return;
  history.replaceState(null, "", sessionStorage.getItem(view) || location.pathname);
}
