"""Finds what a merge left for a person to decide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop import inside

BEGIN, END = "<<<<<<< ", ">>>>>>> "
# Folders that hold nothing of the trainee's. Those with a dot in front are left out as well.
NOT_THEIRS = {"__pycache__", "instance", "node_modules"}
VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
"""A file in the folder of each."""


@dataclass(frozen=True)
class Conflict:
    """Lines of both sides in one file: from the line of `<<<<<<<` to that of `>>>>>>>`."""

    path: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.path}, lines {self.first} to {self.last}"


def files(root: Path) -> Iterator[Path]:
    """The trainee's files below `root`: all but hidden ones and what running them writes.

    What cannot be read, such as a link that leads nowhere or a pipe, is left out as well.
    """
    for folder, subfolders, names in os.walk(root):
        if VIRTUAL_ENVIRONMENT in names:
            subfolders.clear()
            continue
        subfolders[:] = [n for n in subfolders if n not in NOT_THEIRS and not n.startswith(".")]
        paths = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file() and os.access(path, os.R_OK))


def conflicts_in(root: Path, name: str) -> list[Conflict]:
    """The places in one file, from top to bottom; none where there is no such file."""
    try:
        text = inside.read(root, name).decode(errors="replace")
    except (inside.Refused, FileNotFoundError):
        return []
    found = []
    begin = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(BEGIN):
            begin = number
        elif line.startswith(END) and begin:
            found.append(Conflict(name, begin, number))
            begin = 0
    return found


def conflicts(root: Path) -> list[Conflict]:
    """All places in the trainee's files, in git or not."""
    names = sorted(str(path.relative_to(root)) for path in files(root))
    return [conflict for name in names for conflict in conflicts_in(root, name)]
