// Zoom and move in the time of a trace, by keys, buttons, and the wheel.

/** @import { Zoom } from "../zoom.js" */
/** @import { Latest } from "./tracemoves.js" */

import { useEffect, useLayoutEffect, useRef } from "../html.js";
import { tell } from "../parts.js";
import { fitted, panned, zoomed, zoomText } from "../zoom.js";

const FACTOR = 1.5;
const PAN_SHARE = 0.2;
const WHEEL = 0.004; // for each pixel that a wheel turns
const TELL_MS = 400;

/** @param {Latest} latest */
export function zoomMoves(latest) {
  const setZoom = (/** @type {Zoom | null} */ zoom) => latest.current.change({ zoom });

  /**
   * Around the selected span, if it is in the picture.
   * @param {number} factor
   */
  function zoomBy(factor) {
    const { shown, total, selected } = latest.current;
    const middle = selected ? selected.start + selected.duration / 2 : Number.NaN;
    const isShown = middle > shown.from && middle < shown.to;
    setZoom(zoomed(shown, total, factor, isShown ? middle : undefined));
  }

  /** @param {number} share */
  const pan = (share) => setZoom(panned(latest.current.shown, latest.current.total, share));

  /**
   * Turn the wheel while holding Ctrl, or pinch on a trackpad: browsers report both alike.
   * @param {WheelEvent} event
   */
  function wheel(event) {
    const { shown, total, canvas } = latest.current;
    const axis = canvas.current?.querySelector(".axis")?.getBoundingClientRect();
    if (!axis?.width) return;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !isSideways) return;
    event.preventDefault(); // else it would zoom the page, or lead to the page before
    if (event.ctrlKey) {
      const share = Math.min(Math.max((event.clientX - axis.left) / axis.width, 0), 1);
      const at = shown.from + share * (shown.to - shown.from);
      const turned = Math.min(Math.max(event.deltaY, -250), 250);
      setZoom(zoomed(shown, total, Math.exp(turned * WHEEL), at));
    } else setZoom(panned(shown, total, (event.deltaX || event.deltaY) / axis.width));
  }

  return {
    wheel,
    zoomIn: () => zoomBy(1 / FACTOR),
    zoomOut: () => zoomBy(FACTOR),
    earlier: () => pan(-PAN_SHARE),
    later: () => pan(PAN_SHARE),
    whole: () => setZoom(null),
    zoomTo: (/** @type {number} */ from, /** @type {number} */ to) =>
      setZoom(fitted(from, to, latest.current.total)),
  };
}

/**
 * Listen to the wheel over the picture. Not as a property of an element, because then a browser
 * doesn't let it keep the page from moving.
 * @param {{current: HTMLElement | null}} canvas
 * @param {(event: WheelEvent) => void} wheel
 */
export function useWheel(canvas, wheel) {
  useLayoutEffect(() => {
    const element = canvas.current;
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  }, []);
}

/**
 * Tell a screen reader what the picture shows, once somebody stops zooming.
 * @param {Zoom | null} zoom
 * @param {number} total
 */
export function useToldZoom(zoom, total) {
  const told = useRef(zoom);
  useEffect(() => {
    if (told.current === zoom) return;
    const timer = setTimeout(() => {
      told.current = zoom;
      tell(zoomText(zoom, total));
    }, TELL_MS);
    return () => clearTimeout(timer);
  }, [zoom]);
}
