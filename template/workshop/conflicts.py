"""Finds what a merge left for a person to decide."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Folders that hold nothing of the trainee's. Those with a dot in front are left out as well.
NOT_THEIRS = {"__pycache__", "instance", "node_modules"}


def files(root: Path) -> Iterator[Path]:
    """The trainee's files below `root`: all but hidden ones and what running them writes."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [n for n in subfolders if n not in NOT_THEIRS and not n.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def conflict_markers(root: Path) -> list[tuple[Path, int]]:
    """Where git's conflict markers begin: file, relative to `root`, and line."""
    found = []
    for path in sorted(files(root)):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        begins = [n for n, line in enumerate(lines, 1) if line.startswith("<<<<<<< ")]
        if begins and any(line.startswith(">>>>>>> ") for line in lines):
            found += [(path.relative_to(root), number) for number in begins]
    return found
