"""How long each route took, over time: medians, 95th percentiles, and errors.

There are two sources: traces, and the measurements of the program that sent the requests. Until the
code is traced, only the second exists. It includes the way to `web` and back.

A failed request counts only as an error, not in the durations, because failing is fast. A request
with a 4xx status didn't fail: web did what it should.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit

from workshop.console.trace_json import Document
from workshop.stack.measurements import Result
from workshop.stack.traffic import percentile

KEPT = 10_000
"""The number of requests to keep."""
MOST_ROUTES = 100
"""Routes with the most requests. If an app traces each URL as a route, they are endless."""
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
    """`traces`, or `outside` if the sender measured it."""


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
            by="traces",
        )
        self._put(summary["id"], point)

    def add_measured(self, result: Result) -> None:
        """Add a request that its sender measured."""
        self._number += 1
        point = Point(
            begin=result.begin,
            duration=result.milliseconds,
            error=bool(result.error) and not result.error.startswith("4"),
            route=f"GET {result.route}",
            version="",
            by="outside",
        )
        self._put(f"outside-{self._number}", point)

    def mark(self, when: float, text: str) -> None:
        """Record that something changed at `when`, in seconds since the epoch."""
        with self._lock:
            self._marks = [*self._marks[-49:], {"time": when, "text": text}]

    def document(self, now: float, seconds: float) -> Document:
        """The last `seconds` before `now`: a series for each route, and a mark for each change.

        Times are in seconds since the epoch, durations in milliseconds. `p50` and `p95` are None
        if every request failed.
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
        most = sorted(groups.items(), key=lambda item: -len(item[1]))[:MOST_ROUTES]
        return {
            "from": first,
            "to": now,
            "routes": [
                {"route": name, "by": by, **_route(group, width)} for (name, by), group in most
            ],
            "more_routes": len(groups) - len(most),
            "marks": sorted(marks, key=lambda mark: mark["time"]),
        }

    def _put(self, key: str, point: Point) -> None:
        with self._lock:
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
            {"time": number * width, **_figures(group)} for number, group in sorted(buckets.items())
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


def _versions(points: list[Point]) -> list[Document]:
    marks = []
    current = ""
    for point in points:
        if point.version and point.version != current:
            if current:
                marks.append({"time": point.begin, "text": point.version})
            current = point.version
    return marks
