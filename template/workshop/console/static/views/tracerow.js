// One row of the list of traces.

import { begin, decoded, h, ms } from "../dom.js";

// A thousand of them are copied: that is several times as quick as making each anew.
const ROW = h("tr", {},
  h("td", { class: "time" }),
  h("td", { class: "request" }, h("a")),
  h("td", { class: "chips" }),
  h("td", { class: "duration" }, h("span"), h("span", { class: "meter" })),
  h("td", { class: "spans" }, "", h("span", { class: "unit" })),
  h("td", { class: "result" }, h("span")));
const CHIP = h("span");
const MOST_CHIPS = 8;

/** The row of a trace. */
export function buildRow(trace, color) {
  const row = ROW.cloneNode(true);
  const [time, request, services, duration, spans, outcome] = row.cells;
  if (trace.error) row.className = "failed";
  row.dataset.id = trace.id;
  time.textContent = begin(trace);
  request.firstChild.href = `/traces/${trace.id}`;
  request.firstChild.textContent = trace.resource;
  const detail = trace.handmade ? "timed by hand, in timing.log" : pathOf(trace);
  if (detail) request.append(h("small", {}, detail));
  if (trace.message) request.append(h("small", { class: "message" }, trace.message.split("\n")[0]));
  services.append(...trace.services.slice(0, MOST_CHIPS).map((name) => chip(name, color(name))));
  const others = trace.services.length + trace.more_services - MOST_CHIPS;
  if (others > 0) services.append(h("small", {}, `and ${others} more`));
  duration.firstChild.textContent = ms(trace.duration);
  spans.firstChild.data = trace.shown;
  spans.lastChild.textContent = ` ${trace.handmade ? "line" : "span"}${trace.shown === 1 ? "" : "s"}`;
  if (trace.left_out) spans.append(h("small", {}, `${trace.left_out} left out`));
  [outcome.firstChild.className, outcome.firstChild.textContent] = result(trace);
  return row;
}

function chip(name, color) {
  const one = CHIP.cloneNode();
  one.className = `chip ${color}`;
  one.textContent = name;
  return one;
}

function result(trace) {
  if (trace.error) return ["badge bad", trace.status ? `Error ${trace.status}` : "Error"];
  if (trace.handmade) return ["badge", "By hand"];
  return [/^([123]\d\d)?$/.test(trace.status) ? "badge good" : "badge", trace.status || "OK"];
}

function pathOf(trace) {
  try {
    const { search, pathname } = new URL(trace.url);
    return `${pathname}${search}` === trace.resource.split(" ")[1] ? "" : decoded(`${pathname}${search}`);
  } catch {
    return "";
  }
}
