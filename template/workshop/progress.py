"""Which steps were checked and found done: `.workshop/progress.json`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from workshop import state_file

FILE = "progress.json"


def done(run_dir: Path) -> dict[str, str]:
    """The slug of each step whose last check passed, and when that was (ISO 8601)."""
    found = state_file.read(run_dir / FILE)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def record(run_dir: Path, slug: str, passed: bool) -> None:
    """Note that a step's check has just passed, or did not."""
    found = done(run_dir)
    found.pop(slug, None)
    if passed:
        found[slug] = datetime.now().astimezone().isoformat(timespec="seconds")
    state_file.write(run_dir / FILE, found)
