"""Finds the log lines of one request in the output of `web` and `taster`.

A line with an ID belongs to the request with that ID, whenever it was printed, and to no other one.
Most lines have no ID. If such a line was printed while the request ran, it might belong to it, but
the lines of simultaneous requests can't be distinguished. The server's own lines contain the path,
and their time is exact only to the second.
"""

from __future__ import annotations

import bisect
import contextlib
import math
import mmap
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from workshop.console.trace_json import Document
from workshop.traces.tree import Trace

SERVICES = ("web", "taster")
MOST_LINES = 60
"""Of each service: the lines with the ID, and as many without one."""
LONGEST_LINE = 20_000
"""Bytes."""
AFTERWARDS_SECONDS = 0.05
"""The last line of a request is written after its span ends."""

# The beginnings of lines: in the format of logging, of Flask, and of Werkzeug for a request.
_STAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,|\[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] ")
_TIME = re.compile(rb"^\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})")
_REQUEST = re.compile(rb"\[(\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d)\] \"[A-Z]+ (\S+) HTTP")
# As tracing clients add it to a log format (dd.trace_id), as spans.py prints it, and in the header
# of the W3C. 0 means no trace.
_TRACE_ID = re.compile(
    rb"trace[_-]?id[ =:\"']+(?:0x)?([0-9a-f]+)\b|traceparent[ =:\"']+[0-9a-f]{2}-([0-9a-f]{32})-",
    re.IGNORECASE,
)
# Decimal, as Datadog's clients write it, or hexadecimal, as others do.
_SPAN_ID = re.compile(r"span[_-]?id[ =:\"']+([0-9a-f]+)\b", re.IGNORECASE)
# The lines of a span above its trace_id, as spans.py prints them.
_BLOCK = re.compile(rb"(?:\A|\n) *name [^\n]*\n *id [^\n]*\n\Z")
_ANSI = re.compile(rb"\x1b\[[0-9;]*m")


def lines_of(trace: Trace, run_dir: Path) -> list[Document]:
    """The lines of each service, in the order in which it printed them.

    Each has its `service`, its `text`, and whether it is the request's `own`, because it has the
    trace's ID. The others have no ID, and were printed at about that time. A line without a time,
    such as a line of a traceback, belongs to the line before it, and `text` contains both. If a
    line of its own names one of the spans, `span` is that span's key.
    """
    low = trace.id % 2**64
    forms = {trace.hex_id, f"{low:016x}", f"{trace.id:x}", f"{low:x}", str(trace.id), str(low)}
    ids = {form.encode() for form in forms}
    keys = {form: span.key for span in trace.spans() for form in (str(span.id), f"{span.id:016x}")}
    found: list[Document] = []
    for service, log in _logs(run_dir):
        named = (match.start() for match in _TRACE_ID.finditer(log) if _id(match) in ids)
        own = dict(islice(_records(log, named, lambda line: _id_in(line) in ids), MOST_LINES))
        around = dict(islice(_around(trace, log, own), MOST_LINES))
        found += [
            {
                "service": service,
                "text": text,
                "own": start in own,
                **({"span": key} if start in own and (key := _span_in(text, keys)) else {}),
            }
            for start, text in sorted({**around, **own}.items())
        ]
    return found


def lines_with(request_id: str, run_dir: Path) -> list[Document]:
    """The lines with the request ID (`req:`) of timing by hand, in the same form."""
    pattern = re.compile(rb"\breq: " + re.escape(request_id.encode()) + rb"\b")
    found: list[Document] = []
    for service, log in _logs(run_dir):
        named = (match.start() for match in pattern.finditer(log))
        own = dict(
            islice(_records(log, named, lambda line: bool(pattern.search(line))), MOST_LINES)
        )
        found += [{"service": service, "text": text, "own": True} for text in own.values()]
    return found


def _logs(run_dir: Path) -> Iterator[tuple[str, mmap.mmap]]:
    for service in SERVICES:
        # A missing or empty file can't be mapped, and has no lines.
        with (
            contextlib.suppress(OSError, ValueError),
            (run_dir / f"{service}.log").open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log,
        ):
            yield service, log


def _around(trace: Trace, log: mmap.mmap, own: Container[int]) -> Iterator[tuple[int, str]]:
    """The lines without an ID from the time of the trace, each with its place in the log."""
    ran = _Ran(trace)
    paths = {path for span in trace.spans() if (path := _path(span.meta.get("http.url", "")))}
    # One pass through the log, no matter how long the trace claims to be.
    stamps = (stamp.start() for stamp in _STAMP.finditer(log) if ran.in_second(stamp[0]))
    for start, text in _records(log, stamps, lambda line: _fits(line, ran, paths)):
        if start not in own:
            yield start, text


