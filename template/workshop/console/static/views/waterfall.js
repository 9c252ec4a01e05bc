// The waterfall: a line for each span, with a bar for when it ran. The solid part of a bar is the
// span's own time; in the pale part, spans below it ran.

import { h, ms, percent, plural } from "../dom.js";
import { below, own, placed, tickWidth } from "../spans.js";

const DEEP = 12;

export function waterfall(canvas, trace, spans, { color, onselect, marked }) {
  const total = Math.max(trace.duration, 0.001);
  const folded = new Set();
  const rows = new Map();
  const byId = new Map(spans.map((span) => [span.id, span]));
  const body = h("div", { role: "rowgroup" });
  const grid = h("div", { class: "waterfall", role: "treegrid", "aria-label": "Waterfall", "aria-readonly": "true", onkeydown: keys },
    h("div", { role: "rowgroup" }, h("div", { role: "row", class: "line titles" },
      h("span", { role: "columnheader" }, "Span"),
      h("span", { role: "columnheader", class: "figure" }, "Duration"),
      h("span", { role: "columnheader", class: "axis" }, ticks(total)))),
    body);
  body.addEventListener("click", (event) => {
    const span = spanOf(event.target);
    if (!span) return;
    if (event.target.classList.contains("twisty")) fold(span);
    else onselect(span.id);
  });
  body.addEventListener("focusin", (event) => onselect(spanOf(event.target).id));
  grid.style.setProperty("--tick", tickWidth(total) / total);
  for (const span of spans) rows.set(span.id, rowOf(span));
  body.append(...rows.values());
  canvas.replaceChildren(grid);
  rows.get(spans[0]?.id)?.setAttribute("tabindex", "0");

  function rowOf(span) {
    const row = ROW.cloneNode(true);
    const [name, figure, bar] = row.children;
    const [, title, service, what] = name.children;
    row.dataset.id = span.id;
    row.setAttribute("aria-level", span.depth + 1);
    if (marked.has(span.id)) row.classList.add("marked");
    if (span.children.length) {
      row.classList.add("parent");
      row.setAttribute("aria-expanded", "true");
    }
    name.style.setProperty("--depth", span.depth);
    title.textContent = span.name;
    if (span.depth > DEEP) title.before(h("span", { class: "level", title: "How deep it is" }, String(span.depth)));
    if (span.error) title.after(h("span", { class: "badge bad mini" }, "Error"));
    if (trace.handmade) service.remove();
    service.classList.add(...color(span.service).split(" "));
    service.textContent = span.service;
    if (span.resource !== span.name) what.textContent = span.resource;
    if (span.not_drawn) what.textContent += ` (with ${plural(span.not_drawn, "more span")} that ${span.not_drawn === 1 ? "is" : "are"} not drawn)`;
    figure.textContent = ms(span.duration);
    bar.classList.add(...color(span.service).split(" "));
    bar.setAttribute("aria-label", `from ${ms(span.start)}, ${percent(span.duration / total)} of the trace`);
    const pale = bar.firstChild;
    if (span.error) pale.classList.add("failed");
    stretch(pale, ...placed(span.start, span.duration, total));
    for (const [from, to] of own(span)) {
      const solid = pale.appendChild(document.createElement("i"));
      stretch(solid, ...placed(from - span.start, to - from, span.duration || 1));
    }
    return row;
  }

  function spanOf(element) {
    return byId.get(element.closest(".line")?.dataset.id);
  }

  function keys(event) {
    const visible = [...body.children].filter((row) => !row.hidden);
    const at = visible.indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const span = spanOf(visible[at]);
    const open = span.children.length && !folded.has(span.id);
    let next = null;
    if (event.key === "ArrowDown") next = visible[at + 1];
    else if (event.key === "ArrowUp") next = visible[at - 1];
    else if (event.key === "Home") next = visible[0];
    else if (event.key === "End") next = visible.at(-1);
    else if (event.key === "ArrowRight" && open) next = visible[at + 1];
    else if (event.key === "ArrowRight" && span.children.length) fold(span);
    else if (event.key === "ArrowLeft" && open) fold(span);
    else if (event.key === "ArrowLeft") next = rows.get(span.parent);
    else if (event.key === "Enter" || event.key === " ") { if (span.children.length) fold(span); }
    else return;
    event.preventDefault();
    next?.focus();
  }

  function fold(span) {
    if (folded.has(span.id)) folded.delete(span.id);
    else folded.add(span.id);
    rows.get(span.id).setAttribute("aria-expanded", String(!folded.has(span.id)));
    const hidden = folded.has(span.id);
    const inside = below(span, (one) => !hidden && folded.has(one.id));
    for (const one of inside) rows.get(one.id).hidden = hidden;
  }

  let current = null;
  return {
    select(id, reveal) {
      const row = rows.get(id);
      if (row !== current) {
        current?.setAttribute("aria-selected", "false");
        body.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
        row?.setAttribute("aria-selected", "true");
        row?.setAttribute("tabindex", "0");
        current = row ?? null;
      }
      if (reveal) row?.focus();
    },
  };
}

// Each line is a copy of it.
const ROW = h("div", { role: "row", class: "line", tabindex: "-1", "aria-selected": "false" },
  h("span", { role: "gridcell", class: "name" }, h("i", { class: "twisty", "aria-hidden": "true" }), h("b"), h("span", { class: "chip" }), h("span", { class: "what" })),
  h("span", { role: "gridcell", class: "figure" }),
  h("span", { role: "gridcell", class: "track" }, h("span", { class: "span" })));

function stretch(element, from, share) {
  element.style.setProperty("--from", from);
  element.style.setProperty("--share", share);
}

function ticks(total) {
  const width = tickWidth(total);
  const count = Math.ceil((total * 0.88) / width);
  return Array.from({ length: count }, (_, number) => {
    const tick = h("span", {}, number ? ms(number * width).replace(/\.0+ /, " ") : "0");
    tick.style.setProperty("--from", (number * width) / total);
    return tick;
  });
}
