// One trace: what stands out, the picture of it, one of its spans, and its log lines.

import { ask, begin, colour, copyButton, h, ms, percent, plural, words } from "../dom.js";
import { live, onNews } from "../live.js";
import { flame } from "./flame.js";
import { spanDetails } from "./span.js";
import { waterfall } from "./waterfall.js";

const PICTURES = { waterfall: ["Waterfall", waterfall], flame: ["Flame graph", flame] };

export function showTrace(main, id) {
  document.title = "Trace · Matchmaker";
  let trace = null;
  let spans = [];
  let selected = null;
  let picture = sessionStorage.getItem("picture") ?? "waterfall";
  let everything = sessionStorage.getItem("everything") === "yes";
  let drawn = null;
  let ended = false;
  let seen = null;

  const head = h("div", { class: "head" });
  const notes = h("div", { class: "notes" });
  const tools = h("div", { class: "tools" });
  const canvas = h("div", { class: "picture" });
  const details = h("aside", { class: "details", "aria-label": "Span" });
  const below = h("section", { class: "logs", hidden: true });
  main.append(
    h("p", { class: "back" }, h("a", { href: `/traces${sessionStorage.getItem("list") ?? ""}` }, "← All traces")),
    head, notes, tools, h("div", { class: "split" }, canvas, details), below);

  async function load() {
    seen = live.traces.get(id) ?? null;
    try {
      const found = await ask(`/api/traces/${encodeURIComponent(id)}`);
      if (ended) return;
      trace = found;
    } catch (error) {
      if (!ended && !trace) head.replaceChildren(h("h1", {}, "No such trace"), h("p", {}, words(error.message), " A trace comes in about a second after its request; this page shows it then."));
      return;
    }
    draw();
  }

  function draw() {
    document.title = `${trace.resource} · Matchmaker`;
    spans = prepare(trace, everything);
    head.replaceChildren(...heading(trace));
    notes.replaceChildren(...noteLines());
    tools.replaceChildren(...toolButtons());
    drawPicture();
    const log = logLines(trace);
    below.hidden = !log;
    if (log) below.replaceChildren(...log);
    const first = spans.find((span) => span.id === selected) ?? (trace.error ? worst(spans) : spans[0]);
    if (first) select(first.id);
  }

  function drawPicture() {
    const options = { onselect: select, marked: new Set(trace.notes.flatMap((note) => note.spans)) };
    drawn = PICTURES[picture][1](canvas, trace, spans, options);
    if (selected) drawn.select(selected);
  }

  function select(spanId, reveal = false) {
    selected = spanId;
    drawn.select(spanId, reveal);
    const span = spans.find((one) => one.id === spanId);
    if (!span) return;
    details.replaceChildren(...spanDetails(span, trace));
    details.scrollTop = 0;
    const stack = details.querySelector(".stack");
    if (stack) stack.scrollTop = stack.scrollHeight;
  }

  function toolButtons() {
    const total = trace.all.length;
    const shown = trace.all.filter((span) => !span.framework).length;
    return [
      h("div", { class: "switch", role: "group", "aria-label": "Picture" },
        Object.entries(PICTURES).map(([name, [label]]) => h("button", {
          type: "button", "aria-pressed": String(picture === name),
          onclick: (event) => {
            picture = name;
            sessionStorage.setItem("picture", name);
            for (const button of event.target.parentElement.children) button.setAttribute("aria-pressed", String(button === event.target));
            drawPicture();
          },
        }, label))),
      total > shown && h("label", { class: "check" },
        h("input", {
          type: "checkbox", checked: everything,
          onchange: (event) => {
            everything = event.target.checked;
            sessionStorage.setItem("everything", everything ? "yes" : "no");
            draw();
            tools.querySelector("input").focus();
          },
        }), ` The framework's own spans, too (${total - shown})`),
      h("ul", { class: "legend", "aria-label": "Time in each service itself" }, shares(spans).map(([name, share]) =>
        h("li", { class: colour(name) }, h("i", {}), name, " ", h("b", {}, percent(share))))),
    ].filter(Boolean);
  }

  function noteLines() {
    const lines = trace.notes.map((note) => h("button", {
      type: "button", class: "note", onclick: () => select(note.spans[0], true), title: "Show the first of them",
    }, h("span", { class: "sign", "aria-hidden": "true" }, "↻"), h("span", {}, note.text), h("b", {}, ms(note.duration))));
    if (trace.handmade) {
      lines.push(h("div", { class: "note plain" }, h("div", {},
        h("b", {}, "A poor man's trace, made of lines in timing.log."),
        " A line says what, and how long. It does not say when it began, nor what it was part of: ",
        trace.all.some((span) => span.tags.req)
          ? "the request id shows which lines belong together; the order and the nesting below are guesses."
          : "that these lines belong to one request is a guess as well, since they carry no request id. Two requests at once would mix them up.")));
    } else if (trace.parts > 1) {
      lines.push(h("div", { class: "note plain" }, `This trace is in ${trace.parts} parts: the span above some of them has not come in. Is each service traced, and the call between them?`));
    }
    return lines;
  }

  load();
  const stop = onNews(() => {
    const now = live.traces.get(id);
    if (now && now !== seen) load();
  });
  return () => { ended = true; stop(); };
}

