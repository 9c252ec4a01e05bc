"""The hand-timed lines of timing.log as a poor man's trace.

A line has a name and a duration, but no start and no parent. So the start and the parent of each
bar are guesses.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from workshop.check import timing
from workshop.console.trace_json import HANDMADE_LINE, HANDMADE_SERVICE
from workshop.stack.measurements import Appended
from workshop.traces.tree import Span, Trace

MOST_WAITING = 100
"""Lines that wait for the last line of their request, which might never arrive."""


class TimingLog:
    """Reads timing.log as it grows, and makes a trace from the lines of each request."""

    def __init__(self, path: Path) -> None:
        self._appended = Appended(path)
        self._number = 0
        self._has_looked = False
        self._latest = 0
        self._waiting: deque[Span] = deque(maxlen=MOST_WAITING)

    def look(self) -> list[tuple[str, Trace]]:
        """Each trace whose last line was written since the previous call, with its key.

        The traces are in the order of their last lines. The first call finds lines that were
        written at an unknown time, so their traces start at the epoch.
        """
        lines = self._appended.lines()
        if self._appended.is_new:
            self._waiting.clear()
        now = time.time_ns() if self._has_looked else 0
        self._has_looked = True
        found = list(self._traces(lines))
        for _, trace in found:
            last = trace.roots[0]
            self._latest = max(now - last.duration, self._latest + 1000)
            _place(last, self._latest)
        return found

    def _traces(self, lines: list[str]) -> Iterator[tuple[str, Trace]]:
        for line in timing.parse(lines):
            self._number += 1
            request = _id_in(line)
            span = _span(self._number, line, request)
            # The taster's own line has the ID of a request that hasn't ended yet.
            if line.kind == "operation" or (request and line.name == "taste"):
                self._waiting.append(span)
                continue
            same = [w for w in self._waiting if w.meta.get("req") == request]
            others = [w for w in self._waiting if w.meta.get("req") != request]
            self._waiting = deque(others, maxlen=MOST_WAITING)
            yield f"hand-{self._number}", _trace(span, same)


def trace_of(lines: list[str]) -> Trace | None:
    """The trace that the lines of one request make. It starts at 0. None if they make none."""
    found = [trace for _, trace in TimingLog(Path())._traces(lines)]
    if not found:
        return None
    _place(found[-1].roots[0], 0)
    return found[-1]


def _id_in(line: timing.Line) -> str | None:
    """The request ID. Ignores other values, such as None, which half-done code might write."""
    return line.request if line.request and line.request.isdecimal() else None


def _span(number: int, line: timing.Line, request: str | None) -> Span:
    return Span(
        id=number,
        parent_id=0,
        name=f"{line.kind} {line.name}",
        service=HANDMADE_SERVICE,
        resource=f"{line.kind} {line.name}",
        start=0,
        duration=round(line.seconds * 1e9),
        error=False,
        meta={HANDMADE_LINE: line.text, **({"req": request} if request else {})},
    )


def _trace(last: Span, before: list[Span]) -> Trace:
    """Guess the tree: an operation contains the functions right before it; the last line, all."""
    tops: list[Span] = []
    for span in before:
        inside = 0
        if span.name.startswith("operation"):
            while inside < len(tops) and tops[-1 - inside].name.startswith("function"):
                inside += 1
        span.children = tops[len(tops) - inside :]
        tops[len(tops) - inside :] = [span]
    last.children = tops
    return Trace(last.id, [last])


def _place(span: Span, start: int) -> None:
    """Guess the times: children run one after another, beginning when their parent starts."""
    span.start = start
    for child in span.children:
        child.parent_id = span.id
        _place(child, start)
        start = child.end
