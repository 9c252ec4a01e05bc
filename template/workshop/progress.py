"""Which steps were checked and found done: `.workshop/progress.json`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

FILE = "progress.json"


def done(run_dir: Path) -> dict[str, str]:
    """The slug of each step whose last check passed, and when that was (ISO 8601)."""
    try:
        found = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
        return {str(slug): str(when) for slug, when in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def record(run_dir: Path, slug: str, passed: bool) -> None:
    """Note that a step's check has just passed, or did not."""
    found = done(run_dir)
    found.pop(slug, None)
    if passed:
        found[slug] = datetime.now().astimezone().isoformat(timespec="seconds")
    run_dir.mkdir(parents=True, exist_ok=True)
    draft = run_dir / f"{FILE}.new"
    draft.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    draft.replace(run_dir / FILE)
