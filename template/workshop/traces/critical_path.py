"""The critical path of a trace: the spans that a request waited for, one after another.

If something on this path gets faster, so does the request. If something else gets faster, the
request takes as long as before.

The path is found as Jaeger finds it (github.com/jaegertracing/jaeger-ui, folder
packages/jaeger-ui/src/components/TracePage/CriticalPath; the method is from "CRISP: Critical Path
Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022): walk back from the end of the
root, always to the child that ended last before the current point. Then walk back inside that
child, and go on from where it began. In detail:

- A child counts only while its parent ran. So work that goes on after its parent is cut off, and so
  is what seems to begin before the parent because clocks disagree. What lies outside isn't on the
  path, nor is anything below it.
- Of children that overlap, only the one that ended last is on the path, and whatever ended before
  that one began. Here we differ from Jaeger, which gives the time before that to the parent even if
  another child still ran: a child that had done most of its work by then is on the path up to that
  point, unless the end of another child, or the start of the parent, is closer to it. Otherwise,
  calls that overlap by a microsecond would look like the parent's own work.
- A span without a duration can't delay anything, so it isn't on the path.
- If a trace has several roots, the path is that of the first one, the request. The others have no
  known place in it.

So the parts of the path don't overlap, and add up to the duration of the root.

This doesn't recurse, and takes O(n log n) steps for n spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from workshop.traces.remarks import took
from workshop.traces.tree import SKEW, Span, Trace, begins_after, self_time

LEAST = 0.05
"""The share of the path that repeated work needs before a sentence mentions it."""
LATE_PART = 20
"""A span may end after its parent by one in so many parts of its duration.

