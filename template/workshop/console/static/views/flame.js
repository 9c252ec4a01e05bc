// The flame graph: time runs from left to right, and each span is below its parent.

/** @import { Span } from "../types.js" */
/** @import { Picture } from "./waterfall.js" */

import { ms } from "../format.js";
import { html, memo, useRef } from "../html.js";
import { focusSpan, spanIdOf } from "../parts.js";
import { placed } from "../spans.js";
import { inFlame } from "../walk.js";

const LABEL =
  "Flame graph: use the left and right arrow keys for earlier and later spans, and the up and down arrow keys for the parent and the children";

/** @param {Picture} props */
export function Flame({ trace, spans, selected, marked, color, onSelect }) {
  const total = Math.max(trace.duration, 0.001);
  const deepest = spans.reduce((most, span) => Math.max(most, span.depth), 0);
  const chart = /** @type {{current: HTMLElement | null}} */ (useRef(null));

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const id = spanIdOf(document.activeElement);
    const span = spans.find((one) => one.id === id);
    if (!span || event.ctrlKey || event.metaKey || event.altKey) return;
    const led = inFlame(event.key, span, spans);
    if (!led) return;
    event.preventDefault();
    if (led.to) focusSpan(chart.current, led.to.id);
  }

  /** @param {Event} event */
  function choose({ target }) {
    const id = spanIdOf(target);
    if (id) onSelect(id);
  }

  return html`
    <div class="scale" aria-hidden="true"><span>0</span><span>${ms(total / 2)}</span><span>${ms(total)}</span></div>
    <div
      class="flame" role="listbox" aria-label=${LABEL} style=${{ "--rows": deepest + 1 }}
      ref=${chart} onKeyDown=${keys} onClick=${choose} onFocusIn=${choose}
    >
      ${spans.map(
        (span) => html`<${Box}
          key=${span.id} span=${span} total=${total} color=${color}
          isMarked=${marked.has(span.id)} isSelected=${span.id === selected}
        />`,
      )}
    </div>
  `;
}

/**
 * @typedef {object} BoxProps
 * @property {Span} span
 * @property {number} total
 * @property {(service: string) => string} color
 * @property {boolean} isMarked
 * @property {boolean} isSelected
 */

/** The box of a span. Of thousands of boxes, only the changed ones render again. */
const Box = memo((/** @type {BoxProps} */ { span, total, color, isMarked, isSelected }) => {
  const [from, share] = placed(span.start, span.duration, total);
  return html`<div
    role="option" class=${`box ${color(span.service)}${span.error ? " failed" : ""}${isMarked ? " marked" : ""}`}
    tabindex=${isSelected ? "0" : "-1"} data-id=${span.id} aria-selected=${String(isSelected)}
    title=${`${span.name}, ${span.service}\n${span.resource}\n${ms(span.duration)}, ${ms(span.self)} self time`}
    style=${{ "--from": from, "--share": share, "--depth": span.depth }}
  >
    ${span.error && html`<b>${"! "}</b>`}${`${span.resource || span.name} `}<small>${`${span.service}, ${ms(span.duration)}`}</small>
  </div>`;
});
