"""Finds the log lines of one request in what `web` and `taster` printed.

A line that names a trace belongs to that one. Most name none: such a line belongs to a request when
it has the time of it, so those of requests at the same time cannot be told apart. The server's own
lines tell the second only, and the path.
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
"""A request's last line is written when its span has ended already."""

# The beginnings of lines: logging's own format, Flask's, and that of Werkzeug for a request.
_STAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,|\[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] ")
_TIME = re.compile(rb"^\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})")
_REQUEST = re.compile(rb"\[(\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d)\] \"[A-Z]+ (\S+) HTTP")
# As tracing clients put it into a log's format, and as spans.py prints it; 0 is none.
_TRACE_ID = re.compile(rb"\btrace_id[ =:\"']+([0-9a-f]+)\b")
_ANSI = re.compile(rb"\x1b\[[0-9;]*m")


def lines_of(trace: Trace, run_dir: Path) -> list[Document]:
    """The lines of each service (`service`, `text`), in the order in which it printed them.

    A line that stands without a time of its own, as those of a traceback do, goes with the line
    before it: `text` has both.
    """
    found: list[Document] = []
    for service in SERVICES:
        # A file that is missing or empty cannot be mapped, and has no lines.
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
    # One way through the log, however long the trace says that it took.
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
    """When a trace ran: not in its gaps, which may be years where a clock is wrong."""

    def __init__(self, trace: Trace) -> None:
        self._times: list[tuple[float, float]] = []
        """Begins and ends in seconds, none of which overlap, in their order."""
        self._seconds: dict[bytes, bool] = {}
        for start, end in sorted((span.start / 1e9, span.end / 1e9) for span in trace.spans()):
            if self._times and start <= self._times[-1][1] + AFTERWARDS_SECONDS:
                start, last = self._times.pop()
                end = max(end, last)
            self._times.append((start, end))

    def at(self, begin: float, end: float) -> bool:
        """Whether it ran at some time between two, with what is written a moment afterwards."""
        number = bisect.bisect_right(self._times, (end, math.inf))
        return number > 0 and self._times[number - 1][1] + AFTERWARDS_SECONDS >= begin

    def in_second(self, stamp: bytes) -> bool:
        """Whether it ran in the second that is written so."""
        if stamp not in self._seconds:
            form = "[%d/%b/%Y %H:%M:%S] " if stamp.startswith(b"[") else "%Y-%m-%d %H:%M:%S,"
            try:
                second = datetime.strptime(stamp.decode(), form).timestamp()
            except (ValueError, OverflowError, OSError):  # it only looks like a time
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
    """The lines of a traceback that follow."""
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
    except ValueError:  # it is whatever a span says
        return b""
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path).encode()


def _text(line: bytes) -> str:
    return _ANSI.sub(b"", line).decode("utf-8", "replace").rstrip()
