// The list of traces, with its filters. The filters are in the address, so a list can be shared.

import { arrows, begin, colour, h, inContainer, ms, place, plural, tell, timingStep, tracingStep, words } from "../dom.js";
import { live, newestFirst, onNews } from "../live.js";

const AT_FIRST = 200;
const FIELDS = ["text", "service", "resource", "min", "error"];

export function showTraces(main) {
  document.title = "Traces · Matchmaker";
  const chosen = new URLSearchParams(location.search);
  const rows = new Map();
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
    options(service, "All services", new Set(all.flatMap((trace) => trace.services)), chosen.get("service"));
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

// A thousand of them are copied: that is several times as quick as making each anew.
const ROW = h("tr", {},
  h("td", { class: "time" }),
  h("td", { class: "request" }, h("a")),
  h("td", { class: "chips" }),
  h("td", { class: "duration" }, h("span"), h("span", { class: "meter" })),
  h("td", { class: "spans" }, "", h("span", { class: "unit" })),
  h("td", { class: "result" }, h("span")));
const chips = new Map();

function buildRow(trace) {
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
  services.append(...trace.services.map((name) => chip(name).cloneNode(true)));
  duration.firstChild.textContent = ms(trace.duration);
  spans.firstChild.data = trace.shown;
  spans.lastChild.textContent = trace.handmade ? " lines" : " spans";
  [outcome.firstChild.className, outcome.firstChild.textContent] = result(trace);
  return row;
}

function chip(name) {
  if (!chips.has(name)) chips.set(name, h("span", { class: `chip ${colour(name)}` }, name));
  return chips.get(name);
}

function result(trace) {
  if (trace.error) return ["badge bad", trace.status ? `Error ${trace.status}` : "Error"];
  if (trace.handmade) return ["badge", "By hand"];
  return [trace.status.startsWith("4") ? "badge" : "badge good", trace.status || "OK"];
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
  const send = h("a", { class: "button", href: "/try" }, "Send a request");
  if (live.state.agent === "other" && live.state.step >= tracingStep) {
    const { datadog } = live.state;
    return [
      h("h2", {}, "No traces here"),
      h("p", {}, datadog ? "The agent here sends them on to Datadog, and keeps none." : "What answers as the agent is no test agent, and shows none."),
      h("p", {}, datadog && h("a", { class: "button", href: `${datadog}/apm/traces`, target: "_blank", rel: "noopener noreferrer" }, "See them in Datadog ↗"), " ", send),
    ];
  }
  return [
    h("h2", {}, "No traces yet"),
    h("p", {}, ...words(whatComes(live.state.step))),
    inContainer && h("p", {}, words(`This container does not see your code, nor timing.log. \`uv run workshop console\` takes its place with a console that does${live.state.step < tracingStep ? ", and shows timings by hand" : ""}, and that runs checks, too.`)),
    h("p", {}, send, " ", h("a", { class: "button quiet", href: `/steps/${live.state.step ?? 1}` }, "Read the step's page")),
  ].filter(Boolean);
}

/** What shows up here, as far as the code can be at a step: nothing, pairings, or each request. */
function whatComes(step) {
  if (!step) return ""; // the server has not said it yet
  if (step > tracingStep) return "Each request to `web` shows up here a moment after it.";
  if (step === tracingStep) return "Each request to `web` shows up here a moment after it, once the tracing client is in the code.";
  const traced = `In step ${tracingStep} the tracing client comes into the code, and makes a trace of each request.`;
  if (inContainer) return `So far the code makes none. ${traced}`;
  if (step < timingStep) return `So far nothing in the code says how long a request took. In step ${timingStep} you time pairings by hand, and they show up here. ${traced}`;
  return `Once your code times pairings, each shows up here a moment after it, as the lines that it writes to \`timing.log\`. ${traced}`;
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
