"""Records which steps are done, in `.workshop/progress.json`, and the last check.

The instructor's `matchmaker status` reads the last check.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from workshop import state_file

FILE = "progress.json"
LAST_FILE = "last-check.json"


def done(run_dir: Path) -> dict[str, str]:
    """The slug of each step whose last check passed, with the time of that check (ISO 8601)."""
    found = state_file.mapping(run_dir / FILE)
    return {slug: when for slug, when in found.items() if isinstance(when, str)}


def record(run_dir: Path, slug: str, passed: bool) -> None:
    """Record whether a step's check passed."""
    found = state_file.mapping(run_dir / FILE)  # including entries from other versions
    found.pop(slug, None)
    if passed:
        found[slug] = _now()
    state_file.write(run_dir / FILE, found)


def record_last(run_dir: Path, slug: str, passed: bool) -> None:
    """Record which step was checked last, and whether it passed."""
    state_file.write(run_dir / LAST_FILE, {"step": slug, "passed": passed, "at": _now()})


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