What is later than that may add up to the same part of the whole.
"""
LONGEST_RESOURCE = 100
"""In characters."""

Operation = tuple[str, str, str]


@dataclass(frozen=True)
class Section:
    """A part of the path: a span was doing its own work. Times are in nanoseconds."""

    span: Span
    start: int
    """Since the epoch."""
    duration: int


@dataclass
class _Visit:
    """A span on the path, and how far the walk has come in it."""

    span: Span
    start: int
    point: int
    ended: list[_Child]
    """The children not yet seen, the one that ended last at the end."""
    running: list[_Child]
    """Those that ended after the point and may have run before it, the first to end at the end."""


_Child = tuple[int, int, Span]
"""A child with its start and its end, both within its parent."""


def critical_path(trace: Trace) -> list[Section]:
    """The parts of the path, the earliest first. Empty if the root took no time."""
    root = trace.roots[0]
    found: list[Section] = []
    visits = [_visit(root, root.start, root.end)]
    while visits:
        visit = visits[-1]
        if below := _before_point(visit):
            start, end, child = below
            end = min(end, visit.point)
            _put(found, visit.span, end, visit.point)
            visit.point = start
            visits.append(_visit(child, start, end))
        else:
            _put(found, visit.span, visit.start, visit.point)
            visits.pop()
    return found[::-1]


def is_doubtful(trace: Trace) -> bool:
    """Whether a part is missing, or clocks disagree, so that the path may not be what happened.

    A server may end its span a moment after it has answered, and on a busy machine that moment is
    longer. That's no reason to doubt, as long as it can't change the path by much.
    """
    if trace.orphans:
        return True
    late = 0
    for span in trace.spans():
        for child in span.children:
            if child.start < span.start - SKEW:
                return True
            by = child.end - span.end
            if by > max(SKEW, child.duration // LATE_PART):
                late += by
    return late > trace.roots[0].duration // LATE_PART


def sentence(trace: Trace) -> str:
    """What takes most of the critical path. Empty if the trace doesn't show one, or is doubtful.

    `trace` is the trace as it's shown: with or without the framework's spans.
    """
    if is_doubtful(trace):
        return ""
    tree = _Tree(trace)
    if not tree.total or len(tree.on_path) < 2:
        return ""
    span, group = tree.heaviest()
    whole = f"of the {took(tree.total)} of {_name(trace.roots[0])}"
    if group:
        share = sum(tree.inclusive[id(one)] for one in group) / tree.total
        return (
            f"The critical path: {_count(group)}, {_how(group)}, {_take(len(group), share)} "
            f"{whole}."
        )
    share = tree.alone(span) / tree.total
    if span is trace.roots[0]:
        return (
            f"The critical path: {_name(span)} itself, not what is below it, {_take(1, share)} of "
            f"its {took(tree.total)}."
        )
    return f"The critical path: {_name(span)} itself {_take(1, share)} {whole}."


def parallel_sentence(trace: Trace) -> str:
    """What could run side by side, or already does. Empty if there is nothing to say.

    It only claims what a trace can show: when each span ran, but not which result it needed.
    """
    if is_doubtful(trace):
        return ""
    tree = _Tree(trace)
    if not tree.total:
        return ""
    groups = [group for group in tree.groups() if tree.weight(group) >= LEAST * tree.total]
    groups.sort(key=tree.weight, reverse=True)
    for group in groups:
        if said := _in_a_row(group, tree) or _side_by_side(group, tree):
            return said
    return ""


def operation(span: Span) -> Operation:
    """What identifies the operation of a span: service, name, and resource."""
    return span.service, span.name, span.resource


class _Tree:
    """The critical path as a tree, with the time that each span has on it, in nanoseconds."""

    def __init__(self, trace: Trace) -> None:
        sections = critical_path(trace)
        self.root = trace.roots[0]
        self.own: dict[int, int] = {}
        """The time of each span's own work on the path, by Python's `id` of the span."""
        for section in sections:
            self.own[id(section.span)] = self.own.get(id(section.span), 0) + section.duration
        self.total = sum(self.own.values())
        self.inclusive = dict(self.own)
        """The same, together with the spans below."""
        walked = list(self.root.walk())
        for span in reversed(walked):
            below = sum(self.inclusive.get(id(child), 0) for child in span.children)
            if below:
                self.inclusive[id(span)] = self.inclusive.get(id(span), 0) + below
        self.on_path = [span for span in walked if id(span) in self.inclusive]

    def heaviest(self) -> tuple[Span, list[Span]]:
        """The span to mention, or a group of its children: always the largest part, going down."""
        span = self.root
        while True:
            groups = self._groups_below(span)
            most = max(groups, key=self.weight, default=[])
            if not most or self.weight(most) < self.alone(span):
                return span, []
            if len(most) > 1:
                return span, most
            span = most[0]

    def alone(self, span: Span) -> int:
        """How long a span is on the path while nothing below it runs."""
        return min(self.own.get(id(span), 0), self_time(span))

    def groups(self) -> Iterator[list[Span]]:
        """Siblings that do the same, at least one of them on the path."""
        for span in self.on_path:
            alike: dict[Operation, list[Span]] = {}
            for child in span.children:
                alike.setdefault(operation(child), []).append(child)
            yield from (
                group for group in alike.values() if len(group) > 1 and self.weight(group) > 0
            )

    def weight(self, group: list[Span]) -> int:
        """How long these spans are on the path, with everything below them."""
        return sum(self.inclusive.get(id(span), 0) for span in group)

    def _groups_below(self, span: Span) -> list[list[Span]]:
        alike: dict[Operation, list[Span]] = {}
        for child in span.children:
            if id(child) in self.inclusive:
                alike.setdefault(operation(child), []).append(child)
        return list(alike.values())


def _in_a_row(group: list[Span], tree: _Tree) -> str:
    row = [span for span in group if id(span) in tree.inclusive]
    if len(row) < 2 or not _is_row(row):
        return ""
    together = tree.weight(row)
    longest = max(tree.inclusive[id(span)] for span in row)
    these = f"these {_count(row)}"
    if len(row) < len(group):
        these = f"the {len(row)} of {_count(group)} that are on the critical path"
    return (
        f"The trace can't show whether {these} need each other's results. "
        "Each begins after the one before it has ended. If your code doesn't need one result to "
        f"ask for the next, they could run side by side and take about {took(longest)} instead of "
        f"{took(together)}."
    )


def _side_by_side(group: list[Span], tree: _Tree) -> str:
    ordered = sorted(group, key=lambda span: span.start)
    reached = ordered[0].end
    overlapping = False
    for span in ordered[1:]:
        overlapping = overlapping or span.start < reached
        reached = max(reached, span.end)
    if not overlapping:
        return ""
    on_path = [span for span in group if id(span) in tree.inclusive]
    if len(on_path) == len(group):
        return ""
    which = "Only one of them is" if len(on_path) == 1 else f"{len(on_path)} of them are"
    return (
        f"Of {_count(group)}, some run side by side. {which} on the critical path, "
        f"with {took(tree.weight(on_path))}. If only the others get faster, the request doesn't."
    )


def _is_row(group: list[Span]) -> bool:
    ordered = sorted(group, key=lambda span: (span.start, span.end))
    return all(begins_after(later, earlier) for earlier, later in pairwise(ordered))


def _how(group: list[Span]) -> str:
    return "one after another" if _is_row(group) else "some side by side"


def _visit(span: Span, start: int, end: int) -> _Visit:
    inside = [
        (max(child.start, start), min(child.end, end), child)
        for child in span.children
        if min(child.end, end) > max(child.start, start)
    ]
    # The one that ended last is taken first. Of several, the shortest: it leaves room for others.
    inside.sort(key=lambda one: (one[1], one[0]))
    return _Visit(span, start, end, inside, [])


def _before_point(visit: _Visit) -> _Child | None:
    """The child that the parent waited for right before the point. It looks at each once or twice.

    What is dropped never counts again: for an earlier point, its overlap would only be longer.
    """
    point, ended, running = visit.point, visit.ended, visit.running
    while ended and ended[-1][1] > point:
        running.append(ended.pop())
    while running and running[-1][1] - point >= point - running[-1][0]:
        running.pop()
    gap = point - (ended[-1][1] if ended else visit.start)
    if running and running[-1][1] - point < gap:
        return running.pop()
    return ended.pop() if ended else None


def _put(found: list[Section], span: Span, start: int, end: int) -> None:
    if end <= start:
        return
    if found and found[-1].span is span and found[-1].start == end:
        found[-1] = Section(span, start, end - start + found[-1].duration)
    else:
        found.append(Section(span, start, end - start))


def _name(span: Span) -> str:
    return _short(" ".join(span.resource.split()))


def _count(group: list[Span]) -> str:
    is_call = re.match(r"[A-Z]+ /", group[0].resource)
    return f"{len(group)} {'calls to' if is_call else 'runs of'} {_name(group[0])}"


def _take(count: int, share: float) -> str:
    verb = "takes" if count == 1 else "take"
    return f"{verb} {share:.0%}" if share >= 0.01 else f"{verb} less than 1%"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_RESOURCE else f"{text[: LONGEST_RESOURCE - 1]}…"
