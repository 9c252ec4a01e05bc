// Draws the plot of durations over time on a canvas.

/** @import { Kind, Plot } from "../scatter.js" */

const RADIUS = 3.5;
/** The room for labels below the plot, and to its left, in pixels. */
export const AXIS_HEIGHT = 20;
export const AXIS_WIDTH = 54;

/**
 * Draw everything at once, so that nothing flickers while traces come in.
 * @param {HTMLCanvasElement} canvas
 * @param {Plot} plot
 */
export function draw(canvas, plot) {
  const { width, height } = plot;
  const ratio = devicePixelRatio;
  canvas.width = Math.round((width + AXIS_WIDTH) * ratio);
  canvas.height = Math.round((height + AXIS_HEIGHT) * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  const named = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  context.scale(ratio, ratio);
  context.translate(AXIS_WIDTH, 0);
  context.font = `${style.fontSize} ${style.fontFamily}`;
  drawAxes(context, plot, named);
  drawPoints(context, plot, named);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {(name: string) => string} named
 */
function drawAxes(context, { width, height, times, durations }, named) {
  context.strokeStyle = named("--plot-line");
  context.fillStyle = named("--plot-text");
  context.lineWidth = 1;
  context.beginPath();
  for (const { at } of durations) {
    context.moveTo(0, Math.round(at) + 0.5);
    context.lineTo(width, Math.round(at) + 0.5);
  }
  for (const { at } of times) {
    context.moveTo(Math.round(at) + 0.5, 0);
    context.lineTo(Math.round(at) + 0.5, height);
  }
  context.stroke();
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, text } of durations) context.fillText(text, -6, Math.max(at, 6), AXIS_WIDTH - 6);
  context.textAlign = "left";
  context.textBaseline = "top";
  for (const { at, text } of times) {
    const size = context.measureText(text).width;
    context.fillText(text, Math.min(at - size / 2, width - size), height + 5);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {(name: string) => string} named
 */
function drawPoints(context, { points }, named) {
  const shapes = { good: new Path2D(), handmade: new Path2D(), failed: new Path2D() };
  for (const { x, y, kind } of points) trace[kind](shapes[kind], x, y);
  context.lineWidth = 1.5;
  context.globalAlpha = 0.75;
  context.fillStyle = named("--plot-good");
  context.fill(shapes.good);
  context.globalAlpha = 1;
  context.strokeStyle = named("--plot-handmade");
  context.stroke(shapes.handmade);
  context.lineWidth = 5; // a rim, so that a cross stands out from the points behind it
  context.strokeStyle = named("--plot-ground");
  context.stroke(shapes.failed);
  context.lineWidth = 2;
  context.strokeStyle = named("--plot-failed");
  context.stroke(shapes.failed);
}

/** @type {Record<Kind, (path: Path2D, x: number, y: number) => void>} */
const trace = {
  good(path, x, y) {
    path.moveTo(x + RADIUS, y);
    path.arc(x, y, RADIUS, 0, 2 * Math.PI);
  },
  handmade(path, x, y) {
    path.rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
  },
  failed(path, x, y) {
    const arm = RADIUS + 1;
    path.moveTo(x - arm, y - arm);
    path.lineTo(x + arm, y + arm);
    path.moveTo(x - arm, y + arm);
    path.lineTo(x + arm, y - arm);
  },
};
