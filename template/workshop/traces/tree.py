"""Builds trees from spans: one for each trace, across all services, without framework spans.

Whatever the spans contain, each of them ends up in exactly one tree, or in the count of those left
out. For n spans, this takes O(n log n) steps: it doesn't recurse, and never follows a path up a
tree twice. It uses only the standard library, because `web` and `taster` import it too.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from workshop.traces.span import (
    CIRCLE,
    NO_PARENT_ID,
    NO_START,
    UnreadableSpanError,
    lower_half,
    read_span,
    upper_half,
)
from workshop.traces.span import RawSpan as RawSpan
from workshop.traces.span import Span as Span
from workshop.traces.span import numeric_tags as numeric_tags

MOST_DRAWN = 5000
"""How many spans of one trace to draw in the terminal. Counts include all."""
SKEW = 100_000
"""In nanoseconds. Smaller differences between the clocks of two processes don't matter."""

UNTRACED_ID = "without a usable trace id"
COPY = "sent twice"


def is_framework_span(name: str) -> bool:
    """Whether a span with that name describes a library's internals, not the application.

    Flask reports every stage of a request as a span, and only the request itself is of interest.
    From a database driver, only the queries are.
    """
    if name.startswith(("flask.", "flask_sqlalchemy.")):
        return name != "flask.request"
    return bool(re.match(r"(sqlite|postgres|psycopg|mysql)\.connection\.", name))


@dataclass
class Trace:
    """All spans with one trace id."""

    id: int
    """All 128 bits."""
    roots: list[Span]
    """First the spans without a parent, the earliest first. Then the spans whose parent is missing,
    and one from each circle of spans that name each other as parents."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many of its spans can't be shown, by reason."""

    @property
    def hex_id(self) -> str:
        """The ID in the form of Datadog's pages and the logs: 32 hexadecimal digits."""
        return f"{self.id:032x}"

    @property
    def start(self) -> int:
        """When its first span began, in nanoseconds since the epoch."""
        return min(span.start for span in self.spans())

    @property
    def duration(self) -> int:
        """The time from the start of the first span to the end of the last, in nanoseconds."""
        spans = self.spans()
        return max(span.end for span in spans) - min(span.start for span in spans)

    @property
    def is_health_check(self) -> bool:
        """Whether it only asks whether a service is up."""
        return all(root.resource == "GET /ping" for root in self.roots)

    @property
    def orphans(self) -> list[Span]:
        """The roots whose parent is missing because it hasn't come in yet, or never will."""
        return [root for root in self.roots if not is_first(root) and CIRCLE not in root.odd]

    def spans(self) -> list[Span]:
        """All spans, each parent before its children."""
        return [span for root in self.roots for span in root.walk()]

    def with_parents(self) -> list[tuple[Span, Span | None]]:
        """All spans in the same order, each with its parent, or None for a root."""
        spans = self.spans()
        above = {id(child): span for span in spans for child in span.children}
        return [(span, above.get(id(span))) for span in spans]

    def has_error(self) -> bool:
        """Whether the request failed. An error that a span further up handled doesn't count."""
        firsts = [root for root in self.roots if is_first(root)]
        return any(root.error for root in firsts or self.roots)


@dataclass
class Reading:
    """What the agent returned."""

    traces: list[Trace]
    """The earliest first."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many spans are in none of the traces, by reason."""


def is_of_interest(trace: Trace) -> bool:
    """Whether it contains a request or an error, not only the app preparing its database."""
    return not trace.is_health_check and any(
        span.error or not (is_framework_span(span.name) or span.name.endswith(".query"))
        for span in trace.spans()
    )


def traces(groups: Iterable[Any]) -> list[Trace]:
    """Build the traces from the agent's answer, the earliest first."""
    return read(groups).traces


