"""Requests that were measured from outside, by who sent them: `.workshop/measured.jsonl`.

`workshop traffic` and the console write it, and the console draws it: before the code is traced
there is nothing else that tells how long each request took, and when.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import state_file

FILE = "measured.jsonl"
MOST_BYTES = 1_000_000
"""When the file is larger, it begins anew; that is some 10,000 requests."""


@dataclass(frozen=True)
class Result:
    """One request: `error` is empty, or the status or what went wrong."""

    route: str
    milliseconds: float
    error: str = ""
    begin: float = 0.0
    """In seconds since the epoch."""


class Appended:
    """A file that others append to, and that may be missing, emptied or made anew meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.is_new = True
        """Whether the last look began at the file's beginning."""

    def lines(self) -> list[str]:
        """The whole lines that came since the last look."""
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
    """The file in a workshop's `run_dir`. Several may write it at the same time."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / FILE
        self._appended = Appended(self._path)

    def write(self, result: Result) -> None:
        """Add one; where that cannot be done, it is not there to be drawn."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(exist_ok=True)
            is_full = self._path.exists() and self._path.stat().st_size > MOST_BYTES
            with self._path.open("w" if is_full else "a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")

    def look(self) -> list[Result]:
        """Those that were written since the last look; at first, all."""
        found = []
        for line in self._appended.lines():
            # Another version, or a command that is writing just now, may have left any line.
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                found.append(Result(**state_file.known(Result, json.loads(line))))
        return found
