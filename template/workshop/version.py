"""Which version of the template this workshop has; a tool that runs may be older than its files."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from workshop.settings import ROOT

FILE = ".copier-answers.yml"
TOOL_SUFFIXES = (".css", ".html", ".js", ".py")


def current(root: Path = ROOT) -> str:
    """The version that the answers record; empty where they record none, or cannot be read."""
    try:
        text = (root / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^_commit: *['\"]?([^\s'\"]+)", text, re.MULTILINE)
    return found[1] if found else ""


def mark(root: Path = ROOT) -> str:
    """What changes with the tool's files: the version, or where that is not to be seen, their age.

    In its container the console has the tool without the answers.
    """
    if known := current(root):
        return known
    ages = []
    for path in (root / "workshop").rglob("*"):
        with contextlib.suppress(OSError):  # it is being replaced
            if path.suffix in TOOL_SUFFIXES and "__pycache__" not in path.parts:
                ages.append(path.stat().st_mtime_ns)
    return f"{len(ages)}-{max(ages, default=0)}"