def _records(
    log: mmap.mmap, places: Iterable[int], belongs: Callable[[bytes], bool]
) -> Iterator[tuple[int, str]]:
    """The lines at these places that belong, each once, with what continues them."""
    before = -1
    for place in places:
        start = log.rfind(b"\n", 0, place) + 1
        if start == before:
            continue
        before = start
        stop = log.find(b"\n", place)
        line = log[start : min(stop if stop >= 0 else len(log), start + LONGEST_LINE)]
        if not belongs(_ANSI.sub(b"", line)):
            continue
        if block := _BLOCK.search(log[max(0, start - LONGEST_LINE) : start]):
            start -= len(block[0].removeprefix(b"\n"))
            yield start, _text(log[start : _end_of_block(log, place)])
        else:
            yield start, _text(line + _continuation(log, stop + 1))


def _end_of_block(log: mmap.mmap, place: int) -> int:
    """Where a span ends that spans.py printed: at an empty line."""
    stop = log.find(b"\n\n", place, place + LONGEST_LINE)
    return stop if stop >= 0 else min(len(log), place + LONGEST_LINE)


def _id(match: re.Match[bytes]) -> bytes:
    return (match[1] or match[2]).lower()


def _id_in(line: bytes) -> bytes:
    """The trace ID that a line names. Empty if it names none."""
    match = _TRACE_ID.search(line)
    return _id(match) if match and _id(match).strip(b"0") else b""


def _span_in(text: str, keys: Mapping[str, str]) -> str:
    """The key of the span that a line names. Empty if it names none of these."""
    match = _SPAN_ID.search(text)
    return keys.get(match[1].lower(), "") if match else ""


class _Ran:
    """When a trace ran, without its gaps, which can be years long if a clock is wrong."""

    def __init__(self, trace: Trace) -> None:
        self._times: list[tuple[float, float]] = []
        """Starts and ends in seconds, sorted, without overlaps."""
        self._seconds: dict[bytes, bool] = {}
        for start, end in sorted((span.start / 1e9, span.end / 1e9) for span in trace.spans()):
            if self._times and start <= self._times[-1][1] + AFTERWARDS_SECONDS:
                start, last = self._times.pop()
                end = max(end, last)
            self._times.append((start, end))

    def at(self, begin: float, end: float) -> bool:
        """Whether it ran between `begin` and `end`, or ended a moment before."""
        number = bisect.bisect_right(self._times, (end, math.inf))
        return number > 0 and self._times[number - 1][1] + AFTERWARDS_SECONDS >= begin

    def in_second(self, stamp: bytes) -> bool:
        """Whether it ran in the second that `stamp` names."""
        if stamp not in self._seconds:
            form = "[%d/%b/%Y %H:%M:%S] " if stamp.startswith(b"[") else "%Y-%m-%d %H:%M:%S,"
            try:
                second = datetime.strptime(stamp.decode(), form).timestamp()
            except (ValueError, OverflowError, OSError):  # it looks like a time, but isn't one
                self._seconds[stamp] = False
            else:
                self._seconds[stamp] = self.at(second, second + 1)
        return self._seconds[stamp]


def _fits(line: bytes, ran: _Ran, paths: set[bytes]) -> bool:
    """Whether a line without an ID might belong to a request."""
    if _id_in(line):
        return False
    if request := _REQUEST.search(line):
        return request[2] in paths
    if (time := _TIME.match(line)) and ran.in_second(time[1][:20]):
        when = datetime.strptime(time[1].decode(), "%Y-%m-%d %H:%M:%S,%f").timestamp()
        return ran.at(when, when + 0.001)
    return False


def _continuation(log: mmap.mmap, at: int) -> bytes:
    """The traceback at this place, if there is one."""
    if log[at : at + 9] != b"Traceback":
        return b""
    stop = at
    while stop < len(log):
        line_end = log.find(b"\n", stop) + 1 or len(log)
        if stop > at and not log[stop:line_end].startswith((b" ", b"\n")):
            return b"\n" + log[at:line_end]  # the line that names the error
        stop = line_end
    return b"\n" + log[at:stop]


def _path(url: str) -> bytes:
    try:
        parts = urlsplit(url)
    except ValueError:  # a span can contain any text
        return b""
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path).encode()


def _text(line: bytes) -> str:
    return _ANSI.sub(b"", line).decode("utf-8", "replace").rstrip()
