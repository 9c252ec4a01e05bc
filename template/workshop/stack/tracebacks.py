"""Finds the exceptions in a program's output, however much else it printed.

It reads line by line and keeps a bounded part, so a long log or an endless line does no harm. It
understands all the forms that Python prints: chains, groups, syntax errors, and recursion.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 10_000
"""In bytes. The parser ignores the rest of a longer line."""
LONGEST_TEXT = 300
MOST_FOUND = 50
MOST_PLACES = 500
MOST_FOREIGN = 20
"""How many lines from elsewhere may interrupt a traceback."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_HEADER = re.compile(r"^(.*?)Traceback \(most recent call last\):\s*$")
_PLACE = re.compile(r'^\s*File "(.+?)", line (\d+)(, in .+)?$')
_NAME = re.compile(r"([A-Za-z_][\w.]*(?:\.<locals>\.[\w.]+)*)(?:: .*|:)?$")
_LEVELS = {"CRITICAL", "DEBUG", "ERROR", "INFO", "WARNING"}
_MARGIN = re.compile(r"^ *\| ?")
_PART = re.compile(r"^ *\+[-+]+ [\d.]+ -+$")
_PARTS = re.compile(r"\(\d+ sub-exceptions?\)$")
_CLOSE = re.compile(r"^ *\+-{10,}$")
_CAUSED = "The above exception was the direct cause of the following exception:"
_MEANWHILE = "During handling of the above exception, another exception occurred:"
_REQUEST = re.compile(r"Exception on (\S+) \[[A-Z]+\]")
# The program went on afterward: it answered with status 500, or another thread or a tag had it.
_HANDLED = re.compile(
    r"Exception on \S+ \[|Error on request|Exception in thread|Exception ignored|error\.stack"
)
# Folders inside the trainee's folder that don't hold their code.
_NOT_THEIRS = {"checks", "node_modules", "site-packages", "venv", "workshop"}


@dataclass(frozen=True)
class Raised:
    """One exception in the output."""

    text: str
    """Its type and its message, such as `KeyError: 'ipa'`."""
    place: str = ""
    """The innermost line of the program's own code, such as `app.py line 12`, or else of any."""
    is_own: bool = False
    """Whether that line, or a line of its cause, is in the program's own code."""
    is_of_tracer: bool = False
    """Whether it happened inside the tracing client, outside of any request."""
    is_handled: bool = False
    """Whether the program continued after it."""
    request: str = ""
    """The path of the request that failed with it, if Flask names one."""
    cause: Raised | None = None

    @property
    def sentence(self) -> str:
        """The exception and its cause, to quote in a sentence."""
        said = f"{self.text}, in {self.place}" if self.place else self.text
        last = self.cause
        while last and last.cause:
            last = last.cause
        message = last.text.partition(": ")[2] if last else ""
        if last is None or (len(message) > 2 and message in self.text):
            return said
        return f"{said}; it began with {last.text}" + (f", in {last.place}" if last.place else "")


