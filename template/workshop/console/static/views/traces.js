// The list of traces, with its filters, its time range, and the plot above it.

/** @import { Filters } from "../filters.js" */
/** @import { Listing } from "../listing.js" */
/** @import { Summary } from "../types.js" */

import { at } from "../address.js";
import { countText, filtersIn, matcher, searchOf } from "../filters.js";
import { figure } from "../format.js";
import { html, useEffect, useLayoutEffect, useMemo, useNews, useState, useTitle } from "../html.js";
import {
  inOrder,
  inRange,
  listingIn,
  listSearch,
  ORDERS,
  rangeOf,
  sorted,
  withoutEarlier,
} from "../listing.js";
import { live, newestFirst } from "../live.js";
import { tell } from "../parts.js";
import { tracingStep } from "../settings.js";
import { FilterForm } from "./filterform.js";
import { NoTraces } from "./notraces.js";
import { RangeBar } from "./rangebar.js";
import { Scatter } from "./scatter.js";
import { TraceTable } from "./tracetable.js";

const AT_FIRST = 200;
const TICK_MS = 2000;

/** @typedef {{filters: Filters, listing: Listing}} Address what the address says */

/** @param {{go: (url: string) => void}} props */
export function TracesView({ go }) {
  useTitle("Traces · Matchmaker");
  const [{ filters, listing }, setAddress] = useAddress();
  const [all, setAll] = useState(newestFirst);
  const [limit, setLimit] = useState(AT_FIRST);
  const [isPaused, setPaused] = useState(false);
  useNews(() => !isPaused && setAll(newestFirst()));
  useEffect(() => {
    if (!listing.last || isPaused) return;
    const timer = setInterval(() => setAll(newestFirst()), TICK_MS); // the time range moves on
    return () => clearInterval(timer);
  }, [listing.last, isPaused]);
  const { listed, byHand, wanted, range } = useMemo(
    () => choose(all, filters, listing, Date.now()),
    [all, filters, listing],
  );

  /** @param {Partial<Filters>} changed */
  function filter(changed) {
    change({ filters: { ...filters, ...changed }, listing }, true);
  }

  /** @param {Partial<Listing>} changed */
  function arrange(changed) {
    change({ filters, listing: inOrder({ ...listing, ...changed }) }, false);
  }

  /**
   * @param {Address} now
   * @param {boolean} isTyped whether each letter would be a page to go back to
   */
  function change(now, isTyped) {
    const everything = newestFirst();
    setAddress(now, isTyped);
    setAll(everything);
    setLimit(AT_FIRST);
    // Announcing every new trace would be a nuisance.
    const found = choose(everything, now.filters, now.listing, Date.now());
    const { sort, ascending } = now.listing;
    const order = sort === "time" && !ascending ? "" : `, ${ORDERS[sort][ascending ? 1 : 0]}`;
    tell(countText(found.wanted.length, found.listed.length) + order);
  }

  function togglePause() {
    if (isPaused) setAll(newestFirst());
    setPaused(!isPaused);
  }

  return html`
    <div class="bar">
      <h1>Traces</h1>
      <p class="count">${countText(wanted.length, listed.length)}</p>
      <button type="button" class="quiet" aria-pressed=${String(isPaused)} onClick=${togglePause}>${isPaused ? "Resume" : "Pause"}</button>
      <a class="button quiet" href=${at("/compare")}>Compare two</a>
    </div>
    <${FilterForm} filters=${filters} onFilter=${filter} traces=${listed} />
    ${all.length > 0 && html`<${RangeBar} listing=${listing} onChange=${arrange} byHand=${byHand} />`}
    <p class="note plain unread" hidden=${!live.state.left_out}>${live.state.left_out}</p>
    ${listed.length > 0 && html`<${Scatter} traces=${wanted} range=${range} onRange=${(/** @type {number} */ from, /** @type {number} */ to) => arrange({ from, to, last: 0 })} go=${go} />`}
    <${TraceTable} traces=${listed} wanted=${wanted.slice(0, limit)} text=${filters.text} listing=${listing} onChange=${arrange} />
    ${
      wanted.length > limit &&
      html`<button type="button" class="more" onClick=${() => setLimit(Infinity)}>${`Show all ${figure(wanted.length)}`}</button>`
    }
    ${!wanted.length && html`<${NoTraces} isFiltered=${listed.length > 0} byHand=${byHand} />`}
  `;
}

/**
 * What the address says, and a function that changes it. Back and forward work, too.
 * @returns {[Address, (now: Address, isTyped: boolean) => void]}
 */
function useAddress() {
  const read = () => ({
    filters: filtersIn(location.search),
    listing: listingIn(location.search),
  });
  const [address, setAddress] = useState(read);
  useLayoutEffect(() => {
    const { pathname } = location;
    const back = () => location.pathname === pathname && setAddress(read()); // or it's another view
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  useLayoutEffect(() => {
    sessionStorage.setItem("list", location.search); // the way back from a trace
  }, [address]);

  /**
   * @param {Address} now
   * @param {boolean} isTyped
   */
  function change(now, isTyped) {
    const search = listSearch(searchOf(now.filters), now.listing) || location.pathname;
    if (isTyped) history.replaceState(null, "", search);
    else history.pushState(null, "", search);
    setAddress(now);
  }
  return [address, change];
}

/**
 * The traces to list, all of which the list is about, and how many were timed by hand earlier.
 * @param {Summary[]} all newest first
 * @param {Filters} filters
 * @param {Listing} listing
 * @param {number} now
 */
function choose(all, filters, listing, now) {
  const split = withoutEarlier(all, live.state.step ?? 0, tracingStep);
  const listed = listing.byHand ? all : split.listed;
  const range = rangeOf(listing, now);
  const matching = inRange(listed, range).filter(matcher(filters));
  if (listing.last)
    range[1] = matching.reduce((most, trace) => Math.max(most, trace.root_start), now);
  return { listed, byHand: split.byHand, wanted: sorted(matching, listing), range };
}
