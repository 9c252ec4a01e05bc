"""How long each route took, over time: medians, 95th percentiles, and errors.

There are two sources: traces, and the measurements of the program that sent the requests. Until the
code is traced, only the second exists. It includes the way to `web` and back.

A failed request counts only as an error, not in the durations, because failing is fast. A request
with a 4xx status didn't fail: web did what it should.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from workshop.console.trace_json import Document
from workshop.stack.measurements import Result
from workshop.stack.traffic import percentile

KEPT = 10_000
"""The number of requests to keep."""
MOST_ROUTES = 100
"""Routes with the most requests. If an app traces each URL as a route, they are endless."""
FROM_TRACES, FROM_OUTSIDE = "traces", "outside"
"""Who measured a request: its own trace, or the program that sent it."""
BUCKETS = 90
SHORTEST_SECONDS = 2.0
"""The minimum length of a bucket."""


@dataclass(frozen=True)
class Point:
    """One request: when it began (seconds since the epoch), and how long it took (ms)."""

    begin: float
    duration: float
    error: bool
    route: str
    version: str
    by: str
    """FROM_TRACES or FROM_OUTSIDE."""
    trace: str = ""
    """The ID of its trace. Empty if it was measured from outside."""


class Latency:
    """The latest KEPT requests. Thread-safe."""

    def __init__(self) -> None:
        self._points: OrderedDict[str, Point] = OrderedDict()
        self._marks: list[Document] = []
        self._number = 0
        self._lock = threading.Lock()

    def add(self, summary: Document) -> None:
        """Add the summary of a trace. A later summary, with more spans, replaces an earlier one."""
        point = Point(
            begin=summary["root_start"] / 1000,
            duration=summary["root_duration"],
            error=summary["error"],
            route=route(summary),
            version=summary["version"],
            by=FROM_TRACES,
            trace=summary["id"],
        )
        self._put(summary["id"], point, summary.get("formerly", ()))

    def add_measured(self, result: Result) -> None:
        """Add a request that its sender measured."""
        self._number += 1
        point = Point(
            begin=result.begin,
            duration=result.milliseconds,
            error=bool(result.error) and not result.error.startswith("4"),
            route=f"GET {result.route}",
            version="",
            by=FROM_OUTSIDE,
        )
        self._put(f"outside-{self._number}", point)

    def mark(self, when: float, text: str) -> None:
        """Record that something changed at `when`, in seconds since the epoch."""
        with self._lock:
            self._marks = [*self._marks[-49:], {"time": when, "text": text}]

    def document(self, now: float, seconds: float) -> Document:
        """The last `seconds` before `now`: a series for each route, and a mark for each change.

        Times are in seconds since the epoch, durations in milliseconds. `p50` and `p95` are None
        if every request failed. A route has up to two entries, one for each source. What `traces`
        measured also has the IDs of typical traces in each part of its series.
        """
        with self._lock:
            points = sorted(self._points.values(), key=lambda point: point.begin)
            marks = list(self._marks)
        first = now - seconds
        points = [point for point in points if first <= point.begin <= now]
        width = max(SHORTEST_SECONDS, seconds / BUCKETS)
        marks = [mark for mark in marks if mark["time"] >= first]
        told = {mark["text"] for mark in marks}
        marks += [mark for mark in _versions(points) if mark["text"] not in told]
        groups: dict[tuple[str, str], list[Point]] = {}
        for point in points:
            groups.setdefault((point.route, point.by), []).append(point)
        counts = Counter(point.route for point in points)
        most = {name for name, _ in counts.most_common(MOST_ROUTES)}
        return {
            "from": first,
            "to": now,
            "width": width,
            "routes": [
                {"route": name, "by": by, **_route(group, width)}
                for (name, by), group in groups.items()
                if name in most
            ],
            "more_routes": len(counts) - len(most),
            "marks": sorted(marks, key=lambda mark: mark["time"]),
        }

    def _put(self, key: str, point: Point, formerly: Iterable[str] = ()) -> None:
        with self._lock:
            for old in formerly:
                self._points.pop(old, None)
            self._points[key] = point
            if len(self._points) > KEPT:
                self._points.popitem(last=False)


def route(summary: Document) -> str:
    """The route of a request, with a placeholder for a name if the resource has one."""
    resource = str(summary["resource"])
    if match := re.match(r"[A-Z]+ (/\S*)", resource):
        return resource if "<" in resource else f"{resource.split()[0]} {match[1]}"
    try:
        path = urlsplit(summary["url"]).path
    except ValueError:  # a span can contain any text
        return resource
    return path or resource


def _route(points: list[Point], width: float) -> Document:
    buckets: dict[int, list[Point]] = {}
    for point in points:
        buckets.setdefault(int(point.begin // width), []).append(point)
    by_version: dict[str, list[Point]] = {}
    for point in points:
        by_version.setdefault(point.version, []).append(point)
    return {
        **_figures(points),
        "versions": [{"version": v, **_figures(group)} for v, group in by_version.items()],
        "series": [
            {"time": number * width, **_figures(group), **_typical(group)}
            for number, group in sorted(buckets.items())
        ],
    }


def _figures(points: list[Point]) -> Document:
    durations = [point.duration for point in points if not point.error]
    return {
        "p50": round(percentile(durations, 50), 2) if durations else None,
        "p95": round(percentile(durations, 95), 2) if durations else None,
        "count": len(points),
        "errors": sum(point.error for point in points),
    }


def _typical(points: list[Point]) -> Document:
    """The traces to look at: the `slowest`, the `median`, and the latest `error`, if any.

    The slowest and the median are among the requests that didn't fail, as the percentiles are.
    """
    traced = [point for point in points if point.trace]
    passed = sorted((p for p in traced if not p.error), key=lambda point: point.duration)
    found: dict[str, Point] = {}
    if passed:
        found = {"slowest": passed[-1], "median": passed[(len(passed) - 1) // 2]}
    if failed := [point for point in traced if point.error]:
        found["error"] = failed[-1]
    return {what: {"id": p.trace, "duration": p.duration} for what, p in found.items()}


def _versions(points: list[Point]) -> list[Document]:
    marks = []
    current = ""
    for point in points:
        if point.version and point.version != current:
            if current:
                marks.append({"time": point.begin, "text": point.version})
            current = point.version
    return marks
