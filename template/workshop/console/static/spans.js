// What is computed of a trace's spans before they are drawn. Nothing here draws, and nothing calls
// itself: a trace may be deeper than a browser's stack.

/** @import { Span, Trace } from "./types.js" */

import { tickLabel } from "./format.js";

/**
 * Choose the spans to draw, and put them below the ones that are drawn: parents first.
 * @param {Trace} trace
 * @param {boolean} everything whether to draw the framework's own spans as well
 */
export function prepare(trace, everything) {
  /** @type {Span[]} */
  const spans = trace.all
    .filter((span) => everything || !span.framework)
    .map((span) => ({
      ...span,
      parent: everything ? span.parent : span.folded_parent,
      self: everything ? span.self : span.folded_self,
      children: [],
      depth: 0,
    }));
  const byId = new Map(spans.map((span) => [span.id, span]));
  /** @type {Span[]} */
  const waiting = [];
  for (const span of spans) (byId.get(span.parent ?? "")?.children ?? waiting).push(span);
  /** @type {Span[]} */
  const ordered = [];
  waiting.reverse();
  for (let span = waiting.pop(); span; span = waiting.pop()) {
    ordered.push(span);
    span.children.sort((a, b) => b.start - a.start);
    for (const child of span.children) {
      child.depth = span.depth + 1;
      waiting.push(child);
    }
    span.children.reverse();
  }
  return ordered;
}

/**
 * The span to begin with: where an error came from, else the first.
 * @param {Span[]} spans
 * @returns {Span | undefined}
 */
export function worst(spans) {
  const failed = spans.filter((span) => span.error && span.message);
  return (
    failed.find((span) => span.stack) ?? failed[0] ?? spans.find((span) => span.error) ?? spans[0]
  );
}

/**
 * The spans that nobody sees, since one above them is folded.
 * @param {Span[]} spans parents first
 * @param {Set<string>} folded
 */
export function hiddenBelow(spans, folded) {
  /** @type {Set<string>} */
  const hidden = new Set();
  if (!folded.size) return hidden;
  for (const span of spans) {
    if (folded.has(span.id) || hidden.has(span.id))
      for (const child of span.children) hidden.add(child.id);
  }
  return hidden;
}

/**
 * When a span ran itself, while none below it did: pairs of begin and end.
 * @param {Span} span
 */
export function own(span) {
  const end = span.start + span.duration;
  /** @type {[number, number][]} */
  const found = [];
  let reached = span.start;
  for (const child of span.children) {
    if (child.start > reached) found.push([reached, Math.min(child.start, end)]);
    reached = Math.max(reached, child.start + child.duration);
  }
  if (reached < end) found.push([reached, end]);
  return found.filter(([from, to]) => to > from);
}

/**
 * Where something is in a picture that is `total` wide, as shares of it: never beside it.
 * @param {number} start
 * @param {number} duration
 * @param {number} total
 */
export function placed(start, duration, total) {
  const from = clip(start / total);
  return [from, clip((start + duration) / total) - from];
}

/** @param {number} share */
function clip(share) {
  return Math.min(Math.max(share || 0, 0), 1);
}

/**
 * How far apart the lines of an axis are: three to seven of them, at round figures.
 * @param {number} total
 */
export function tickWidth(total) {
  const power = 10 ** Math.floor(Math.log10(total));
  return (
    [0.2, 0.5, 1, 2].map((factor) => factor * power).find((width) => total / width <= 6) ?? total
  );
}

/**
 * The lines of an axis, each with its place as a share of it; none where its figure would be cut off.
 * @param {number} total
 */
export function ticks(total) {
  const width = tickWidth(total);
  return Array.from({ length: Math.ceil((total * 0.88) / width) }, (_, number) => ({
    from: (number * width) / total,
    text: tickLabel(number * width),
  }));
}
