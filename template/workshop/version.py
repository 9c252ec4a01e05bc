"""Which version of the template this workshop has; a tool that runs may be older than its files."""

from __future__ import annotations

import re
from pathlib import Path

from workshop.settings import ROOT

FILE = ".copier-answers.yml"


def current(root: Path = ROOT) -> str:
    """The version that the answers record; empty where they record none, or cannot be read."""
    try:
        text = (root / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^_commit: *['\"]?([^\s'\"]+)", text, re.MULTILINE)
    return found[1] if found else ""
