// What stands out in a trace, above its picture: repetitions, anything unusual, the critical path.

/** @import { VNode } from "preact" */
/** @import { Note, Trace } from "../types.js" */

import { ms, plural } from "../format.js";
import { html, keysOf } from "../html.js";

const AT_FIRST = 3;
const LIGHT = 0.01;

/**
 * The notes. The page folds the less important ones, and all except the first few, so that the
 * picture stays on the page.
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

/**
 * The critical path in sentences.
 * @param {{trace: Trace}} props
 */
export function CriticalText({ trace }) {
  const texts = [trace.critical_text, trace.parallel_text].filter(Boolean);
  if (!texts.length) return null;
  return html`<p class="critical-text">${texts.join(" ")}</p>`;
}

/** @param {{notes: VNode[], more: number, first: boolean}} props */
function Folded({ notes, more, first }) {
  return html`<details class="more-notes">
    <summary>${plural(notes.length + more, first ? "note" : "more note")}</summary>
    <div class="notes" tabindex="0" role="group" aria-label="More notes">
      ${notes}
      ${more > 0 && html`<${Plain} text=${`${plural(more, "less important note")} ${more === 1 ? "isn't" : "aren't"} listed.`} />`}
    </div>
  </details>`;
}

/** @param {{note: Note, onSelect: (spanId: string) => void}} props */
function Repetition({ note, onSelect }) {
  return html`<button
    type="button" class="note" title="Show the first one" disabled=${note.spans.length === 0}
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
    ? "The request ID shows which lines belong together. The order and the nesting below are guesses."
    : "Even which lines belong to one request is a guess, because they have no request ID. Two requests at the same time would get mixed up.";
  return html`<div class="note plain"><div>
    <b>A poor man's trace, made of lines in timing.log.</b>
    ${" A line says what ran, and for how long. It doesn't say when it began, or what it was part of. "}
    ${guess}
  </div></div>`;
}
