// A strip of time: dragging on it chooses a part of it, and a double click chooses all.

/** @import { VNode } from "preact" */
/** @import { Zoom } from "../zoom.js" */

import { html, useRef, useState } from "../html.js";

/** A drag that is shorter, in pixels, is a click. */
const SHORTEST_DRAG = 4;

/**
 * @typedef {object} StripProps
 * @property {string} kind its class
 * @property {Zoom} zoom the part of the time that the strip shows
 * @property {(from: number, to: number) => void} onZoom
 * @property {() => void} onWhole
 * @property {(time: number) => void} [onPoint] a click
 * @property {VNode[] | VNode} [children]
 */

/** @param {StripProps} props */
export function TimeStrip({ kind, zoom, onZoom, onWhole, onPoint, children }) {
  const [drag, setDrag] = useState(/** @type {[number, number] | null} */ (null));
  const strip = /** @type {{current: HTMLElement | null}} */ (useRef(null));
  const timeAt = (/** @type {number} */ share) => zoom.from + share * (zoom.to - zoom.from);

  /** @param {PointerEvent} event */
  function shareAt(event) {
    const box = strip.current?.getBoundingClientRect();
    return box?.width ? Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) : 0;
  }

  /** @param {PointerEvent} event */
  function begin(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault(); // else it would select text
    strip.current?.setPointerCapture(event.pointerId);
    setDrag([shareAt(event), shareAt(event)]);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (drag) setDrag([drag[0], shareAt(event)]);
  }

  /** @param {PointerEvent} event */
  function end(event) {
    if (!drag) return;
    const [a, b] = [drag[0], shareAt(event)].sort((one, other) => one - other);
    setDrag(null);
    if ((b - a) * (strip.current?.clientWidth ?? 0) >= SHORTEST_DRAG) onZoom(timeAt(a), timeAt(b));
    else onPoint?.(timeAt(b));
  }

  const [a, b] = drag ? [Math.min(...drag), Math.max(...drag)] : [0, 0];
  return html`<div
    class=${`strip ${kind}`} ref=${strip} onDblClick=${onWhole}
    onPointerDown=${begin} onPointerMove=${move} onPointerUp=${end} onPointerCancel=${() => setDrag(null)}
  >
    ${children}
    ${drag && html`<i class="drag" style=${{ "--from": a, "--share": b - a }} />`}
  </div>`;
}
