// Computes the spans of a trace for drawing. No function here is recursive, because a trace can be
// deeper than the stack of a browser.

/** @import { Span, Trace } from "./types.js" */

import { tickLabel } from "./format.js";

/**
 * Choose the spans to draw, and link them to the parents to draw. Returns parents first.
 * @param {Trace} trace
 * @param {boolean} everything whether to draw the framework's own spans, too
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
      place: 1,
      siblings: 1,
    }));
  const byId = new Map(spans.map((span) => [span.id, span]));
  /** @type {Span[]} */
  const waiting = [];
  for (const span of spans) (byId.get(span.parent ?? "")?.children ?? waiting).push(span);
  /** @type {Span[]} */
  const ordered = [];
  count(waiting);
  waiting.reverse();
  for (let span = waiting.pop(); span; span = waiting.pop()) {
    ordered.push(span);
    span.children.sort((a, b) => b.start - a.start);
    for (const child of span.children) {
      child.depth = span.depth + 1;
      waiting.push(child);
    }
    span.children.reverse();
    count(span.children);
  }
  return ordered;
}

/** @param {Span[]} siblings in the order of the picture */
function count(siblings) {
  for (const [at, span] of siblings.entries()) {
    span.place = at + 1;
    span.siblings = siblings.length;
  }
}

/**
 * The span to show first: the source of an error, or else the first span.
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
 * A function that finds a span by its ID. Instead of a span that isn't in the picture, it finds the
 * nearest one above that is.
 * @param {Trace} trace
 * @param {Span[]} spans the ones in the picture
 * @returns {(id: string | undefined) => Span | undefined}
 */
export function nearest(trace, spans) {
  const all = new Map(trace.all.map((span) => [span.id, span]));
  const shown = new Map(spans.map((span) => [span.id, span]));
  return (id) => {
    let at = id;
    while (at && !shown.has(at)) at = all.get(at)?.parent ?? undefined;
    return shown.get(at ?? "");
  };
}

/**
 * The spans that are hidden because a span above them is folded.
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
 * When a span itself ran, while none of its children ran: pairs of start and end.
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
 * The start and width in a picture that is `total` wide, as shares of it. Never outside of it.
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
 * The distance between the lines of an axis: three to seven lines, at round figures.
 * @param {number} total
 */
export function tickWidth(total) {
  const power = 10 ** Math.floor(Math.log10(total));
  return (
    [0.2, 0.5, 1, 2].map((factor) => factor * power).find((width) => total / width <= 6) ?? total
  );
}

/**
 * The lines of an axis, each with its place as a share of it. Skips a line if its label wouldn't fit.
 * @param {number} to
 * @param {number} [start] where the axis begins
 */
export function ticks(to, start = 0) {
  const length = to - start;
  const width = tickWidth(length);
  const first = Math.ceil(start / width - 1e-9);
  // Far from zero, labels would need many digits to differ. Then they count from the first line.
  const isFar = first >= 100;
  /** @type {{from: number, text: string}[]} */
  const lines = [];
  for (let number = first; lines.length <= 7; number += 1) {
    const from = (number * width - start) / length;
    if (!(from < 0.88)) break;
    const isFirst = number === first;
    const text =
      isFar && !isFirst ? `+${tickLabel((number - first) * width)}` : tickLabel(number * width);
    lines.push({ from: Math.max(from, 0), text });
  }
  return lines;
}
