// The flame graph: time runs from left to right, and each span is below its parent.

/** @import { Span } from "../types.js" */
/** @import { Zoom } from "../zoom.js" */
/** @import { Picture } from "./waterfall.js" */

import { ALL_AT_ONCE, boxesInView } from "../drawn.js";
import { ms } from "../format.js";
import { html, memo, useMemo, useRef } from "../html.js";
import { spanIdOf } from "../parts.js";
import { placed } from "../spans.js";
import { inFlame } from "../walk.js";
import { within } from "../zoom.js";
import { Axis } from "./axis.js";
import { useLines } from "./lines.js";

const LABEL =
  "Flame graph: use the left and right arrow keys for earlier and later spans, and the up and down arrow keys for the parent and the children";
const LONGEST = 300;

/** @param {Picture} props */
export function Flame(props) {
  const { spans, selected, marked, hits, critical, color, zoom, onSelect, onOpen, onGo } = props;
  const deepest = useMemo(
    () => spans.reduce((most, span) => Math.max(most, span.depth), 0),
    [spans],
  );
  const chart = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const isSmall = spans.length <= ALL_AT_ONCE;
  const [first, end] = useLines(deepest + 1, chart, isSmall);
  const boxes = useMemo(
    () => (isSmall ? spans : boxesInView(spans, zoom, [first, end], selected)),
    [spans, zoom, first, end, selected],
  );

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const id = spanIdOf(document.activeElement);
    const span = spans.find((one) => one.id === id);
    if (!span || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const led = inFlame(event.key, span, spans);
    if (!led) return;
    event.preventDefault();
    if (led.to) onGo(led.to.id);
  }

  /** @param {Event} event */
  function choose({ target, type }) {
    const id = spanIdOf(target);
    if (id) (type === "click" ? onOpen : onSelect)(id);
  }

  return html`
    <div class="above"><${Axis} zoom=${zoom} onZoom=${props.onZoom} onWhole=${props.onWhole} /></div>
    <div class="clip">
      <div
        class="flame" role="listbox" aria-label=${LABEL} style=${{ "--rows": deepest + 1 }}
        ref=${chart} onKeyDown=${keys} onClick=${choose} onFocusIn=${choose}
      >
        ${boxes.map(
          (span) => html`<${Box}
            key=${span.id} span=${span} zoom=${zoom} color=${color}
            isMarked=${marked.has(span.id)} isHit=${hits.has(span.id)}
            isCritical=${critical.has(span.id)} isSelected=${span.id === selected}
          />`,
        )}
      </div>
    </div>
  `;
}

/**
 * @typedef {object} BoxProps
 * @property {Span} span
 * @property {Zoom} zoom
 * @property {(service: string) => string} color
 * @property {boolean} isMarked
 * @property {boolean} isHit
 * @property {boolean} isCritical
 * @property {boolean} isSelected
 */

/** The box of a span. Of thousands of boxes, only the changed ones render again. */
const Box = memo((/** @type {BoxProps} */ props) => {
  const { span, zoom, color, isMarked, isHit, isCritical, isSelected } = props;
  const [bar] = within([[span.start, span.start + span.duration]], zoom);
  const [a, b] = bar ?? [zoom.from, zoom.from];
  const [from, share] = placed(a - zoom.from, b - a, zoom.to - zoom.from);
  const kinds = [
    color(span.service),
    span.error && "failed",
    isMarked && "marked",
    isHit && "hit",
    isCritical && "on-path",
    !bar && "outside",
  ];
  return html`<div
    role="option" class=${`box ${kinds.filter(Boolean).join(" ")}`}
    tabindex=${isSelected ? "0" : "-1"} data-id=${span.id} aria-selected=${String(isSelected)}
    title=${`${span.name}, ${span.service}\n${span.resource.slice(0, LONGEST)}\n${ms(span.duration)}, ${ms(span.self)} self time`}
    style=${{ "--from": from, "--share": share, "--depth": span.depth }}
  >
    ${isHit && html`<span class="unseen">Hit: </span>`}
    ${span.error && html`<b>${"! "}</b>`}${`${span.resource.slice(0, LONGEST) || span.name} `}<small>${`${span.service}, ${ms(span.duration)}`}</small>
  </div>`;
});
