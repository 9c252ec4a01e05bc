// All that a span says: where its time went, its error, its SQL, its tags.

import { copyButton, h, ms, percent } from "../dom.js";

const KEYWORDS = /\b(SELECT|FROM|WHERE|AND|OR|ORDER BY|GROUP BY|LIMIT|INSERT INTO|VALUES|UPDATE|SET|DELETE|JOIN|ON|AS)\b/g;

export function spanDetails(span, trace, color) {
  const tags = Object.entries(span.tags);
  const inner = tags.filter(([name]) => name.startsWith("_") || name === "runtime-id");
  const outer = tags.filter((tag) => !inner.includes(tag));
  return [
    h("h2", {}, span.name),
    h("p", { class: "facts" }, h("span", { class: `chip ${color(span.service)}` }, span.service), span.error && h("span", { class: "badge bad" }, "Error")),
    span.resource !== span.name && !span.sql && h("p", { class: "resource" }, span.resource),
    h("dl", { class: "figures" },
      figure("Duration", ms(span.duration)),
      figure("Of the trace", percent(span.duration / (trace.duration || 1))),
      figure("Itself", ms(span.self)),
      !trace.handmade && figure("Began after", ms(span.start))),
    span.sql && section("SQL", h("pre", { class: "sql", tabindex: "0" }, highlighted(span.sql)), copyButton(() => span.sql, "Copy the SQL")),
    span.message && section("Error", h("p", { class: "message" }, span.message),
      span.stack && h("details", { open: true }, h("summary", {}, "Stack, the place of the error last"), h("pre", { class: "stack", tabindex: "0" }, span.stack))),
    outer.length > 0 && section("Tags", tagTable(outer)),
    inner.length > 0 && h("details", {}, h("summary", {}, `The client's own tags (${inner.length})`), tagTable(inner)),
    !trace.handmade && h("p", { class: "ids" }, "Span ", h("code", {}, span.span_id)),
  ].filter(Boolean);
}

function figure(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), ...content);
}

function tagTable(tags) {
  return h("table", { class: "tags" }, h("tbody", {}, tags.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));
}

function highlighted(sql) {
  const parts = [];
  let reached = 0;
  for (const match of sql.matchAll(KEYWORDS)) {
    parts.push(sql.slice(reached, match.index), h("b", {}, match[0]));
    reached = match.index + match[0].length;
  }
  return [...parts, sql.slice(reached)];
}