/** Choose the spans to draw, and put them below the ones that are drawn: parents first. */
function prepare(trace, everything) {
  const spans = trace.all
    .filter((span) => everything || !span.framework)
    .map((span) => ({
      ...span,
      parent: everything ? span.parent : span.folded_parent,
      self: everything ? span.self : span.folded_self,
      children: [],
    }));
  const byId = new Map(spans.map((span) => [span.id, span]));
  const roots = [];
  for (const span of spans) (byId.get(span.parent)?.children ?? roots).push(span);
  const ordered = [];
  const visit = (span, depth) => {
    span.depth = depth;
    span.children.sort((a, b) => a.start - b.start);
    ordered.push(span);
    for (const child of span.children) visit(child, depth + 1);
  };
  for (const root of roots) visit(root, 0);
  return ordered;
}

/** The span to begin with: where an error came from, else the first. */
function worst(spans) {
  const failed = spans.filter((span) => span.error && span.message);
  return failed.find((span) => span.stack) ?? failed[0] ?? spans[0];
}

/** How the trace's time is shared among the services, by what each of them did itself. */
function shares(spans) {
  const own = new Map();
  let total = 0;
  for (const span of spans) {
    own.set(span.service, (own.get(span.service) ?? 0) + span.self);
    total += span.self;
  }
  return [...own].map(([name, time]) => [name, time / (total || 1)]).sort((a, b) => b[1] - a[1]);
}

function heading(trace) {
  const tags = Object.entries(trace.tags).map(([name, value]) => h("span", { class: "chip plain" }, `${name}: ${value}`));
  return [
    h("h1", {}, trace.resource, trace.error && h("span", { class: "badge bad" }, "Error")),
    h("p", { class: "facts" },
      h("b", { class: "big" }, ms(trace.duration)),
      h("span", {}, begin(trace)),
      h("span", {}, plural(trace.all.length, trace.handmade ? "line" : "span")),
      trace.status && h("span", {}, `status ${trace.status}`),
      trace.version && h("span", {}, trace.version),
      tags),
    trace.message && h("p", { class: "message" }, trace.message),
    h("p", { class: "ids" },
      !trace.handmade && [h("code", {}, trace.id), copyButton(() => trace.id, "Copy the trace's id")],
      trace.datadog && h("a", { class: "button", href: trace.datadog, target: "_blank", rel: "noopener noreferrer" }, "Open it in Datadog ↗")),
  ];
}

function logLines(trace) {
  const lines = trace.handmade
    ? [...trace.all].sort((a, b) => a.id - b.id).map((span) => ({ service: "timing.log", text: span.tags.line }))
    : trace.logs;
  if (!lines) return null;
  return [
    h("h2", {}, trace.handmade ? "All that there is: the lines" : "Log lines from while it ran"),
    trace.crowded && lines.length > 0 && h("p", { class: "quiet" }, "Other requests ran at the same time. A line that names no trace may be of one of those."),
    lines.length
      ? h("div", { class: "lines", tabindex: "0", role: "group", "aria-label": "Log lines" }, lines.map(({ service, text }) => h("div", {}, h("span", { class: `who ${service}` }, service), logText(text))))
      : h("p", { class: "quiet" }, ...words(live.state.services?.web ? "web and taster printed nothing then, or it is gone." : "They are with the containers: `docker compose logs web taster`")),
  ].filter(Boolean);
}

function logText(text) {
  const [first, ...rest] = text.split("\n");
  if (!rest.length) return h("code", {}, first);
  return h("details", {}, h("summary", {}, h("code", {}, first)), h("pre", {}, rest.join("\n")));
}
