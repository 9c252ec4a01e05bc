// What somebody looks at in a trace, in its address: so one can share it, and come back to it.

import { timeInAddress } from "./zoom.js";

/** @import { Zoom } from "./zoom.js" */

/**
 * @typedef {object} TraceState
 * @property {string} span the selected span, or empty for the one that the page chooses
 * @property {"waterfall" | "flame"} view
 * @property {boolean} framework whether to draw the framework's own spans
 * @property {boolean} critical whether to draw the critical path
 * @property {Zoom | null} zoom null for the whole trace
 * @property {string} q what to search for
 * @property {"" | "open" | "closed"} details of the span; empty for what fits the window
 */

/**
 * @param {string} search the query string of the address
 * @param {Partial<TraceState>} [usual] what holds if the address doesn't say something else
 * @returns {TraceState}
 */
export function stateIn(search, usual = {}) {
  const query = new URLSearchParams(search);
  const view = query.get("view") ?? usual.view;
  const details = query.get("details");
  const [from, to] = ["from", "to"].map((name) => Number(query.get(name) || Number.NaN));
  return {
    span: query.get("span") ?? "",
    view: view === "flame" ? "flame" : "waterfall",
    framework: yes(query.get("framework")) ?? usual.framework ?? false,
    critical: yes(query.get("critical")) ?? true,
    zoom: Number.isFinite(from) && Number.isFinite(to) && to > from ? { from, to } : null,
    q: query.get("q") ?? "",
    details: details === "open" || details === "closed" ? details : "",
  };
}

/**
 * The query string of a state. It leaves out what every page shows at first.
 * @param {TraceState} state
 * @param {Partial<TraceState>} [usual] what the tab remembers; `{}` if the address is for any tab
 */
export function stateSearch(state, usual = { view: "waterfall", framework: false }) {
  const { span, view, framework, critical, zoom, q, details } = state;
  const query = new URLSearchParams();
  if (view !== "waterfall" || usual.view !== "waterfall") query.set("view", view);
  if (framework || usual.framework !== false) query.set("framework", framework ? "1" : "0");
  if (!critical) query.set("critical", "0");
  if (zoom) {
    const width = zoom.to - zoom.from;
    query.set("from", timeInAddress(zoom.from, width));
    query.set("to", timeInAddress(zoom.to, width));
  }
  if (q) query.set("q", q);
  if (span) query.set("span", span);
  if (details) query.set("details", details);
  return query.size ? `?${query}` : "";
}

/** @param {string | null} value */
function yes(value) {
  if (value === null) return undefined;
  return value === "1";
}
