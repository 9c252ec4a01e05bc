// The trace that a page shows while more spans arrive, and what somebody looks at in it.

/** @import { Span, Trace } from "../types.js" */
/** @import { TraceState } from "../viewaddress.js" */

import { ask, sentence } from "../api.js";
import { useEffect, useLayoutEffect, useNews, useRef, useState } from "../html.js";
import { live } from "../live.js";
import { worst } from "../spans.js";
import { stateIn, stateSearch } from "../viewaddress.js";

/** Browsers refuse addresses that change more than about a hundred times in ten seconds. */
const MOST_WRITES = 30;
const WITHIN_MS = 10_000;
const PAUSE_MS = 500;

/**
 * The trace, requested again whenever more of its spans arrive.
 * @param {string} id
 */
export function useTrace(id) {
  const [trace, setTrace] = useState(/** @type {Trace | null} */ (null));
  const [problem, setProblem] = useState("");
  const seen = useRef(live.traces.get(id));
  const asked = useRef(0);

  async function load() {
    asked.current += 1;
    const number = asked.current;
    seen.current = live.traces.get(id);
    try {
      const found = await ask(`/api/traces/${encodeURIComponent(id)}`);
      if (number === asked.current) setTrace(found);
    } catch (error) {
      setProblem(sentence(error));
    }
  }

  useEffect(() => {
    load();
  }, []);
  useNews(() => {
    const now = live.traces.get(id);
    if (now && now !== seen.current) load();
  });
  return { trace, problem };
}

/**
 * What somebody looks at, as the address has it. `link()` is an address that shows the same in a
 * tab that remembers something else.
 *
 * It replaces the address and adds no steps to the history: the browser's back button leads to the
 * page before, not through each selected span.
 */
export function useTraceState() {
  const [state, setState] = useState(() => stateIn(location.search, usual()));
  const latest = useRef(state);
  const path = useRef(location.pathname);
  const search = stateSearch(state, usual());
  useAddress(path.current, search);

  /** @param {Partial<TraceState>} part */
  function change(part) {
    latest.current = { ...latest.current, ...part };
    if (part.view) sessionStorage.setItem("picture", part.view);
    if (part.framework !== undefined)
      sessionStorage.setItem("everything", part.framework ? "yes" : "no");
    setState(latest.current);
  }

  useLayoutEffect(() => {
    const back = () => location.pathname === path.current && change(stateIn(location.search));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const link = () => `${location.origin}${path.current}${stateSearch(state, {})}`;
  return { state, change, link };
}

/** What somebody chose in the trace before. */
function usual() {
  const view = sessionStorage.getItem("picture") === "flame" ? "flame" : "waterfall";
  return /** @type {const} */ ({ view, framework: sessionStorage.getItem("everything") === "yes" });
}

/**
 * Put the state into the address, as often as browsers allow.
 * @param {string} path
 * @param {string} search
 */
function useAddress(path, search) {
  const written = useRef(/** @type {number[]} */ ([]));
  useLayoutEffect(() => {
    const now = Date.now();
    written.current = written.current.filter((time) => time > now - WITHIN_MS);
    const write = () => {
      if (location.pathname !== path || location.search === search) return;
      written.current.push(Date.now());
      history.replaceState(history.state, "", `${path}${search}${location.hash}`);
    };
    if (written.current.length < MOST_WRITES) {
      write();
      return;
    }
    const timer = setTimeout(write, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search]);
}

/**
 * The selected span. It stays selected while more spans arrive.
 * @param {Span[]} spans
 * @param {string} wanted its ID, if somebody chose one
 * @param {boolean} isFailed whether to select the error first
 */
export function useSelected(spans, wanted, isFailed) {
  const shown = useRef("");
  const selected =
    spans.find((span) => span.id === wanted) ??
    spans.find((span) => span.id === shown.current) ??
    (isFailed ? worst(spans) : spans[0]);
  if (selected) shown.current = selected.id;
  return selected;
}
