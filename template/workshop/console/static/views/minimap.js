// The whole trace, small, above its picture: it shows which part of the time the picture shows.

/** @import { Span } from "../types.js" */
/** @import { Zoom } from "../zoom.js" */

import { html, memo, useLayoutEffect, useRef } from "../html.js";
import { placed } from "../spans.js";
import { TimeStrip } from "./drag.js";

/**
 * @typedef {object} MinimapProps
 * @property {Span[]} spans
 * @property {number} total
 * @property {Zoom | null} zoom
 * @property {(service: string) => string} color
 * @property {(from: number, to: number) => void} onZoom
 * @property {() => void} onWhole
 */

/**
 * For the pointer only: keys and buttons do the same, and the time axis says what is shown.
 * @param {MinimapProps} props
 */
export function Minimap({ spans, total, zoom, color, onZoom, onWhole }) {
  const all = { from: 0, to: total };

  /** @param {number} time */
  function center(time) {
    const half = zoom && (zoom.to - zoom.from) / 2;
    if (half) onZoom(time - half, time + half);
  }

  const [from, share] = zoom ? placed(zoom.from, zoom.to - zoom.from, total) : [0, 1];
  return html`<div class="minimap" aria-hidden="true">
    <${TimeStrip} kind="overview" zoom=${all} onZoom=${onZoom} onWhole=${onWhole} onPoint=${center}>
      <${Overview} spans=${spans} total=${total} color=${color} />
      ${zoom && html`<i class="shown" style=${{ "--from": from, "--share": share }} />`}
    <//>
  </div>`;
}

/**
 * A canvas, because it has to show each of ten thousand spans.
 */
const Overview = memo(
  (/** @type {Pick<MinimapProps, "spans" | "total" | "color">} */ { spans, total, color }) => {
    const canvas = /** @type {{current: HTMLCanvasElement | null}} */ (useRef(null));
    useLayoutEffect(() => {
      const element = canvas.current;
      if (!element) return;
      const again = () => draw(element, spans, total, color);
      const size = new ResizeObserver(again); // calls it once at first, too
      const scheme = matchMedia("(prefers-color-scheme: dark)");
      size.observe(element);
      scheme.addEventListener("change", again);
      return () => {
        size.disconnect();
        scheme.removeEventListener("change", again);
      };
    }, [spans, total, color]);
    return html`<canvas ref=${canvas} />`;
  },
);

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Span[]} spans
 * @param {number} total
 * @param {(service: string) => string} color
 */
function draw(canvas, spans, total, color) {
  const brush = canvas.getContext("2d");
  const { clientWidth, clientHeight } = canvas;
  if (!brush || !clientWidth || !clientHeight) return;
  canvas.width = clientWidth * devicePixelRatio;
  canvas.height = clientHeight * devicePixelRatio;
  brush.scale(devicePixelRatio, devicePixelRatio);
  const style = getComputedStyle(canvas);
  /** @type {Map<string, string>} */
  const colors = new Map();
  const line = clientHeight / Math.max(spans.length, 8);
  for (const [number, { service, start, duration }] of spans.entries()) {
    let named = colors.get(service);
    if (named === undefined) {
      named = style.getPropertyValue(`--s${/\d+/.exec(color(service))?.[0]}`);
      colors.set(service, named);
    }
    const [from, share] = placed(start, duration, total);
    const [width, height] = [Math.max(share * clientWidth, 1), Math.max(line - 1, 1)];
    brush.fillStyle = named;
    brush.fillRect(from * clientWidth, number * line, width, height);
  }
}
