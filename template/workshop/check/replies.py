"""What the trainee told the checks, and what was measured beside it: `.workshop/told.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop import state_file

FILE = "told.json"


@dataclass
class Told:
    """All of it; times are in milliseconds."""

    guess: float | None = None
    """How long a pairing takes, as the trainee guessed before measuring."""
    measured: float | None = None
    """How long it took then: the median of some pairings."""
    answers: dict[str, str] = field(default_factory=dict)
    """For a step's slug, the letters that were chosen, one a question; `-` for none."""


def read(run_dir: Path) -> Told:
    """What was told so far; nothing where the file is no use."""
    data = state_file.mapping(run_dir / FILE)
    known = state_file.known(Told, data)
    answers = data.get("answers")
    if isinstance(answers, dict):  # one that is no use leaves the others
        known["answers"] = {k: v for k, v in answers.items() if isinstance(v, str)}
    return Told(**known)


def write(run_dir: Path, told: Told) -> None:
    """Keep it for the next check."""
    state_file.write(run_dir / FILE, asdict(told))
