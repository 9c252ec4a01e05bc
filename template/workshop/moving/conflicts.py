"""Finds the conflicts that a merge left for the trainee to resolve."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop import inside

BEGIN, END = "<<<<<<< ", ">>>>>>> "
# Folders without files of the trainee. `files` also skips folders whose name begins with a dot.
NOT_THEIRS = {"__pycache__", "instance", "node_modules"}
VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
"""The file that marks the folder of a virtual environment."""


@dataclass(frozen=True)
class Conflict:
    """A conflict in a file, from the line with `<<<<<<<` to the line with `>>>>>>>`."""

    path: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.path}, lines {self.first} to {self.last}"


def files(root: Path) -> Iterator[Path]:
    """The trainee's files below `root`, without hidden ones and those that the code writes.

    Also skips what isn't readable, such as a broken link or a pipe.
    """
    for folder, subfolders, names in os.walk(root):
        if VIRTUAL_ENVIRONMENT in names:
            subfolders.clear()
            continue
        subfolders[:] = [n for n in subfolders if n not in NOT_THEIRS and not n.startswith(".")]
        paths = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file() and os.access(path, os.R_OK))


def conflicts_in(root: Path, name: str) -> list[Conflict]:
    """The conflicts in one file, from top to bottom. Empty if there is no such file."""
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
    """All conflicts in the trainee's files, whether git tracks them or not."""
    names = sorted(str(path.relative_to(root)) for path in files(root) if _may_have_one(path))
    return [conflict for name in names for conflict in conflicts_in(root, name)]


def _may_have_one(path: Path) -> bool:
    """Whether to look at each line of a file. A command that looks at all of them would be slow."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return BEGIN.encode() in file.read()
    except OSError:
        return True
