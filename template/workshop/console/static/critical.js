// The critical path in a picture: when each span held up the whole trace.

/** @import { Span, Trace } from "./types.js" */

/**
 * The stretches of time in which each drawn span is on the critical path.
 * @param {Trace} trace
 * @param {Span[]} spans the drawn ones
 * @param {boolean} everything whether the framework's own spans are drawn, too
 */
export function criticalPath(trace, spans, everything) {
  const parts = (everything ? trace.critical : trace.folded_critical) ?? [];
  const drawn = new Set(parts.length ? spans.map((span) => span.id) : []);
  /** @type {Map<string, [from: number, to: number][]>} */
  const found = new Map();
  for (const [id, start, duration] of parts) {
    if (!drawn.has(id) || !Number.isFinite(start) || !(duration >= 0)) continue;
    const stretches = found.get(id) ?? [];
    stretches.push([start, start + duration]);
    found.set(id, stretches);
  }
  for (const stretches of found.values()) stretches.sort(([a], [b]) => a - b);
  return found;
}
