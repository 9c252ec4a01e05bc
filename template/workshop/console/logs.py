"""Finds the log lines of one request in what `web` and `taster` printed.

A line that names a trace belongs to that one. Most name none: such a line belongs to a request when
it has the time of it, so those of requests at the same time cannot be told apart. The server's own
lines tell the second only, and the path.
"""

from __future__ import annotations

import contextlib
import mmap
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from workshop.console.document import Document
from workshop.spantree import Trace

SERVICES = ("web", "taster")
MOST_LINES = 60
AFTERWARDS_SECONDS = 0.05
"""A request's last line is written when its span has ended already."""

# The beginnings of lines: logging's own format, Flask's, and that of Werkzeug for a request.
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
    begin = datetime.fromtimestamp(trace.start / 1e9)
    end = datetime.fromtimestamp((trace.start + trace.duration) / 1e9 + AFTERWARDS_SECONDS)
    paths = {_path(span.meta["http.url"]) for span in trace.spans() if "http.url" in span.meta}
    low = trace.id % 2**64
    ids = {form.encode() for form in (trace.hex_id, f"{low:016x}", str(trace.id), str(low))}
    found: dict[int, str] = {}
    second = begin.replace(microsecond=0)
    while second <= end and len(found) < MOST_LINES:
        for stamp in (f"{second:%Y-%m-%d %H:%M:%S},", f"[{second:%d/%b/%Y %H:%M:%S}] "):
            at = log.find(stamp.encode())
            while at >= 0 and len(found) < MOST_LINES:
                start = log.rfind(b"\n", 0, at) + 1
                stop = log.find(b"\n", at)
                line = log[start : stop if stop >= 0 else len(log)]
                if start not in found and _belongs(line, begin, end, paths, ids):
                    found[start] = _text(line + _continuation(log, stop + 1))
                at = log.find(stamp.encode(), at + len(stamp))
        second += timedelta(seconds=1)
    return [found[start] for start in sorted(found)]


def _belongs(
    line: bytes, begin: datetime, end: datetime, paths: set[bytes], ids: set[bytes]
) -> bool:
    line = _ANSI.sub(b"", line)
    if (named := _TRACE_ID.search(line)) and named[1] != b"0":
        return named[1] in ids
    if request := _REQUEST.search(line):
        return request[2] in paths
    if time := _TIME.match(line):
        when = datetime.strptime(time[1].decode(), "%Y-%m-%d %H:%M:%S,%f")
        return begin - timedelta(milliseconds=1) <= when <= end
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
    parts = urlsplit(url)
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path).encode()


def _text(line: bytes) -> str:
    return _ANSI.sub(b"", line).decode("utf-8", "replace").rstrip()
