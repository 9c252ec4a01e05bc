"""A trace as bars, for a picture that stands still: in a page, on paper, or in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workshop.traces.span import Span
from workshop.traces.tree import Trace


@dataclass(frozen=True)
class Bar:
    """One span in a waterfall. Times are in milliseconds."""

    name: str
    service: str
    start: float
    """Since the request began."""
    length: float
    depth: int
    """How many bars above this one contain it."""


def bars(trace: Trace) -> Iterator[tuple[Span, Bar]]:
    """Each span, parents first, with its bar."""
    depths: dict[int, int] = {}
    for span, parent in trace.with_parents():
        depth = depths[id(span)] = depths[id(parent)] + 1 if parent else 0
        resource = " ".join(span.resource.split())
        name = span.name if resource == span.name else f"{span.name} {resource}"
        start, length = (round(ns / 1e6, 3) for ns in (span.start - trace.start, span.duration))
        yield span, Bar(name, span.service, start, length, depth)
