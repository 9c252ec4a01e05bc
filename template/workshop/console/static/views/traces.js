// The list of traces, with its filters.

/** @import { Filters } from "../filters.js" */
/** @import { Summary } from "../types.js" */

import { countText, filtersIn, matcher, searchOf } from "../filters.js";
import {
  html,
  useKeptFocus,
  useLayoutEffect,
  useMemo,
  useNews,
  useRef,
  useState,
  useTitle,
} from "../html.js";
import { live, newestFirst } from "../live.js";
import { palette } from "../palette.js";
import { moveFocus, tell } from "../parts.js";
import { FilterForm } from "./filterform.js";
import { NoTraces } from "./notraces.js";
import { TraceRow } from "./tracerow.js";

const AT_FIRST = 200;
const COLUMNS = ["Time", "Request", "Services", "Duration", "Spans", "Result"];

export function TracesView() {
  useTitle("Traces · Matchmaker");
  const [filters, setFilters] = useState(() => filtersIn(location.search));
  const [all, setAll] = useState(newestFirst);
  const [limit, setLimit] = useState(AT_FIRST);
  const [isPaused, setPaused] = useState(false);
  useNews(() => !isPaused && setAll(newestFirst()));
  const wanted = all.filter(matcher(filters));
  useLayoutEffect(() => {
    sessionStorage.setItem("list", location.search); // the way back from a trace
  }, [filters]);

  /** @param {Partial<Filters>} changed */
  function filter(changed) {
    const now = { ...filters, ...changed };
    const everything = newestFirst();
    history.replaceState(null, "", searchOf(now) || location.pathname);
    setFilters(now);
    setAll(everything);
    setLimit(AT_FIRST);
    // Announcing every new trace would be a nuisance.
    tell(countText(everything.filter(matcher(now)).length, everything.length));
  }

  function togglePause() {
    if (isPaused) setAll(newestFirst());
    setPaused(!isPaused);
  }

  return html`
    <div class="bar">
      <h1>Traces</h1>
      <p class="count">${countText(wanted.length, all.length)}</p>
      <button type="button" class="quiet" aria-pressed=${String(isPaused)} onClick=${togglePause}>${isPaused ? "Resume" : "Pause"}</button>
      <a class="button quiet" href="/compare">Compare two</a>
    </div>
    <${FilterForm} filters=${filters} onFilter=${filter} traces=${all} />
    <p class="note plain unread" hidden=${!live.state.left_out}>${live.state.left_out}</p>
    <${TraceTable} traces=${all} wanted=${wanted.slice(0, limit)} />
    ${
      wanted.length > limit &&
      html`<button type="button" class="more" onClick=${() => setLimit(Infinity)}>${`Show all ${wanted.length}`}</button>`
    }
    ${!wanted.length && html`<${NoTraces} isFiltered=${all.length > 0} />`}
  `;
}

/**
 * @param {{traces: Summary[], wanted: Summary[]}} props `traces` are all traces, for the colors of the services
 */
function TraceTable({ traces, wanted }) {
  useKeptFocus();
  const body = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const names = [...new Set(traces.flatMap((trace) => trace.services))].sort();
  const color = useMemo(() => palette(names), [names.join("\n")]);
  const longest = wanted.reduce((most, trace) => Math.max(most, trace.duration), 1);
  /** @param {KeyboardEvent} event */
  const keys = (event) => moveFocus(event, [...(body.current?.querySelectorAll("a") ?? [])]);
  return html`<table class="traces" hidden=${!wanted.length} style=${{ "--longest": longest }} onKeyDown=${keys}>
    <caption class="unseen">Traces, newest first</caption>
    <thead><tr>${COLUMNS.map((name) => html`<th key=${name} scope="col">${name}</th>`)}</tr></thead>
    <tbody ref=${body}>
      ${wanted.map((trace) => html`<${TraceRow} key=${trace.id} trace=${trace} color=${color} />`)}
    </tbody>
  </table>`;
}
