// The waterfall: a line for each span, with a bar that shows when it ran. The solid part of a bar is
// the span's self time. In the pale part, its children ran.

/** @import { Span, Trace } from "../types.js" */
/** @import { Zoom } from "../zoom.js" */

import { ALL_AT_ONCE } from "../drawn.js";
import { html, memo, useMemo, useRef } from "../html.js";
import { spanIdOf } from "../parts.js";
import { hiddenBelow, tickWidth } from "../spans.js";
import { inWaterfall } from "../walk.js";
import { Axis } from "./axis.js";
import { useLines } from "./lines.js";
import { WaterfallLine } from "./waterfallline.js";

/**
 * The properties of each picture of a trace.
 * @typedef {object} Picture
 * @property {Trace} trace
 * @property {Span[]} spans
 * @property {string} [selected]
 * @property {Set<string>} marked the spans that a note is about
 * @property {Set<string>} hits the spans that the search found
 * @property {Map<string, [from: number, to: number][]>} critical when each span is on the critical path
 * @property {(service: string) => string} color
 * @property {Zoom} zoom the part of the time to draw
 * @property {Set<string>} folded
 * @property {(spanId: string) => void} onFold fold or unfold
 * @property {(spanId: string) => void} onSelect
 * @property {(spanId: string) => void} onOpen show its details
 * @property {(spanId: string) => void} onGo select it, and move the focus to it
 * @property {(from: number, to: number) => void} onZoom
 * @property {() => void} onWhole
 */

/** @param {Picture} props */
export function Waterfall(props) {
  const { spans, selected, zoom, folded, onFold, onSelect, onOpen, onGo } = props;
  const body = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const visible = useMemo(() => {
    const hidden = hiddenBelow(spans, folded);
    return spans.filter((span) => !hidden.has(span.id));
  }, [spans, folded]);
  const lines = useLines(visible.length, body, visible.length <= ALL_AT_ONCE);

  /** @param {Event} event */
  function choose({ target, type }) {
    const id = spanIdOf(target);
    const isTwisty = target instanceof Element && target.classList.contains("twisty");
    if (id && isTwisty && type === "click") onFold(id);
    else if (id && type === "click") onOpen(id);
    else if (id) onSelect(id);
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const id = spanIdOf(document.activeElement);
    const span = visible.find((one) => one.id === id);
    if (!span || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const led = inWaterfall(event.key, span, visible, folded);
    if (!led) return;
    event.preventDefault();
    if (led.folds) onFold(id);
    if (led.to) onGo(led.to.id);
  }

  return html`<div
    class="waterfall" role="treegrid" aria-label="Waterfall" aria-readonly="true"
    aria-rowcount=${visible.length + 1} style=${grid(zoom)} onKeyDown=${keys}
  >
    <${Titles} zoom=${zoom} onZoom=${props.onZoom} onWhole=${props.onWhole} />
    <div role="rowgroup" class="body" ref=${body} style=${{ "--rows": visible.length }} onClick=${choose} onFocusIn=${choose}>
      ${drawn(visible, lines, selected).map(
        ([at, span]) => html`<${WaterfallLine}
          key=${span.id} span=${span} at=${at} zoom=${zoom} total=${props.trace.duration} color=${props.color}
          byHand=${props.trace.handmade} isMarked=${props.marked.has(span.id)} isHit=${props.hits.has(span.id)}
          critical=${props.critical.get(span.id)} isSelected=${span.id === selected}
          isFolded=${folded.has(span.id)}
        />`,
      )}
    </div>
  </div>`;
}

/**
 * The lines in the window, and the selected one wherever it is: it may have the focus.
 * @param {Span[]} visible
 * @param {[first: number, end: number]} lines
 * @param {string} [selected]
 * @returns {[at: number, span: Span][]}
 */
function drawn(visible, [first, end], selected) {
  /** @type {[at: number, span: Span][]} */
  const found = visible.slice(first, end).map((span, number) => [first + number, span]);
  const at = visible.findIndex((span) => span.id === selected);
  if (at >= 0 && at < first) found.unshift([at, visible[at]]);
  if (at >= end) found.push([at, visible[at]]);
  return found;
}

/**
 * Where the lines behind the bars are.
 * @param {Zoom} zoom
 */
function grid({ from, to }) {
  const width = tickWidth(to - from);
  const share = width / (to - from);
  const first = (Math.ceil(from / width - 1e-9) * width - from) / (to - from);
  return { "--tick": share, "--tick-at": share < 1 ? Math.max(first, 0) / (1 - share) : 0 };
}

/**
 * The axis above the bars.
 * @type {import("preact").ComponentType<Pick<Picture, "zoom" | "onZoom" | "onWhole">>}
 */
const Titles = memo((/** @type {Pick<Picture, "zoom" | "onZoom" | "onWhole">} */ props) => {
  return html`<div role="rowgroup" class="above"><div role="row" class="line titles" aria-rowindex="1">
    <span role="columnheader">Span</span>
    <span role="columnheader" class="figure">Duration</span>
    <span role="columnheader" aria-label="Time"><${Axis} ...${props} /></span>
  </div></div>`;
});
