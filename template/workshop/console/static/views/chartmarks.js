// Draws what a chart marks: changes of the step, restarts, and the chosen moment.

/** @import uPlot from "uplot" */
/** @import { Mark } from "../types.js" */

import { labelsOf } from "../marks.js";

const LANES = 3;
const LINE = 16;

/**
 * @param {uPlot} u
 * @param {Mark[]} marks
 * @param {(name: string) => string} named
 */
export function drawMarks(u, marks, named) {
  const { ctx, bbox } = u;
  const right = bbox.left + bbox.width;
  const ratio = devicePixelRatio;
  const place = (/** @type {number} */ time) => u.valToPos(time, "x", true);
  ctx.save();
  ctx.font = `${12 * ratio}px ${named("--font")}`;
  ctx.strokeStyle = named("--mark");
  ctx.lineWidth = 1.5 * ratio;
  ctx.beginPath();
  for (const mark of marks) {
    const x = place(mark.time);
    if (x < bbox.left || x > right) continue;
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
  const measure = (/** @type {string} */ text) => ctx.measureText(text).width;
  const space = { place, measure, left: bbox.left, right, gap: 6 * ratio, lanes: LANES };
  ctx.textBaseline = "middle";
  for (const { text, left, width, lane } of labelsOf(marks, space)) {
    const top = bbox.top + (2 + lane * LINE) * ratio;
    ctx.fillStyle = named("--card");
    ctx.fillRect(left - 2 * ratio, top, width + 4 * ratio, (LINE - 1) * ratio);
    ctx.fillStyle = named("--mark");
    ctx.fillText(text, left, top + (LINE / 2) * ratio);
  }
  ctx.restore();
}

/**
 * @param {uPlot} u
 * @param {[from: number, to: number] | null} moment
 * @param {(name: string) => string} named
 */
export function drawMoment(u, moment, named) {
  if (!moment) return;
  const { ctx, bbox } = u;
  const edges = moment.map((time) => u.valToPos(time, "x", true));
  const [from, to] = edges.map((x) => Math.min(Math.max(x, bbox.left), bbox.left + bbox.width));
  ctx.save();
  ctx.fillStyle = named("--accent-pale");
  ctx.fillRect(from, bbox.top, Math.max(to - from, 2 * devicePixelRatio), bbox.height);
  ctx.restore();
}
