// The table of traces. Its column headings sort it.

/** @import { Listing, SortKey } from "../listing.js" */
/** @import { Summary } from "../types.js" */

import { html, useKeptFocus, useMemo, useRef } from "../html.js";
import { ORDERS } from "../listing.js";
import { palette } from "../palette.js";
import { moveFocus } from "../parts.js";
import { matchedIn } from "../search.js";
import { TraceRow } from "./tracerow.js";

/** @type {[title: string, sort: SortKey | null][]} */
const COLUMNS = [
  ["Time", "time"],
  ["Request", null],
  ["Services", null],
  ["Duration", "duration"],
  ["Spans", "spans"],
  ["Result", "errors"],
];

/**
 * @param {object} props
 * @param {Summary[]} props.traces all traces, for the colors of the services
 * @param {Summary[]} props.wanted the ones to list
 * @param {string} props.text the search, to show which span matches
 * @param {Listing} props.listing
 * @param {(changed: Partial<Listing>) => void} props.onChange
 */
export function TraceTable({ traces, wanted, text, listing, onChange }) {
  useKeptFocus();
  const body = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const names = [...new Set(traces.flatMap((trace) => trace.services))].sort();
  const color = useMemo(() => palette(names), [names.join("\n")]);
  const longest = wanted.reduce((most, trace) => Math.max(most, trace.duration), 1);
  const order = ORDERS[listing.sort][listing.ascending ? 1 : 0];
  /** @param {KeyboardEvent} event */
  const keys = (event) => moveFocus(event, [...(body.current?.querySelectorAll("a") ?? [])]);
  return html`<table class="traces" hidden=${!wanted.length} style=${{ "--longest": longest }} onKeyDown=${keys}>
    <caption class="unseen">${`Traces, ${order}`}</caption>
    <thead><tr>
      ${COLUMNS.map(
        ([title, sort]) =>
          html`<${Heading} key=${title} title=${title} sort=${sort} listing=${listing} onChange=${onChange} />`,
      )}
    </tr></thead>
    <tbody ref=${body}>
      ${wanted.map((trace) => html`<${TraceRow} key=${trace.id} trace=${trace} color=${color} text=${text} matched=${matchedIn(text, trace.id)} />`)}
    </tbody>
  </table>`;
}

/**
 * A column heading. The first click sorts with the largest value at the top, the second reverses it.
 * @param {{title: string, sort: SortKey | null, listing: Listing, onChange: (changed: Partial<Listing>) => void}} props
 */
function Heading({ title, sort, listing, onChange }) {
  if (!sort) return html`<th scope="col">${title}</th>`;
  const isSorted = listing.sort === sort;
  const direction = listing.ascending ? "ascending" : "descending";
  const change = () => onChange({ sort, ascending: isSorted && !listing.ascending });
  return html`<th scope="col" class=${sort} aria-sort=${isSorted ? direction : null}>
    <button type="button" class="sort" onClick=${change}>${title}<i aria-hidden="true" /></button>
  </th>`;
}
