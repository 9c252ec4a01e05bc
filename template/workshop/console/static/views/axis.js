// The time axis above a picture. Dragging on it zooms in.

/** @import { Zoom } from "../zoom.js" */

import { html, memo } from "../html.js";
import { ticks } from "../spans.js";
import { TimeStrip } from "./drag.js";

/**
 * @typedef {object} AxisProps
 * @property {Zoom} zoom
 * @property {(from: number, to: number) => void} onZoom
 * @property {() => void} onWhole
 */

/** @type {import("preact").ComponentType<AxisProps>} */
export const Axis = memo((/** @type {AxisProps} */ { zoom, onZoom, onWhole }) => {
  return html`<${TimeStrip} kind="axis" zoom=${zoom} onZoom=${onZoom} onWhole=${onWhole}>
    ${ticks(zoom.to, zoom.from).map(
      ({ from, text }) => html`<span key=${from} style=${{ "--from": from }}>${text}</span>`,
    )}
  <//>`;
});
