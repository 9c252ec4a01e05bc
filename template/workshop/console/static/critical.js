// The critical path in a picture: when each span held up the whole trace.

/** @import { Span, Trace } from "./types.js" */

/**
 * The stretches of time in which each drawn span is on the critical path. The time of a span that
 * isn't drawn belongs to the next drawn one above it.
 * @param {Trace} trace
 * @param {Span[]} spans the drawn ones
 */
export function criticalPath(trace, spans) {
  /** @type {Map<string, [from: number, to: number][]>} */
  const found = new Map();
  if (!trace.critical?.length) return found;
  const drawn = new Set(spans.map((span) => span.id));
  const parents = new Map(trace.all.map((span) => [span.id, span.parent]));
  for (const [id, start, duration] of trace.critical) {
    /** @type {string | null | undefined} */
    let owner = id;
    while (owner && !drawn.has(owner)) owner = parents.get(owner);
    if (!owner || !Number.isFinite(start) || !(duration >= 0)) continue;
    const stretches = found.get(owner) ?? [];
    stretches.push([start, start + duration]);
    found.set(owner, stretches);
  }
  for (const stretches of found.values()) stretches.sort(([a], [b]) => a - b);
  return found;
}
