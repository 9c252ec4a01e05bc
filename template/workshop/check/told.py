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
    try:
        known = Told(**state_file.read(run_dir / FILE))
        return Told(
            guess=_number(known.guess),
            measured=_number(known.measured),
            answers={slug: str(letters) for slug, letters in known.answers.items()},
        )
    except (TypeError, ValueError, AttributeError):
        return Told()


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def write(run_dir: Path, told: Told) -> None:
    """Keep it for the next check."""
    state_file.write(run_dir / FILE, asdict(told))
