"""Spans into trees: one for each trace, across all services, without the framework's own spans.

Standard library only, as web and taster import this too (for `is_framework_span`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RawSpan = dict[str, Any]


def is_framework_span(name: str) -> bool:
    """Whether a span of that name tells of a library's inner life and not of the application.

    Flask reports every stage of a request as a span; of them only the request itself stays. Of a
    database driver only the queries stay.
    """
    if name.startswith(("flask.", "flask_sqlalchemy.")):
        return name != "flask.request"
    return bool(re.match(r"(sqlite|postgres|psycopg|mysql)\.connection\.", name))


@dataclass
class Span:
    """One operation. Times are in nanoseconds, `start` since the epoch."""

    id: int
    parent_id: int
    name: str
    service: str
    resource: str
    start: int
    duration: int
    error: bool
    meta: dict[str, str]
    children: list[Span] = field(default_factory=list)

    @property
    def end(self) -> int:
        """When it finished, in nanoseconds since the epoch."""
        return self.start + self.duration

    @property
    def error_message(self) -> str:
        """What went wrong, as `ValueError: …`; empty when the span says nothing about it."""
        kind = self.meta.get("error.type", "").rpartition(".")[2]
        message = self.meta.get("error.message", "")
        return ": ".join(part for part in (kind, message) if part)

    def walk(self) -> Iterator[Span]:
        """This span and all below it, parents first."""
        waiting = [self]  # no recursion: a trace may be deeper than Python's stack
        while waiting:
            span = waiting.pop()
            yield span
            waiting += reversed(span.children)


@dataclass
class Trace:
    """All spans with one trace id. Several roots mean that parts are missing, still or for good."""

    id: int
    """All 128 bits."""
    roots: list[Span]

    @property
    def hex_id(self) -> str:
        """The id as Datadog's pages and the logs show it: 32 hexadecimal digits."""
        return f"{self.id:032x}"

    @property
    def start(self) -> int:
        """When its first span began, in nanoseconds since the epoch."""
        return min(root.start for root in self.roots)

    @property
    def duration(self) -> int:
        """From the first span's begin to the last span's end, in nanoseconds."""
        return max(span.end for span in self.spans()) - self.start

    @property
    def is_health_check(self) -> bool:
        """Whether it is only somebody asking whether a service is up."""
        return all(root.resource == "GET /ping" for root in self.roots)

    def spans(self) -> list[Span]:
        """All spans, each parent before its children."""
        return [span for root in self.roots for span in root.walk()]

    def with_parents(self) -> list[tuple[Span, Span | None]]:
        """All spans in the same order, each with the one above it; a root has None."""
        spans = self.spans()
        above = {child.id: span for span in spans for child in span.children}
        return [(span, above.get(span.id)) for span in spans]

    def has_error(self) -> bool:
        """Whether the request failed: an error that was answered on the way up is none of it."""
        return any(root.error for root in self.roots)


def traces(groups: Iterable[list[RawSpan]]) -> list[Trace]:
    """Build the traces out of the agent's answer, the earliest first.

    The agent groups by the lower 64 bits of the trace id. The upper ones are a tag of the first
    span in each process's chunk; the spans below it share them.
    """
    found: dict[int, list[RawSpan]] = {}
    for group in groups:
        upper = _upper_halves(group)
        for raw in group:
            trace_id = upper[raw["span_id"]] << 64 | raw["trace_id"]
            found.setdefault(trace_id, []).append(raw)
    built = [Trace(trace_id, _link(raw_spans)) for trace_id, raw_spans in found.items()]
    return sorted(built, key=lambda trace: trace.start)


def fold(trace: Trace) -> Trace:
    """The same trace without the framework's spans; their children go to the next span above.

    A trace of nothing else stays as it is.
    """
    return Trace(trace.id, _fold(trace.roots) or trace.roots)


def repeated(span: Span) -> list[list[Span]]:
    """Runs of children that do the same thing one after the other, three or more in a row."""
    runs: list[list[Span]] = []
    for child in span.children:
        last = runs[-1][-1] if runs else None
        same = last and (last.name, last.resource) == (child.name, child.resource)
        if last and same and child.start >= last.end:
            runs[-1].append(child)
        else:
            runs.append([child])
    return [run for run in runs if len(run) >= 3]


def _fold(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    siblings = [kept]
    waiting = [(span, kept) for span in reversed(spans)]
    while waiting:
        span, into = waiting.pop()
        if not is_framework_span(span.name):
            into.append(Span(**{**vars(span), "children": []}))
            into = into[-1].children
            siblings.append(into)
        waiting += [(child, into) for child in reversed(span.children)]
    for one in siblings:
        one.sort(key=lambda span: span.start)
    return kept


def _link(raw_spans: list[RawSpan]) -> list[Span]:
    spans = {raw["span_id"]: _span(raw) for raw in raw_spans}
    roots: list[Span] = []
    for span in sorted(spans.values(), key=lambda span: span.start):
        parent = spans.get(span.parent_id)
        (parent.children if parent else roots).append(span)
    return roots


def _span(raw: RawSpan) -> Span:
    return Span(
        id=raw["span_id"],
        parent_id=raw.get("parent_id") or 0,
        name=raw.get("name") or "",
        service=raw.get("service") or "",
        resource=raw.get("resource") or "",
        start=raw.get("start") or 0,
        duration=raw.get("duration") or 0,
        error=bool(raw.get("error")),
        meta={**(raw.get("meta") or {}), **numeric_tags(raw.get("metrics") or {})},
    )


def numeric_tags(metrics: Mapping[str, float]) -> dict[str, str]:
    """The tags whose values are numbers, which a span keeps apart; without the tracer's own."""
    return {
        name: f"{value:.15g}"
        for name, value in metrics.items()
        if not name.startswith("_") and name != "process_id"
    }


def _upper_halves(group: list[RawSpan]) -> dict[int, int]:
    by_id = {raw["span_id"]: raw for raw in group}
    tagged = {
        span_id: int(raw["meta"]["_dd.p.tid"], 16)
        for span_id, raw in by_id.items()
        if "_dd.p.tid" in (raw.get("meta") or {})
    }
    only = next(iter(tagged.values()), 0)
    if len(set(tagged.values())) <= 1:
        return dict.fromkeys(by_id, only)
    halves: dict[int, int] = {}
    for span_id in by_id:
        here = span_id
        while here not in tagged and by_id[here].get("parent_id") in by_id:
            here = by_id[here]["parent_id"]
        halves[span_id] = tagged.get(here, only)
    return halves
