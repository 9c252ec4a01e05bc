// The list of traces, with its filters. The filters are in the address, so a list can be shared.

import { arrows, h, place, plural, tell } from "../dom.js";
import { live, newestFirst, onNews } from "../live.js";
import { palette } from "../palette.js";
import { buildRow } from "./tracerow.js";
import { nothing } from "./notraces.js";

const AT_FIRST = 200;
const FIELDS = ["text", "service", "resource", "min", "error"];

export function showTraces(main) {
  document.title = "Traces · Matchmaker";
  const chosen = new URLSearchParams(location.search);
  const rows = new Map();
  let services = "";
  let color = palette([]);
  let limit = AT_FIRST;
  let paused = false;
  sessionStorage.setItem("list", location.search);

  const text = h("input", { type: "search", id: "text", placeholder: "beer, url, error, id …", value: chosen.get("text") ?? "", oninput: filter });
  const service = h("select", { id: "service", onchange: filter });
  const resource = h("select", { id: "resource", onchange: filter });
  const min = h("input", { type: "number", id: "min", min: "0", step: "10", placeholder: "0", value: chosen.get("min") ?? "", oninput: filter });
  const error = h("input", { type: "checkbox", id: "error", checked: chosen.has("error"), onchange: filter });
  const pause = h("button", { type: "button", class: "quiet", "aria-pressed": "false", onclick: togglePause }, "Pause");
  const count = h("p", { class: "count" });
  const body = h("tbody");
  const more = h("button", { type: "button", class: "more", hidden: true, onclick: () => { limit = Infinity; draw(); } });
  const table = h("table", { class: "traces" },
    h("caption", { class: "unseen" }, "Traces, the newest first"),
    h("thead", {}, h("tr", {}, ...["Time", "Request", "Services", "Duration", "Spans", "Result"].map((name) => h("th", { scope: "col" }, name)))),
    body);
  const empty = h("div", { class: "empty", hidden: true });
  const leftOut = h("p", { class: "note plain unread", hidden: true });

  main.append(
    h("div", { class: "bar" }, h("h1", {}, "Traces"), count, pause),
    h("form", { class: "filters", role: "search", "aria-label": "Filter traces", onsubmit: (event) => event.preventDefault() },
      field("Text", text, "grow"), field("Service", service), field("Resource", resource), field("At least, ms", min, "small"),
      h("label", { class: "check", for: "error" }, error, " Errors only")),
    leftOut, table, more, empty);
  table.addEventListener("keydown", (event) => arrows(event, () => [...body.querySelectorAll("a")]));

  function filter() {
    const values = { text: text.value.trim(), service: service.value, resource: resource.value, min: min.value, error: error.checked ? "1" : "" };
    const query = new URLSearchParams(FIELDS.filter((name) => values[name]).map((name) => [name, values[name]]));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    sessionStorage.setItem("list", location.search); // the way back from a trace
    limit = AT_FIRST;
    draw();
    tell(count.textContent); // at each trace that comes in it would be a nuisance
  }

  function togglePause() {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) draw();
  }

  function draw() {
    const all = newestFirst();
    const names = new Set(all.flatMap((trace) => trace.services));
    paint([...names].sort());
    leftOut.hidden = !live.state.left_out;
    leftOut.textContent = live.state.left_out ?? "";
    options(service, "All services", names, chosen.get("service"));
    options(resource, "All resources", new Set(all.map((trace) => trace.resource)), chosen.get("resource"));
    const wanted = all.filter(matches());
    const longest = Math.max(1, ...wanted.map((trace) => trace.duration));
    place(body, wanted.slice(0, limit).map((trace) => rowOf(trace, longest)));
    for (const id of rows.keys()) if (!live.traces.has(id)) rows.delete(id);
    more.hidden = wanted.length <= limit;
    more.textContent = `Show all ${wanted.length}`;
    count.textContent = wanted.length === all.length ? plural(all.length, "trace") : `${wanted.length} of ${plural(all.length, "trace")}`;
    table.hidden = wanted.length === 0;
    empty.hidden = wanted.length > 0;
    if (!empty.hidden) empty.replaceChildren(...nothing(all.length > 0));
  }

  /** Choose the services' colors; where there are others now, the rows are made anew. */
  function paint(names) {
    if (names.join("\n") === services) return;
    services = names.join("\n");
    color = palette(names);
    rows.clear();
  }

  function matches() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const atLeast = Number(min.value) || 0;
    return (trace) =>
      (!error.checked || trace.error) &&
      (!service.value || trace.services.includes(service.value)) &&
      (!resource.value || trace.resource === resource.value) &&
      trace.duration >= atLeast &&
      (!words.length || words.every((word) => wordsOf(trace).includes(word)));
  }

  function rowOf(trace, longest) {
    const known = rows.get(trace.id);
    if (known && known.trace === trace && known.longest === longest) return known.row;
    const row = known?.trace === trace ? known.row : buildRow(trace, color);
    row.cells[3].lastChild.style.setProperty("--share", trace.duration / longest);
    rows.set(trace.id, { row, trace, longest });
    return row;
  }

  draw();
  return onNews(() => { if (!paused) draw(); });
}

const searched = new WeakMap();

function wordsOf(trace) {
  if (!searched.has(trace)) {
    const tags = Object.entries(trace.tags).map(([name, value]) => `${name}:${value}`);
    searched.set(trace, [trace.id, trace.resource, trace.url, trace.message, trace.status, trace.version, ...trace.services, ...tags].join(" ").toLowerCase());
  }
  return searched.get(trace);
}

function options(select, first, names, wanted) {
  const sorted = [...names].sort();
  const before = select.value || (select.options.length ? "" : wanted ?? "");
  if (before && !sorted.includes(before)) sorted.push(before);
  const key = sorted.join("\n");
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  select.replaceChildren(h("option", { value: "" }, first), ...sorted.map((name) => h("option", { value: name }, name)));
  select.value = before;
}

function field(name, input, kind = "") {
  return h("div", { class: `field ${kind}` }, h("label", { for: input.id }, name), input);
}
