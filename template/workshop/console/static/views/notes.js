// What stands out in a trace, above its picture: what runs again and again, and what is unusual.

import { h, ms, plural } from "../dom.js";

const AT_FIRST = 3;
const LIGHT = 0.01;

/** The notes as elements. What weighs little, and all but the first few, is folded, so that the
 * picture stays on the page. */
export function notesOf(trace, onselect) {
  const heavy = trace.notes.filter((note) => note.share >= LIGHT);
  const [first, ...rest] = heavy.map((note) => repetition(note, onselect));
  const lines = [first, trace.handmade ? handmade(trace) : null, ...trace.remarks.map(plain), ...rest].filter(Boolean);
  const light = trace.notes.slice(heavy.length).map((note) => repetition(note, onselect));
  const folded = [...lines.slice(AT_FIRST), ...light];
  if (!folded.length) return lines;
  return [
    ...lines.slice(0, AT_FIRST),
    h("details", { class: "more-notes" },
      h("summary", {}, plural(folded.length + trace.more_notes, lines.length ? "more note" : "note")),
      h("div", { class: "notes", tabindex: "0", role: "group", "aria-label": "More notes" },
        folded,
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
