"""The lines of timing.log, which is written by hand, as a poor man's trace.

A line has a name and a duration, but no start and no parent. So where a bar begins is a guess, and
what it is inside of, too.
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
"""Lines without an end that are kept in mind; a `function` without an id may never come."""


class TimingLog:
    """Reads timing.log as it grows, and makes a trace of all lines of one request."""

    def __init__(self, path: Path) -> None:
        self._appended = Appended(path)
        self._number = 0
        self._has_looked = False
        self._latest = 0
        self._waiting: deque[Span] = deque(maxlen=MOST_WAITING)

    def look(self) -> list[tuple[str, Trace]]:
        """The traces whose last line was written since the last look, with a key for each.

        Their order is that of their last lines. Nobody knows when those were written that the first
        look finds: their traces begin with the epoch.
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
            # The taster's own line has the id of a request that is not at its end yet.
            if line.kind == "operation" or (request and line.name == "taste"):
                self._waiting.append(span)
                continue
            same = [w for w in self._waiting if w.meta.get("req") == request]
            others = [w for w in self._waiting if w.meta.get("req") != request]
            self._waiting = deque(others, maxlen=MOST_WAITING)
            yield f"hand-{self._number}", _trace(span, same)


def _id_in(line: timing.Line) -> str | None:
    """The request's id; not what else may stand there in code that is half done, such as None."""
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
    """Guess the tree: an operation holds the functions just before it, the last line holds all."""
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
    """Guess the times: the children of a span one after the other, from its begin on."""
    span.start = start
    for child in span.children:
        child.parent_id = span.id
        _place(child, start)
        start = child.end
