// The waterfall: a line for each span, with a bar that shows when it ran. The solid part of a bar is
// the span's self time. In the pale part, its children ran.

/** @import { Span, Trace } from "../types.js" */

import { html, memo, useMemo, useRef, useState } from "../html.js";
import { focusSpan, spanIdOf } from "../parts.js";
import { hiddenBelow, ticks, tickWidth } from "../spans.js";
import { inWaterfall } from "../walk.js";
import { WaterfallLine } from "./waterfallline.js";

/**
 * The properties of each picture of a trace.
 * @typedef {object} Picture
 * @property {Trace} trace
 * @property {Span[]} spans
 * @property {string} [selected]
 * @property {Set<string>} marked the spans that a note is about
 * @property {(service: string) => string} color
 * @property {(spanId: string) => void} onSelect
 */

/** @param {Picture} props */
export function Waterfall({ trace, spans, selected, marked, color, onSelect }) {
  const total = Math.max(trace.duration, 0.001);
  const [folded, setFolded] = useState(/** @type {Set<string>} */ (new Set()));
  const hidden = useMemo(() => hiddenBelow(spans, folded), [spans, folded]);
  const body = /** @type {{current: HTMLElement | null}} */ (useRef(null));

  /** @param {string} id */
  function fold(id) {
    const now = new Set(folded);
    if (!now.delete(id)) now.add(id);
    setFolded(now);
  }

  /** @param {Event} event */
  function choose({ target, type }) {
    const id = spanIdOf(target);
    const isTwisty = target instanceof Element && target.classList.contains("twisty");
    if (id && isTwisty && type === "click") fold(id);
    else if (id) onSelect(id);
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const id = spanIdOf(document.activeElement);
    const span = spans.find((one) => one.id === id);
    if (!span || event.ctrlKey || event.metaKey || event.altKey) return;
    const visible = spans.filter((one) => !hidden.has(one.id));
    const led = inWaterfall(event.key, span, visible, folded);
    if (!led) return;
    event.preventDefault();
    if (led.folds) fold(id);
    if (led.to) focusSpan(body.current, led.to.id);
  }

  return html`<div
    class="waterfall" role="treegrid" aria-label="Waterfall" aria-readonly="true"
    style=${{ "--tick": tickWidth(total) / total }} onKeyDown=${keys}
  >
    <${Titles} total=${total} />
    <div role="rowgroup" ref=${body} onClick=${choose} onFocusIn=${choose}>
      ${spans.map(
        (span) => html`<${WaterfallLine}
          key=${span.id} span=${span} total=${total} color=${color} byHand=${trace.handmade}
          isMarked=${marked.has(span.id)} isSelected=${span.id === selected}
          isFolded=${folded.has(span.id)} isHidden=${hidden.has(span.id)}
        />`,
      )}
    </div>
  </div>`;
}

/** The axis above the bars. */
const Titles = memo((/** @type {{total: number}} */ { total }) => {
  const lines = ticks(total);
  return html`<div role="rowgroup"><div role="row" class="line titles">
    <span role="columnheader">Span</span>
    <span role="columnheader" class="figure">Duration</span>
    <span role="columnheader" class="axis">
      ${lines.map(({ from, text }) => html`<span key=${from} style=${{ "--from": from }}>${text}</span>`)}
    </span>
  </div></div>`;
});
