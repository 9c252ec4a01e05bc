// One row of the list of traces.

/** @import { Matched, Summary } from "../types.js" */

import { begin, decoded, figure, ms } from "../format.js";
import { moreHits, traceLink } from "../hits.js";
import { html, memo } from "../html.js";

const MOST_CHIPS = 8;

/** @param {{trace: Summary, color: (service: string) => string, text: string, matched?: Matched}} props */
function Row({ trace, color, text, matched }) {
  const detail = trace.handmade ? "timed by hand, in timing.log" : pathOf(trace);
  const others = trace.services.length + trace.more_services - MOST_CHIPS;
  const [badge, result] = resultOf(trace);
  return html`<tr class=${trace.error ? "failed" : ""} data-id=${trace.id}>
    <td class="time">${begin(trace)}</td>
    <td class="request">
      <a href=${traceLink(trace.id, text, matched)}>${trace.resource}</a>
      ${detail && html`<small>${detail}</small>`}
      ${matched?.title && html`<small class="matched">Matches: <code>${matched.title}</code>${moreHits(matched)}</small>`}
      ${trace.message && html`<small class="message">${trace.message.split("\n")[0]}</small>`}
    </td>
    <td class="chips">
      ${trace.services.slice(0, MOST_CHIPS).map((name) => html`<span key=${name} class=${`chip ${color(name)}`}>${name}</span>`)}
      ${others > 0 && html`<small>${`and ${others} more`}</small>`}
    </td>
    <td class="duration"><span>${ms(trace.duration)}</span><span class="meter" style=${{ "--took": trace.duration }} /></td>
    <td class="spans">
      ${figure(trace.spans)}<span class="unit">${` ${trace.handmade ? "line" : "span"}${trace.spans === 1 ? "" : "s"}`}</span>
      ${trace.left_out > 0 && html`<small>${`${figure(trace.left_out)} left out`}</small>`}
    </td>
    <td class="result"><span class=${badge}>${result}</span></td>
  </tr>`;
}

/** The row of a trace. When another trace arrives, this row doesn't render again. */
export const TraceRow = memo(Row);

/**
 * @param {Summary} trace
 * @returns {[badge: string, text: string]}
 */
function resultOf(trace) {
  if (trace.error) return ["badge bad", trace.status ? `Error ${trace.status}` : "Error"];
  if (trace.handmade) return ["badge", "By hand"];
  return [/^([123]\d\d)?$/.test(trace.status) ? "badge good" : "badge", trace.status || "OK"];
}

/**
 * The requested path, if the resource doesn't already say it.
 * @param {Summary} trace
 */
function pathOf(trace) {
  try {
    const { search, pathname } = new URL(trace.url);
    const path = `${pathname}${search}`;
    return path === trace.resource.split(" ")[1] ? "" : decoded(path);
  } catch {
    return "";
  }
}