class Tracebacks:
    """Collects the exceptions in the lines that you feed it. The code is in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self.found: deque[Raised] = deque(maxlen=MOST_FOUND)
        self._roots = {root, root.resolve()}
        self._places: deque[tuple[str, str]] | None = None  # None: not in a traceback
        self._is_syntax = False
        self._foreign = 0
        self._before = ""
        self._heading = ""
        self._link = ""
        self._is_group = False
        self._group: list[Raised] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        line = _ANSI.sub("", line.rstrip("\r\n"))[:LONGEST_LINE]
        if self._is_group:
            if _PART.match(line):
                self._places = deque(maxlen=MOST_PLACES)  # it may have no traceback
                return
            if _CLOSE.match(line):
                self._close_group()
                return
            line = _MARGIN.sub("", line)
            while _MARGIN.match(line):
                line = _MARGIN.sub("", line)
        if header := _HEADER.match(line):
            self._begin(header[1])
        elif line.strip() in (_CAUSED, _MEANWHILE):
            self._link = line.strip()
            self._places = None
        elif self._places is not None:
            self._inside(line)
        elif (place := _PLACE.match(line)) and not place[3]:
            # A syntax error in the script itself comes without a header.
            self._begin("")
            self._is_syntax = True
            self._inside(line)
        if line.strip():
            self._before = line

    def _begin(self, prefix: str) -> None:
        if not self._is_group:
            self._heading = f"{self._before} {prefix}"
        self._is_syntax = False
        self._foreign = 0
        self._places = deque(maxlen=MOST_PLACES)
        if prefix.lstrip().startswith("+ Exception Group") and not self._is_group:
            self._is_group = True
            self._group = []

    def _inside(self, line: str) -> None:
        assert self._places is not None
        if place := _PLACE.match(line):
            self._places.append((place[1], place[2]))
            return
        if line[:1] == " ":
            return
        is_name = _is_exception(line)
        if self._is_syntax and not re.match(r"[A-Z]\w*(Error|Warning)\b", line):
            is_name = False
        if is_name and (self._places or self._is_group):
            self._end(line)
            return
        self._foreign += 1
        if self._is_syntax or self._foreign > MOST_FOREIGN:
            self._places = None

    def _end(self, line: str) -> None:
        assert self._places is not None
        own = [(name, number) for path, number in self._places if (name := self._own(path))]
        shown = own or [(_of_library(path), number) for path, number in self._places]
        cause = self._cause()
        request = _REQUEST.search(self._heading)
        paths = [path for path, _ in self._places]
        one = Raised(
            text=_shortened(line.strip()),
            place=f"{shown[-1][0]} line {shown[-1][1]}" if shown else "",
            is_own=bool(own) or bool(cause and cause.is_own),
            is_of_tracer=any("/ddtrace/internal/" in path for path in paths),
            is_handled=bool(_HANDLED.search(self._heading)),
            request=request[1] if request else "",
            cause=cause,
        )
        self._places = None
        if self._is_group:
            self._group.append(one)
        else:
            self.found.append(one)

    def _cause(self) -> Raised | None:
        """The exception that caused this one. One from a library, met on the way, doesn't count."""
        link, self._link = self._link, ""
        if not link or self._is_group or not self.found:
            return None
        before = self.found.pop()
        return before if link == _CAUSED or before.is_own else None

    def _close_group(self) -> None:
        self._is_group = False
        self._places = None
        if self._group:
            whole, *parts = self._group
            leaves = [part for part in parts if not _PARTS.search(part.text)]
            first = next((part for part in leaves if part.is_own), None) or next(iter(leaves), None)
            is_own = whole.is_own or bool(first and first.is_own)
            self.found.append(
                Raised(
                    whole.text,
                    whole.place,
                    is_own,
                    whole.is_of_tracer,
                    whole.is_handled,
                    whole.request,
                    first,
                )
            )

    def _own(self, path: str) -> str:
        """A path in the program's own code, relative to its folder. Empty for any other path."""
        for root in self._roots:
            if Path(path).is_relative_to(root):
                name = Path(path).relative_to(root)
                folders = name.parts[:-1]
                if not any(part in _NOT_THEIRS or part.startswith(".") for part in folders):
                    return str(name)
        return ""


@dataclass(frozen=True)
class Mark:
    """A position in a growing file, from which to continue reading."""

    file: int = 0
    """The file's inode number. If it changes, reading starts at the beginning."""
    size: int = 0


def mark(path: Path) -> Mark:
    """The current end of the file."""
    try:
        status = path.stat()
    except OSError:
        return Mark()
    return Mark(status.st_ino, status.st_size)


def since(path: Path, begin: Mark, root: Path) -> list[Raised]:
    """The exceptions in a file after `begin`. Empty if there is no such file."""
    parser = Tracebacks(root)
    try:
        with path.open("rb") as file:
            now = mark(path)
            is_same = now.file == begin.file and now.size >= begin.size
            file.seek(begin.size if is_same else 0)
            _feed_all(parser, file)
    except OSError:
        return []
    return list(parser.found)


def _feed_all(parser: Tracebacks, file: BinaryIO) -> None:
    is_rest = False
    while piece := file.readline(LONGEST_LINE):
        if not is_rest:
            parser.feed(piece.decode("utf-8", "replace"))
        is_rest = not piece.endswith(b"\n")


def telling(found: list[Raised], path: str = "") -> Raised | None:
    """The most informative exception: the last one in the program's own code, or else the last.

    Ignores what Flask reports about a request to another `path`, and what happened inside the
    tracing client.
    """
    fitting = [one for one in found if not path or one.request in ("", path)]
    own = [one for one in fitting if one.is_own]
    others = [one for one in fitting if not one.is_of_tracer]
    return next(reversed(own or others), None)


def _of_library(path: str) -> str:
    return path.rpartition("site-packages/")[2] if "site-packages/" in path else Path(path).name


def _is_exception(line: str) -> bool:
    """Whether a line looks like the last line of a traceback."""
    match = _NAME.match(line)
    if not match or match[1] in _LEVELS:
        return False
    last = match[1].rpartition(".")[2]
    return last[:1].isupper() or "." in match[1] or last.lower().endswith("error")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
