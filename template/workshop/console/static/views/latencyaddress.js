// What the latency view shows: the time range, the route, and the chosen moment. It's in the address.

import { useLayoutEffect, useState } from "../html.js";
import { recall, SHORTEST, secondsIn } from "../timerange.js";

// JavaScript's dates end there.
const LAST_SECOND = 8.64e12;

/**
 * @typedef {object} Asked
 * @property {number} seconds
 * @property {string} route empty for the pairing
 * @property {"traces" | "outside"} by
 * @property {number | null} at a moment, in seconds since the epoch
 */

/**
 * What the address says, and a function that changes it. Without a query, as in the link in the
 * header, everything is as on the last visit.
 * @returns {[Asked, (changed: Partial<Asked>) => void]}
 */
export function useAsked() {
  const [asked, setAsked] = useState(() => {
    recall("latency");
    return askedIn(location.search);
  });
  useLayoutEffect(() => {
    const { pathname } = location;
    const back = () => location.pathname === pathname && setAsked(askedIn(location.search)); // or it's another view
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  /** @param {Partial<Asked>} changed */
  function change(changed) {
    const now = { ...asked, ...changed };
    sessionStorage.setItem("latency", askedSearch({ ...now, at: null }));
    history.pushState(null, "", askedSearch(now) || location.pathname);
    setAsked(now);
  }
  return [asked, change];
}

/**
 * @param {string} search the query string of the address
 * @returns {Asked}
 */
function askedIn(search) {
  const query = new URLSearchParams(search);
  const at = Number(query.get("at") ?? Number.NaN) / 1000;
  return {
    seconds: secondsIn(search),
    route: query.get("route") ?? "",
    by: query.get("by") === "outside" ? "outside" : "traces",
    at: Math.abs(at) <= LAST_SECOND ? at : null,
  };
}

/** @param {Asked} asked */
function askedSearch({ seconds, route, by, at }) {
  const query = new URLSearchParams();
  if (seconds !== SHORTEST) query.set("seconds", String(seconds));
  if (route) query.set("route", route);
  if (by !== "traces") query.set("by", by);
  if (at !== null) query.set("at", String(Math.round(at * 1000)));
  return query.size ? `?${query}` : "";
}