def read(groups: Iterable[Any]) -> Reading:
    """The same, with counts of the spans that can't be shown.

    The agent groups spans by the lower 64 bits of the trace ID. The upper ones are in a tag of the
    first span in each process's chunk, and the spans below it share them.
    """
    found = Reading([])
    by_lower: dict[int, list[RawSpan]] = {}
    for group in groups:
        for raw in group if isinstance(group, list) else [group]:
            if (lower := lower_half(raw)) is None:
                found.left_out[UNTRACED_ID] += 1
            else:
                by_lower.setdefault(lower, []).append(raw)
    for lower, raws in by_lower.items():
        spans, uppers, left_out = _read_spans(raws)
        if not spans:
            found.left_out += left_out
            continue
        halves: dict[int, list[Span]] = {}
        for span, upper in zip(spans, _spread(spans, uppers), strict=True):
            halves.setdefault(upper, []).append(span)
        for upper, own in halves.items():
            # An unreadable span doesn't say which upper half it belongs to either.
            found.traces.append(Trace(upper << 64 | lower, _link(own), left_out))
            left_out = Counter()
    # Sort by the roots, because the clock of a span further down may be years off.
    found.traces.sort(key=lambda trace: trace.roots[0].start)
    return found


def is_first(root: Span) -> bool:
    """Whether a root itself says that it has no parent."""
    return root.parent_id == 0 and NO_PARENT_ID not in root.odd


def fold(trace: Trace) -> Trace:
    """The same trace without the framework's spans. Their children move to the next span above.

    A trace with only framework spans stays as it is. If only framework spans have an error, the
    ones where it originated stay.
    """
    kept = kept_spans(trace)
    if not kept:
        return trace
    roots: list[Span] = []
    for root in trace.roots:
        roots += _fold(root, kept)
    return Trace(trace.id, roots, trace.left_out)


