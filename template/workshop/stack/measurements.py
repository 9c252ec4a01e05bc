"""Requests that their sender measured from outside: `.workshop/measured.jsonl`.

`workshop traffic` and the console write the file, and the console draws it. Before the code is
traced, nothing else records when each request ran, and how long it took.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import state_file

FILE = "measured.jsonl"
MOST_BYTES = 1_000_000
"""When the file gets larger, it starts over. The limit is about 10,000 requests."""


@dataclass(frozen=True)
class Result:
    """One request. `error` is the status or what went wrong, or empty."""

    route: str
    milliseconds: float
    error: str = ""
    begin: float = 0.0
    """In seconds since the epoch."""


class Appended:
    """A file that others append to, and that they may delete, empty, or replace meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.is_new = True
        """Whether the last look started at the file's beginning."""

    def lines(self) -> list[str]:
        """The complete lines that were added since the last look."""
        self.is_new = self._read == 0
        try:
            size = self._path.stat().st_size
            if size < self._read:
                self._read, self.is_new = 0, True
            if size == self._read:
                return []
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read(size - self._read)
        except OSError:
            return []
        whole, end, _ = new.rpartition(b"\n")
        self._read += len(whole) + len(end)
        return whole.decode("utf-8", "replace").splitlines()


class MeasuredLog:
    """The file in a workshop's `run_dir`. Several processes may write to it at the same time."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / FILE
        self._appended = Appended(self._path)

    def write(self, result: Result) -> None:
        """Add a result. If the file isn't writable, the result is lost."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            is_full = self._path.exists() and self._path.stat().st_size > MOST_BYTES
            with self._path.open("w" if is_full else "a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")

    def look(self) -> list[Result]:
        """The results that were added since the last look, or all of them the first time."""
        found = []
        for line in self._appended.lines():
            # Another version, or a command that is still writing, may have left any line.
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                found.append(Result(**state_file.known(Result, json.loads(line))))
        return found
