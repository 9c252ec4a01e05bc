// What is computed of a trace's spans before they are drawn. Nothing here draws, and nothing calls
// itself: a trace may be deeper than a browser's stack.

/** Choose the spans to draw, and put them below the ones that are drawn: parents first. */
export function prepare(trace, everything) {
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
  const waiting = [];
  for (const span of spans) (byId.get(span.parent)?.children ?? waiting).push(span);
  const ordered = [];
  waiting.reverse();
  while (waiting.length) {
    const span = waiting.pop();
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

/** The span to begin with: where an error came from, else the first. */
export function worst(spans) {
  const failed = spans.filter((span) => span.error && span.message);
  return failed.find((span) => span.stack) ?? failed[0] ?? spans.find((span) => span.error) ?? spans[0];
}

/** All spans below one, parents first; not those below a span for which `closed` holds. */
export function below(span, closed = () => false) {
  const found = [];
  const waiting = [...span.children];
  while (waiting.length) {
    const one = waiting.pop();
    found.push(one);
    if (!closed(one)) for (const child of one.children) waiting.push(child);
  }
  return found;
}

/** When a span ran itself, while none below it did: pairs of begin and end. */
export function own(span) {
  const end = span.start + span.duration;
  const found = [];
  let reached = span.start;
  for (const child of span.children) {
    if (child.start > reached) found.push([reached, Math.min(child.start, end)]);
    reached = Math.max(reached, child.start + child.duration);
  }
  if (reached < end) found.push([reached, end]);
  return found.filter(([from, to]) => to > from);
}

/** Where something is in a picture that is `total` wide, as shares of it: never beside it. */
export function placed(start, duration, total) {
  const from = clip(start / total);
  return [from, clip((start + duration) / total) - from];
}

function clip(share) {
  return Math.min(Math.max(share || 0, 0), 1);
}

/** How far apart the lines of an axis are: three to seven of them, at round figures. */
export function tickWidth(total) {
  const power = 10 ** Math.floor(Math.log10(total));
  return [0.2, 0.5, 1, 2].map((factor) => factor * power).find((width) => total / width <= 6) ?? total;
}
