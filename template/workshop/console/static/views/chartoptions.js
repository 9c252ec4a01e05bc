// How uPlot draws the chart of a route.

/** @import uPlot from "uplot" */
/** @import { Mark } from "../types.js" */

import { tickLabel } from "../format.js";
import { reading, time } from "../series.js";

const HEIGHT = 280;
// The axis of errors has whole numbers.
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/**
 * @typedef {object} Plot a drawn chart, and what it was made for
 * @property {string} route
 * @property {boolean} failed
 * @property {Mark[]} marks
 * @property {[number, number]} range
 * @property {uPlot} [uplot]
 */

/** A function that returns a property of the style sheet, such as a color. */
function styles() {
  const style = getComputedStyle(document.documentElement);
  return (/** @type {string} */ name) => style.getPropertyValue(name).trim();
}

/**
 * @param {number} width
 * @param {Plot} plot
 * @param {HTMLElement} read
 * @returns {uPlot.Options}
 */
export function options(width, plot, read) {
  const named = styles();
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 8 } },
    scales: {
      x: { range: () => plot.range },
      y: { range: (_, __, high) => [0, Math.max(high, 1) * 1.1] },
      errors: { range: (_, __, high) => [0, Math.max(high ?? 0, 4) * 4] },
    },
    axes: axes(plot, named),
    series: series(named),
    hooks: {
      draw: [(u) => drawMarks(u, plot.marks, named)],
      setCursor: [
        (u) => {
          read.textContent = reading(u.data, u.cursor.idx);
        },
      ],
    },
  };
}

/**
 * @param {Plot} plot
 * @param {(name: string) => string} named
 * @returns {uPlot.Axis[]}
 */
function axes(plot, named) {
  const font = `12px ${named("--font")}`;
  const grid = { stroke: named("--line"), width: 1 };
  const axis = { stroke: named("--quiet"), grid, ticks: { show: false }, font };
  /** @type {uPlot.Axis} */
  const errors = {
    ...axis,
    scale: "errors",
    side: 1,
    size: 45,
    label: "errors",
    labelSize: 20,
    labelFont: font,
    grid: { show: false },
    incrs: COUNTS,
  };
  return [
    { ...axis, size: 30, values: (_, ticks) => ticks.map(time) },
    { ...axis, size: 70, values: (_, ticks) => ticks.map(tickLabel) },
    ...(plot.failed ? [errors] : []),
  ];
}

/**
 * @param {(name: string) => string} named
 * @returns {uPlot.Series[]}
 */
function series(named) {
  const bad = named("--bad");
  return [
    {},
    { label: "p50", stroke: named("--p50"), width: 2.5, points: { show: true, size: 5 } },
    {
      label: "p95",
      stroke: named("--p95"),
      width: 2,
      dash: [6, 4],
      points: { show: false },
    },
    {
      label: "errors",
      scale: "errors",
      stroke: bad,
      fill: bad,
      width: 0,
      points: { show: false },
      paths: window.uPlot.paths.bars?.({ size: [0.6, 14] }),
    },
  ];
}

/**
 * @param {uPlot} u
 * @param {Mark[]} marks
 * @param {(name: string) => string} named
 */
function drawMarks(u, marks, named) {
  const { ctx, bbox } = u;
  const right = bbox.left + bbox.width;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px ${named("--font")}`;
  ctx.fillStyle = named("--mark");
  ctx.strokeStyle = named("--mark");
  ctx.lineWidth = 1.5 * ratio;
  marks.forEach((mark, number) => {
    const x = u.valToPos(mark.time, "x", true);
    if (x < bbox.left || x > right) return;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const isBefore = x + 6 * ratio + ctx.measureText(mark.text).width > right;
    ctx.textAlign = isBefore ? "right" : "left";
    const y = bbox.top + (14 + (number % 3) * 16) * ratio;
    ctx.fillText(mark.text, x + (isBefore ? -6 : 6) * ratio, y);
  });
  ctx.restore();
}
