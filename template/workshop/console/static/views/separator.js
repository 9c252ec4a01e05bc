// A line between two columns that somebody can move, with the pointer or with the arrow keys. The
// browser remembers the width.

import { html, useRef, useState } from "../html.js";

const STEP = 16;

/**
 * The width of a column in pixels, and how to change it. A width of 0 is the usual one.
 * @param {string} name
 * @param {{least: number, most: number, usual: number}} limits in pixels, `usual` in rem
 */
export function useWidth(name, { least, most, usual }) {
  const normal = usual * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [kept, keep] = useState(Number(localStorage.getItem(name)) || 0);
  const width = Math.round(Math.min(Math.max(kept || normal, least), most));

  /** @param {number} wanted */
  function setWidth(wanted) {
    const now = wanted && Math.min(Math.max(wanted, least), most);
    localStorage.setItem(name, String(now));
    keep(now);
  }
  return { width, setWidth, least, most };
}

/**
 * @param {object} props
 * @param {string} props.label
 * @param {ReturnType<typeof useWidth>} props.column
 * @param {1 | -1} [props.grows] -1 if the column is on the right of the line
 */
export function Separator({ label, column, grows = 1 }) {
  const { width, setWidth, least, most } = column;
  const begun = useRef({ x: 0, width: 0 });

  /** @param {PointerEvent & {currentTarget: HTMLElement}} event */
  function begin(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.focus();
    event.currentTarget.setPointerCapture(event.pointerId);
    begun.current = { x: event.clientX, width };
  }

  /** @param {PointerEvent & {currentTarget: HTMLElement}} event */
  function move(event) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setWidth(begun.current.width + grows * (event.clientX - begun.current.x));
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const wanted = {
      ArrowLeft: width - grows * STEP,
      ArrowRight: width + grows * STEP,
      Home: least,
      End: most,
      Enter: 0,
    }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    setWidth(wanted);
  }

  return html`<div
    class="separator" role="separator" tabindex="0" aria-orientation="vertical" aria-label=${label}
    aria-valuenow=${width} aria-valuemin=${least} aria-valuemax=${most} aria-valuetext=${`${width} pixels`}
    title="Drag to resize. Double-click for the usual width."
    onPointerDown=${begin} onPointerMove=${move} onKeyDown=${keys} onDblClick=${() => setWidth(0)}
  />`;
}
