// One trace: what stands out, the picture of it, one of its spans, and its log lines.

import { ask, begin, copyButton, h, ms, percent, plural, words } from "../dom.js";
import { live, onNews } from "../live.js";
import { palette } from "../palette.js";
import { prepare, worst } from "../spans.js";
import { flame } from "./flame.js";
import { logLines } from "./loglines.js";
import { notesOf } from "./notes.js";
import { spanDetails } from "./span.js";
import { waterfall } from "./waterfall.js";

const MOST_IN_LEGEND = 12;
const MOST_TAGS = 6;
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
  let color = palette([]);

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
    color = palette(trace.all.map((span) => span.service).concat(trace.shares.map(([name]) => name)));
    head.replaceChildren(...heading(trace));
    notes.replaceChildren(...notesOf(trace, select));
    tools.replaceChildren(...toolButtons());
    drawPicture();
    const log = logLines(trace);
    below.hidden = !log;
    if (log) below.replaceChildren(...log);
    const first = spans.find((span) => span.id === selected) ?? (trace.error ? worst(spans) : spans[0]);
    if (first) select(first.id);
  }

  function drawPicture() {
    const options = { color, onselect: select, marked: new Set(trace.notes.flatMap((note) => note.spans)) };
    drawn = PICTURES[picture][1](canvas, trace, spans, options);
    if (selected) drawn.select(selected);
  }

  function select(spanId, reveal = false) {
    selected = spanId;
    drawn.select(spanId, reveal);
    const span = spans.find((one) => one.id === spanId);
    if (!span) return;
    details.replaceChildren(...spanDetails(span, trace, color));
    details.scrollTop = 0;
    const stack = details.querySelector(".stack");
    if (stack) stack.scrollTop = stack.scrollHeight;
  }

  function toolButtons() {
    const shares = everything ? trace.shares : trace.folded_shares;
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
      trace.framework > 0 && h("label", { class: "check" },
        h("input", {
          type: "checkbox", checked: everything,
          onchange: (event) => {
            everything = event.target.checked;
            sessionStorage.setItem("everything", everything ? "yes" : "no");
            draw();
            tools.querySelector("input").focus();
          },
        }), ` The framework's own spans, too (${trace.framework})`),
      h("ul", { class: "legend", "aria-label": "Time in each service itself" }, shares.slice(0, MOST_IN_LEGEND).map(([name, share]) =>
        h("li", { class: color(name) }, h("i", {}), name, " ", h("b", {}, percent(share)))),
        shares.length > MOST_IN_LEGEND && h("li", {}, `and ${shares.length + trace.more_services - MOST_IN_LEGEND} more`)),
    ].filter(Boolean);
  }

  load();
  const stop = onNews(() => {
    const now = live.traces.get(id);
    if (now && now !== seen) load();
  });
  return () => { ended = true; stop(); };
}

function heading(trace) {
  const tags = Object.entries(trace.tags).slice(0, MOST_TAGS).map(([name, value]) => h("span", { class: "chip plain" }, `${name}: ${value}`));
  return [
    h("h1", {}, trace.resource, trace.error && h("span", { class: "badge bad" }, "Error")),
    h("p", { class: "facts" },
      h("b", { class: "big" }, ms(trace.duration)),
      h("span", {}, begin(trace)),
      h("span", {}, plural(trace.spans, trace.handmade ? "line" : "span")),
      trace.status && h("span", {}, `status ${trace.status}`),
      trace.version && h("span", {}, trace.version),
      tags),
    trace.message && h("p", { class: "message" }, trace.message),
    h("p", { class: "ids" },
      !trace.handmade && [h("code", {}, trace.id), copyButton(() => trace.id, "Copy the trace's id")],
      trace.datadog && h("a", { class: "button", href: trace.datadog, target: "_blank", rel: "noopener noreferrer" }, "Open it in Datadog ↗")),
  ];
}
