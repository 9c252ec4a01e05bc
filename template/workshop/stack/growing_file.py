"""Reads a file of lines as it grows."""

from __future__ import annotations

from pathlib import Path


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
