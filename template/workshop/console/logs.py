"""Finds the log lines of one request in the output of `web` and `taster`.

A line with a trace ID belongs to that trace. Most lines have none. Such a line belongs to a request
if the request ran at that time, so the lines of simultaneous requests can't be distinguished. The
server's own lines contain the path, and their time is exact only to the second.
"""

from __future__ import annotations

import bisect
import contextlib
import math
import mmap
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from workshop.console.trace_json import Document
from workshop.traces.tree import Trace

SERVICES = ("web", "taster")
MOST_LINES = 60
LONGEST_LINE = 20_000
"""Bytes."""
AFTERWARDS_SECONDS = 0.05
"""The last line of a request is written after its span ends."""

# The beginnings of lines: in the format of logging, of Flask, and of Werkzeug for a request.
_STAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,|\[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] ")
_TIME = re.compile(rb"^\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})")
_REQUEST = re.compile(rb"\[(\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d)\] \"[A-Z]+ (\S+) HTTP")
# As tracing clients add it to a log format, and as spans.py prints it. 0 means no trace.
_TRACE_ID = re.compile(rb"\btrace_id[ =:\"']+([0-9a-f]+)\b")
_ANSI = re.compile(rb"\x1b\[[0-9;]*m")


def lines_of(trace: Trace, run_dir: Path) -> list[Document]:
    """The lines of each service (`service`, `text`), in the order in which it printed them.

    A line without a time, such as a line of a traceback, belongs to the line before it, and `text`
    contains both.
    """
    found: list[Document] = []
    for service in SERVICES:
        # A missing or empty file can't be mapped, and has no lines.
        with (
            contextlib.suppress(OSError, ValueError),
            (run_dir / f"{service}.log").open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log,
        ):
            found += [{"service": service, "text": text} for text in _lines(trace, log)]
    return found[:MOST_LINES]


def _lines(trace: Trace, log: mmap.mmap) -> list[str]:
    ran = _Ran(trace)
    paths = {path for span in trace.spans() if (path := _path(span.meta.get("http.url", "")))}
    low = trace.id % 2**64
    ids = {form.encode() for form in (trace.hex_id, f"{low:016x}", str(trace.id), str(low))}
    found: dict[int, str] = {}
    # One pass through the log, no matter how long the trace claims to be.
    for stamp in _STAMP.finditer(log):
        if not ran.in_second(stamp[0]):
            continue
        start = log.rfind(b"\n", 0, stamp.start()) + 1
        stop = log.find(b"\n", stamp.start())
        line = log[start : min(stop if stop >= 0 else len(log), start + LONGEST_LINE)]
        if start not in found and _belongs(line, ran, paths, ids):
            found[start] = _text(line + _continuation(log, stop + 1))
        if len(found) >= MOST_LINES:
            break
    return [found[start] for start in sorted(found)]


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


def _belongs(line: bytes, ran: _Ran, paths: set[bytes], ids: set[bytes]) -> bool:
    line = _ANSI.sub(b"", line)
    if (named := _TRACE_ID.search(line)) and named[1] != b"0":
        return named[1] in ids
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
