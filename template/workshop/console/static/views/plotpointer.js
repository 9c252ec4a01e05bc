// What the pointer does in a plot: hover over a point, open its trace, or drag to choose a time range.

/** @import { Plot } from "../scatter.js" */

import { at } from "../address.js";
import { useRef, useState } from "../html.js";
import { nearest, timeAt } from "../scatter.js";

// In pixels. Whoever moves less than DRAG clicks.
const NEAR = 14;
const DRAG = 5;

/**
 * While the pointer drags, the plot stays as it is.
 * @param {{current: HTMLElement | null}} box
 * @param {Plot} latest
 * @param {(from: number, to: number) => void} onRange
 * @param {(url: string) => void} go
 */
export function usePointer(box, latest, onRange, go) {
  const start = /** @type {{current: number | null}} */ (useRef(null));
  const hasDragged = useRef(false);
  const held = useRef(latest);
  const [drag, setDrag] = useState(/** @type {[number, number] | null} */ (null));
  const [pointed, setPointed] = useState("");
  if (start.current === null) held.current = latest;
  const plot = held.current;
  const hovered = plot.points.find((point) => point.trace.id === pointed);

  /** @param {PointerEvent} event */
  function place({ clientX, clientY }) {
    const { left, top } = /** @type {HTMLElement} */ (box.current).getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** @param {PointerEvent} event */
  function point(event) {
    const [x, y] = place(event);
    setPointed(nearest(plot, x, y, NEAR)?.trace.id ?? "");
    return x;
  }

  function end() {
    start.current = null;
    setDrag(null);
  }

  const handlers = {
    /** @param {PointerEvent} event */
    onPointerDown(event) {
      hasDragged.current = false;
      const x = point(event);
      if (event.isPrimary && event.button === 0) start.current = x;
    },
    /** @param {PointerEvent} event */
    onPointerMove(event) {
      if (start.current === null) return point(event);
      const [x] = place(event);
      if (!hasDragged.current && Math.abs(x - start.current) < DRAG) return;
      hasDragged.current = true;
      box.current?.setPointerCapture(event.pointerId);
      setPointed("");
      setDrag([start.current, Math.min(Math.max(x, 0), plot.width)]);
    },
    onPointerUp() {
      if (hasDragged.current && drag)
        onRange(timeAt(plot, Math.min(...drag)), timeAt(plot, Math.max(...drag)));
      end();
    },
    onPointerCancel: end,
    onPointerLeave: () => start.current === null && setPointed(""),
    /** @param {MouseEvent} event */
    onClick(event) {
      if (hasDragged.current) {
        event.preventDefault();
        event.stopPropagation();
      } else if (hovered && !(event.target instanceof HTMLAnchorElement)) {
        go(at(`/traces/${hovered.trace.id}`)); // a finger hovers nowhere
      }
    },
  };
  return { plot, drag, hovered, handlers };
}
