// Where the labels of the marks in a chart go, so that none is on top of another.

/** @import { Mark } from "./types.js" */

/**
 * @typedef {object} Label
 * @property {string} text
 * @property {number} left
 * @property {number} width
 * @property {number} lane 0 for the topmost line of labels
 */

/**
 * The labels that fit. Marks with the same text next to each other share one. The words below the
 * chart list all marks, so a label without room can be left out.
 * @param {Mark[]} marks in the order of their times
 * @param {object} space
 * @param {(time: number) => number} space.place where a time is
 * @param {(text: string) => number} space.measure how wide a text is
 * @param {number} space.left the edges of the chart
 * @param {number} space.right
 * @param {number} space.gap between a line and its label, and between two labels
 * @param {number} space.lanes how many lines of labels there can be
 * @returns {Label[]}
 */
export function labelsOf(marks, { place, measure, left, right, gap, lanes }) {
  /** @type {Label[]} */
  const found = [];
  for (const { x, text } of grouped(marks, place, gap * 3)) {
    if (x < left || x > right) continue;
    const width = measure(text);
    const after = x + gap;
    const start = after + width > right ? x - gap - width : after;
    if (start < left) continue;
    for (let lane = 0; lane < lanes; lane += 1) {
      const isFree = found.every(
        (one) =>
          one.lane !== lane || one.left + one.width + gap < start || start + width + gap < one.left,
      );
      if (!isFree) continue;
      found.push({ text, left: start, width, lane });
      break;
    }
  }
  return found;
}

/**
 * @param {Mark[]} marks
 * @param {(time: number) => number} place
 * @param {number} near
 */
function grouped(marks, place, near) {
  /** @type {{x: number, last: number, name: string, count: number}[]} */
  const groups = [];
  for (const { time, text } of marks) {
    const x = place(time);
    const before = groups.findLast((group) => group.name === text);
    if (before && x - before.last <= near) {
      before.count += 1;
      before.last = x;
    } else {
      groups.push({ x, last: x, name: text, count: 1 });
    }
  }
  return groups.map(({ x, name, count }) => ({ x, text: count > 1 ? `${name} ×${count}` : name }));
}
