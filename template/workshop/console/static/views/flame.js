// The flame graph: time from left to right, and each span below the one that it is part of.

import { h, ms } from "../dom.js";
import { placed } from "../spans.js";

export function flame(canvas, trace, spans, { color, onselect, marked }) {
  const total = Math.max(trace.duration, 0.001);
  const boxes = new Map();
  const deepest = spans.reduce((most, span) => Math.max(most, span.depth), 0);
  const byId = new Map(spans.map((span) => [span.id, span]));
  const chart = h("div", { class: "flame", role: "listbox", "aria-label": "Flame graph: left and right for what ran before and after, up and down for what it is part of", onkeydown: keys },
    spans.map((span) => {
      const box = h("div", {
        role: "option", class: `box ${color(span.service)}${span.error ? " failed" : ""}${marked.has(span.id) ? " marked" : ""}`,
        tabindex: "-1", "data-id": span.id, "aria-selected": "false",
        title: `${span.name}, ${span.service}\n${span.resource}\n${ms(span.duration)}, ${ms(span.self)} itself`,
        onclick: () => onselect(span.id), onfocus: () => onselect(span.id),
      }, span.error && h("b", {}, "! "), `${span.resource || span.name} `, h("small", {}, `${span.service}, ${ms(span.duration)}`));
      const [from, share] = placed(span.start, span.duration, total);
      box.style.setProperty("--from", from);
      box.style.setProperty("--share", share);
      box.style.setProperty("--depth", span.depth);
      boxes.set(span.id, box);
      return box;
    }));
  chart.style.setProperty("--rows", deepest + 1);
  canvas.replaceChildren(h("div", { class: "scale", "aria-hidden": "true" }, h("span", {}, "0"), h("span", {}, ms(total / 2)), h("span", {}, ms(total))), chart);
  boxes.get(spans[0]?.id)?.setAttribute("tabindex", "0");

  function keys(event) {
    const span = byId.get(document.activeElement?.dataset.id);
    if (!span || event.ctrlKey || event.metaKey || event.altKey) return;
    const level = spans.filter((one) => one.depth === span.depth).sort((a, b) => a.start - b.start);
    const at = level.indexOf(span);
    const next = {
      ArrowLeft: level[at - 1],
      ArrowRight: level[at + 1],
      ArrowUp: byId.get(span.parent),
      ArrowDown: span.children[0],
      Home: spans[0],
    };
    if (!(event.key in next)) return;
    event.preventDefault();
    if (next[event.key]) boxes.get(next[event.key].id).focus();
  }

  let current = null;
  return {
    select(id, reveal) {
      const box = boxes.get(id);
      if (box !== current) {
        current?.setAttribute("aria-selected", "false");
        chart.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
        box?.setAttribute("aria-selected", "true");
        box?.setAttribute("tabindex", "0");
        current = box ?? null;
      }
      if (reveal) box?.focus();
    },
  };
}
