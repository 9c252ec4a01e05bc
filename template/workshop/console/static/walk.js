// Where a key moves the focus in the picture of a trace.

/** @import { Span } from "./types.js" */

/**
 * In the waterfall: moves to another span, or folds or unfolds this one. Null for other keys.
 * @param {string} key
 * @param {Span} span the one that has the focus
 * @param {Span[]} visible all spans that aren't below a folded one
 * @param {Set<string>} folded
 * @returns {{to?: Span, folds?: boolean} | null}
 */
export function inWaterfall(key, span, visible, folded) {
  const at = visible.indexOf(span);
  const isParent = span.children.length > 0;
  const isOpen = isParent && !folded.has(span.id);
  switch (key) {
    case "ArrowDown":
      return { to: visible[at + 1] };
    case "ArrowUp":
      return { to: visible[at - 1] };
    case "Home":
      return { to: visible[0] };
    case "End":
      return { to: visible.at(-1) };
    case "ArrowRight":
      return isOpen ? { to: visible[at + 1] } : { folds: isParent };
    case "ArrowLeft":
      return isOpen ? { folds: true } : { to: visible.find((one) => one.id === span.parent) };
    case "Enter":
    case " ":
      return { folds: isParent };
    default:
      return null;
  }
}

/**
 * In the flame graph: the left and right keys stay on one level. Null for other keys.
 * @param {string} key
 * @param {Span} span the one that has the focus
 * @param {Span[]} spans
 * @returns {{to?: Span} | null}
 */
export function inFlame(key, span, spans) {
  const level = () =>
    spans.filter((one) => one.depth === span.depth).sort((a, b) => a.start - b.start);
  switch (key) {
    case "ArrowLeft":
      return { to: beside(level(), span, -1) };
    case "ArrowRight":
      return { to: beside(level(), span, 1) };
    case "ArrowUp":
      return { to: spans.find((one) => one.id === span.parent) };
    case "ArrowDown":
      return { to: span.children[0] };
    case "Home":
      return { to: spans[0] };
    default:
      return null;
  }
}

/**
 * @param {Span[]} level
 * @param {Span} span
 * @param {number} step
 */
function beside(level, span, step) {
  return level[level.indexOf(span) + step];
}