def begins_after(later: Span, earlier: Span) -> bool:
    """Whether a span begins when another one has ended.

    They may overlap slightly, because clocks are imprecise: by up to SKEW, and a tenth of either.
    """
    slack = min(SKEW, earlier.duration // 10, later.duration // 10)
    return later.start >= earlier.end - slack


def self_time(span: Span) -> int:
    """The self time of a span, while none of its children ran, in nanoseconds."""
    covered, reached = 0, span.start
    for child in sorted(span.children, key=lambda child: child.start):
        begin, end = max(child.start, reached), min(child.end, span.end)
        if end > begin:
            covered += end - begin
            reached = end
    return max(0, span.duration - covered)


def repeated(span: Span) -> list[list[Span]]:
    """Runs of three or more children that do the same thing one after another."""
    runs: list[list[Span]] = []
    for child in span.children:
        last = runs[-1][-1] if runs else None
        same = last and (last.name, last.resource) == (child.name, child.resource)
        if last and same and begins_after(child, last):
            runs[-1].append(child)
        else:
            runs.append([child])
    return [run for run in runs if len(run) >= 3]


def weightiest(trace: Trace, most: int) -> set[int]:
    """The spans to draw (by Python's `id`) if a trace has more than `most`.

    Spans with an error below them come first, then the longest. Always includes their parents.
    """
    spans = trace.spans()
    if len(spans) <= most:
        return {id(span) for span in spans}
    failed: dict[int, bool] = {}
    for span in reversed(spans):
        failed[id(span)] = span.error or any(failed[id(child)] for child in span.children)
    number = itertools.count()
    waiting: list[tuple[bool, int, int, Span]] = []

    def wait(some: list[Span]) -> None:
        for span in some:
            heapq.heappush(waiting, (not failed[id(span)], -span.duration, next(number), span))

    wait(trace.roots)
    chosen: set[int] = set()
    while len(chosen) < most:
        span = heapq.heappop(waiting)[-1]
        chosen.add(id(span))
        wait(span.children)
    return chosen


def _read_spans(raws: list[RawSpan]) -> tuple[list[Span], list[int | None], Counter[str]]:
    """The spans, the upper half of the trace ID in each of them, and what is left out."""
    spans: list[Span] = []
    uppers: list[int | None] = []
    left_out: Counter[str] = Counter()
    seen: set[object] = set()
    for raw in raws:
        try:
            span = read_span(raw)
        except UnreadableSpanError as error:
            left_out[str(error)] += 1
            continue
        upper = upper_half(raw)
        # A client that gets no answer in time sends everything again.
        same = (upper, *(value for name, value in vars(span).items() if name not in _OWN))
        content = (*same, *sorted(span.meta.items()))
        if content in seen:
            left_out[COPY] += 1
            continue
        seen.add(content)
        spans.append(span)
        uppers.append(upper)
    return spans, uppers, left_out


_OWN = ("children", "meta", "twin", "raw")


def _spread(spans: list[Span], uppers: list[int | None]) -> list[int]:
    """The upper half of the trace ID for each span: its own, or else its parent's."""
    told = sorted({upper for upper in uppers if upper is not None})
    if len(told) <= 1:
        return [told[0] if told else 0] * len(spans)
    number = {span.id: at for at, span in reversed(list(enumerate(spans)))}
    for first in range(len(spans)):
        way: list[int] = []
        on_way: set[int] = set()
        at: int | None = first
        while at is not None and uppers[at] is None and at not in on_way:
            way.append(at)
            on_way.add(at)
            at = number.get(spans[at].parent_id)
        upper = uppers[at] if at is not None else None
        for step in way:
            uppers[step] = told[0] if upper is None else upper
    return [upper or 0 for upper in uppers]


def _link(spans: list[Span]) -> list[Span]:
    """Link the spans of one trace to their parents, and return the roots."""
    # Draw a span without a start where its trace begins.
    begin = min((span.start for span in spans if NO_START not in span.odd), default=0)
    for span in spans:
        if NO_START in span.odd:
            span.start = begin
    spans.sort(key=lambda span: (span.start, -span.duration, span.id, span.name))
    by_id: dict[int, Span] = {}
    counted: Counter[int] = Counter()
    for span in spans:
        counted[span.id] += 1
        span.twin = counted[span.id]
    # Among spans with the same ID, one that names itself as its parent is the last choice.
    for span in sorted(spans, key=lambda span: span.parent_id == span.id):
        by_id.setdefault(span.id, span)
    roots: list[Span] = []
    for span in spans:
        parent = None if is_first(span) or NO_PARENT_ID in span.odd else by_id.get(span.parent_id)
        if parent is span:
            span.odd |= {CIRCLE}
            parent = None
        (parent.children if parent else roots).append(span)
    return _first_ones_first(roots + _open_circles(spans, roots, by_id))


def _open_circles(spans: list[Span], roots: list[Span], by_id: dict[int, Span]) -> list[Span]:
    """Make the earliest span in each circle a root, because no root leads there."""
    reached = {id(span) for root in roots for span in root.walk()}
    opened: list[Span] = []
    for span in spans:
        if id(span) in reached:
            continue
        # It may be below a circle, so go up until the path meets itself.
        way: dict[int, Span] = {}
        while id(span) not in way:
            way[id(span)] = span
            span = by_id[span.parent_id]
        circle = [span]
        while (above := by_id[circle[-1].parent_id]) is not span:
            circle.append(above)
        top = min(circle, key=lambda one: (one.start, one.id))
        parent = by_id[top.parent_id]
        parent.children = [child for child in parent.children if child is not top]
        top.odd |= {CIRCLE}
        opened.append(top)
        reached |= {id(below) for below in top.walk()}
    return opened


def _first_ones_first(roots: list[Span]) -> list[Span]:
    return sorted(roots, key=lambda root: (CIRCLE in root.odd, not is_first(root), root.start))


def kept_spans(trace: Trace) -> set[int]:
    """The spans (by Python's `id`) that remain after folding. Empty if all of them do."""
    spans = trace.spans()
    kept = {id(span) for span in spans if not is_framework_span(span.name)}
    if any(span.error and id(span) in kept for span in spans):
        return kept
    causes = {
        id(span) for span in spans if span.error and not any(child.error for child in span.children)
    }
    return kept | causes if kept else kept


def _fold(root: Span, kept: set[int]) -> list[Span]:
    top: list[Span] = []
    siblings = [top]
    waiting = [(root, top)]
    while waiting:
        span, into = waiting.pop()
        if id(span) in kept:
            into.append(replace(span, children=[]))
            into = into[-1].children
            siblings.append(into)
        waiting += [(child, into) for child in reversed(span.children)]
    for one in siblings:
        one.sort(key=lambda span: span.start)
    return top
