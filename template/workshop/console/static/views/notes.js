// What stands out in a trace, above its picture: what runs again and again, and what is unusual.

import { h, ms, plural } from "../dom.js";

const AT_FIRST = 3;

/** The notes as elements; all but the first few are folded, so that the picture stays on the page. */
export function notesOf(trace, onselect) {
  const [first, ...rest] = trace.notes.map((note) => repetition(note, onselect));
  const lines = [first, trace.handmade ? handmade(trace) : null, ...trace.remarks.map(plain), ...rest].filter(Boolean);
  const count = lines.length - AT_FIRST + trace.more_notes;
  if (lines.length <= AT_FIRST) return lines;
  return [
    ...lines.slice(0, AT_FIRST),
    h("details", { class: "more-notes" },
      h("summary", {}, plural(count, "more note")),
      h("div", { class: "notes", tabindex: "0", role: "group", "aria-label": "More notes" },
        lines.slice(AT_FIRST),
        trace.more_notes > 0 && plain(`${trace.more_notes} more, of less weight, are not listed.`))),
  ];
}

function repetition(note, onselect) {
  return h("button", {
    type: "button", class: "note", title: "Show the first of them", disabled: note.spans.length === 0,
    onclick: () => onselect(note.spans[0], true),
  }, h("span", { class: "sign", "aria-hidden": "true" }, "↻"), h("span", {}, note.text), h("b", {}, ms(note.duration)));
}

function plain(text) {
  return h("div", { class: "note plain" }, h("span", {}, text));
}

function handmade(trace) {
  return h("div", { class: "note plain" }, h("div", {},
    h("b", {}, "A poor man's trace, made of lines in timing.log."),
    " A line says what, and how long. It does not say when it began, nor what it was part of: ",
    trace.all.some((span) => span.tags.req)
      ? "the request id shows which lines belong together; the order and the nesting below are guesses."
      : "that these lines belong to one request is a guess as well, since they carry no request id. Two requests at once would mix them up."));
}
