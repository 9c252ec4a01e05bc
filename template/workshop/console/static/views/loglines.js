// The log lines of a trace, below its picture.

import { h, words } from "../dom.js";

/** Their section's content; null where a trace has none to show. */
export function logLines(trace) {
  const lines = trace.handmade
    ? [...trace.all].sort((a, b) => a.id - b.id).map((span) => ({ service: "timing.log", text: span.tags.line }))
    : trace.logs;
  if (!lines) return null;
  return [
    h("h2", {}, trace.handmade ? "All that there is: the lines" : "Log lines from while it ran"),
    trace.crowded && lines.length > 0 && h("p", { class: "quiet" }, "Other requests ran at the same time. A line that names no trace may be of one of those."),
    lines.length
      ? h("div", { class: "lines", tabindex: "0", role: "group", "aria-label": "Log lines" }, lines.map(({ service, text }) => h("div", {}, h("span", { class: `who ${service}` }, service), logText(text))))
      : h("p", { class: "quiet" }, ...words(trace.logs_elsewhere ? "They are with the containers: `docker compose logs web taster`" : "web and taster printed nothing then, or it is gone.")),
  ].filter(Boolean);
}

function logText(text) {
  const [first, ...rest] = text.split("\n");
  if (!rest.length) return h("code", {}, first);
  return h("details", {}, h("summary", {}, h("code", {}, first)), h("pre", {}, rest.join("\n")));
}
