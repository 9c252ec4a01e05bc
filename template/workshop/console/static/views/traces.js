// The list of traces, with its filters. The filters are in the address, so a list can be shared.

import { arrows, clock, colour, h, inContainer, ms, plural, words } from "../dom.js";
import { live, newestFirst, onNews } from "../live.js";

const AT_FIRST = 200;
const FIELDS = ["text", "service", "resource", "min", "error"];

export function showTraces(main) {
  document.title = "Traces · Matchmaker";
  const chosen = new URLSearchParams(location.search);
  const rows = new Map();
  let limit = AT_FIRST;
  let paused = false;

  const text = h("input", { type: "search", id: "text", placeholder: "beer, url, error, id …", value: chosen.get("text") ?? "", oninput: filter });
  const service = h("select", { id: "service", onchange: filter });
  const resource = h("select", { id: "resource", onchange: filter });
  const min = h("input", { type: "number", id: "min", min: "0", step: "10", placeholder: "0", value: chosen.get("min") ?? "", oninput: filter });
  const error = h("input", { type: "checkbox", id: "error", checked: chosen.has("error"), onchange: filter });
  const pause = h("button", { type: "button", class: "quiet", "aria-pressed": "false", onclick: togglePause }, "Pause");
  const count = h("p", { class: "count", role: "status" });
  const body = h("tbody");
  const more = h("button", { type: "button", class: "more", hidden: true, onclick: () => { limit = Infinity; draw(); } });
  const table = h("table", { class: "traces" },
    h("caption", { class: "unseen" }, "Traces, the newest first"),
    h("thead", {}, h("tr", {}, ...["Time", "Request", "Services", "Duration", "Spans", "Result"].map((name) => h("th", { scope: "col" }, name)))),
    body);
  const empty = h("div", { class: "empty", hidden: true });

  main.append(
    h("div", { class: "bar" }, h("h1", {}, "Traces"), count, pause),
    h("form", { class: "filters", role: "search", "aria-label": "Filter traces", onsubmit: (event) => event.preventDefault() },
      field("Text", text, "grow"), field("Service", service), field("Resource", resource), field("At least, ms", min, "small"),
      h("label", { class: "check", for: "error" }, error, " Errors only")),
    table, more, empty);
  table.addEventListener("keydown", (event) => arrows(event, () => [...body.querySelectorAll("a")]));

  function filter() {
    const values = { text: text.value.trim(), service: service.value, resource: resource.value, min: min.value, error: error.checked ? "1" : "" };
    const query = new URLSearchParams(FIELDS.filter((name) => values[name]).map((name) => [name, values[name]]));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    limit = AT_FIRST;
    draw();
  }

  function togglePause() {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) draw();
  }

  function draw() {
    performance.mark("list-begin");
    const all = newestFirst();
    options(service, "All services", new Set(all.flatMap((trace) => trace.services)), chosen.get("service"));
    options(resource, "All resources", new Set(all.map((trace) => trace.resource)), chosen.get("resource"));
    const wanted = all.filter(matches());
    const longest = Math.max(1, ...wanted.map((trace) => trace.duration));
    place(body, wanted.slice(0, limit).map((trace) => rowOf(trace, longest)));
    more.hidden = wanted.length <= limit;
    more.textContent = `Show all ${wanted.length}`;
    count.textContent = wanted.length === all.length ? plural(all.length, "trace") : `${wanted.length} of ${plural(all.length, "trace")}`;
    table.hidden = wanted.length === 0;
    empty.hidden = wanted.length > 0;
    if (!empty.hidden) empty.replaceChildren(...nothing(all.length > 0));
    performance.measure("list", "list-begin");
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
    const row = known?.trace === trace ? known.row : buildRow(trace);
    row.querySelector(".meter").style.setProperty("--share", trace.duration / longest);
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

function buildRow(trace) {
  const detail = trace.handmade ? "timed by hand, in timing.log" : pathOf(trace);
  return h("tr", { class: trace.error ? "failed" : null, "data-id": trace.id },
    h("td", { class: "time" }, clock(trace.start)),
    h("td", { class: "request" },
      h("a", { href: `/traces/${trace.id}` }, trace.resource),
      detail && h("small", {}, detail),
      trace.message && h("small", { class: "message" }, trace.message.split("\n")[0])),
    h("td", { class: "chips" }, trace.services.map((name) => h("span", { class: `chip ${colour(name)}` }, name))),
    h("td", { class: "duration" }, h("span", {}, ms(trace.duration)), h("span", { class: "meter" })),
    h("td", { class: "spans" }, String(trace.shown), h("span", { class: "unit" }, trace.handmade ? " lines" : " spans")),
    h("td", { class: "result" }, result(trace)));
}

function result(trace) {
  if (trace.error) return h("span", { class: "badge bad" }, trace.status ? `Error ${trace.status}` : "Error");
  if (trace.handmade) return h("span", { class: "badge" }, "By hand");
  return h("span", { class: "badge good" }, trace.status || "OK");
}

function pathOf(trace) {
  try {
    const { search, pathname } = new URL(trace.url);
    return `${pathname}${search}` === trace.resource.split(" ")[1] ? "" : decodeURIComponent(`${pathname}${search}`);
  } catch {
    return "";
  }
}

function nothing(filtered) {
  if (filtered) return [h("h2", {}, "No trace is like that"), h("p", {}, "Take a filter away, or send other requests.")];
  return [
    h("h2", {}, "No traces yet"),
    h("p", {}, "Each request to ", h("code", {}, "web"), " shows up here a moment after it", inContainer ? ", once the tracing client is in the code." : ": timed by hand at first, and as a real trace once the tracing client is in the code."),
    inContainer && h("p", {}, words("Timings by hand are in timing.log, which this container does not see. `uv run workshop console` takes its place with one that does, and that runs checks, too.")),
    h("p", {}, h("a", { class: "button", href: "/try" }, "Send a request"), " ", h("a", { class: "button quiet", href: `/steps/${live.state.step ?? 1}` }, "Read the step's page")),
  ].filter(Boolean);
}

/** Put rows in their order, and leave those alone that are at their place already. */
function place(body, rows) {
  rows.forEach((row, number) => {
    if (body.children[number] !== row) body.insertBefore(row, body.children[number] ?? null);
  });
  while (body.children.length > rows.length) body.lastElementChild.remove();
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
