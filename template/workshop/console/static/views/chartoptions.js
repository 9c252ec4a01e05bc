// How uPlot draws the chart of a route.

/** @import uPlot from "uplot" */
/** @import { Mark } from "../types.js" */

import { tickLabel } from "../format.js";
import { reading, time } from "../series.js";
import { drawMarks, drawMoment } from "./chartmarks.js";

const HEIGHT = 280;
// The axis of errors has whole numbers.
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
// In seconds. uPlot's own distances go from one minute to five, which is one label on a phone.
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600];
const LABEL_ROOM = 62;

/**
 * @typedef {object} Plot a drawn chart, and what it was made for
 * @property {string} route
 * @property {boolean} failed
 * @property {[from: number, to: number] | null} moment the chosen part of the series
 * @property {(time: number) => void} pick what a click chooses
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
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { range: () => plot.range },
      // The labels of marks are above the lines.
      y: { range: (_, __, high) => [0, Math.max(high, 1) * (plot.marks.length ? 1.3 : 1.1)] },
      errors: { range: (_, __, high) => [0, Math.max(high ?? 0, 4) * 4] },
    },
    axes: axes(plot, named),
    series: series(named),
    hooks: {
      ready: [
        (u) => {
          u.over.addEventListener("click", ({ offsetX }) => plot.pick(u.posToVal(offsetX, "x")));
        },
      ],
      drawAxes: [(u) => drawMoment(u, plot.moment, named)],
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
    { ...axis, size: 30, incrs: TIMES, space: LABEL_ROOM, values: (_, ticks) => ticks.map(time) },
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
