// What stands out in a trace, above its picture: what runs again and again, and what is unusual.

/** @import { VNode } from "preact" */
/** @import { Note, Trace } from "../types.js" */

import { ms, plural } from "../format.js";
import { html, keysOf } from "../html.js";

const AT_FIRST = 3;
const LIGHT = 0.01;

/**
 * The notes. What weighs little, and all but the first few, is folded, so that the picture stays on
 * the page.
 * @param {{trace: Trace, onSelect: (spanId: string) => void}} props
 */
export function Notes({ trace, onSelect }) {
  const keys = keysOf(trace.notes, (note) => note.parent);
  const repetitions = trace.notes.map(
    (note, at) => html`<${Repetition} key=${keys[at]} note=${note} onSelect=${onSelect} />`,
  );
  const heavy = trace.notes.filter((note) => note.share >= LIGHT).length;
  const byHand = trace.handmade ? [html`<${ByHand} key="by hand" trace=${trace} />`] : [];
  const remarks = trace.remarks.map((text) => html`<${Plain} key=${text} text=${text} />`);
  const lines = [
    ...repetitions.slice(0, Math.min(heavy, 1)),
    ...byHand,
    ...remarks,
    ...repetitions.slice(1, heavy),
  ];
  const folded = [...lines.slice(AT_FIRST), ...repetitions.slice(heavy)];
  return html`<div class="notes">
    ${lines.slice(0, AT_FIRST)}
    ${folded.length > 0 && html`<${Folded} key="more" notes=${folded} more=${trace.more_notes} first=${lines.length === 0} />`}
  </div>`;
}

/** @param {{notes: VNode[], more: number, first: boolean}} props */
function Folded({ notes, more, first }) {
  return html`<details class="more-notes">
    <summary>${plural(notes.length + more, first ? "note" : "more note")}</summary>
    <div class="notes" tabindex="0" role="group" aria-label="More notes">
      ${notes}
      ${more > 0 && html`<${Plain} text=${`${more} more, of less weight, are not listed.`} />`}
    </div>
  </details>`;
}

/** @param {{note: Note, onSelect: (spanId: string) => void}} props */
function Repetition({ note, onSelect }) {
  return html`<button
    type="button" class="note" title="Show the first of them" disabled=${note.spans.length === 0}
    onClick=${() => onSelect(note.spans[0])}
  >
    <span class="sign" aria-hidden="true">↻</span><span>${note.text}</span><b>${ms(note.duration)}</b>
  </button>`;
}

/** @param {{text: string}} props */
function Plain({ text }) {
  return html`<div class="note plain"><span>${text}</span></div>`;
}

/** @param {{trace: Trace}} props */
function ByHand({ trace }) {
  const guess = trace.all.some((span) => span.tags.req)
    ? "the request id shows which lines belong together; the order and the nesting below are guesses."
    : "that these lines belong to one request is a guess as well, since they carry no request id. Two requests at once would mix them up.";
  return html`<div class="note plain"><div>
    <b>A poor man's trace, made of lines in timing.log.</b>
    ${" A line says what, and how long. It does not say when it began, nor what it was part of: "}
    ${guess}
  </div></div>`;
}
