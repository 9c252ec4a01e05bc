"""The trainee's answers to the checks, and related measurements: `.workshop/told.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop import state_file

FILE = "told.json"


@dataclass
class Told:
    """All answers and measurements. Times are in milliseconds."""

    guess: float | None = None
    """How long a pairing takes, according to the trainee's guess before measuring."""
    measured: float | None = None
    """How long it took: the median of some pairings."""
    answers: dict[str, str] = field(default_factory=dict)
    """By the slug of a step, the chosen letters, one per question. `-` means no answer."""


def read(run_dir: Path) -> Told:
    """The answers so far. Empty if the file isn't usable."""
    data = state_file.mapping(run_dir / FILE)
    known = state_file.known(Told, data)
    answers = data.get("answers")
    if isinstance(answers, dict):  # an unusable entry doesn't spoil the others
        known["answers"] = {k: v for k, v in answers.items() if isinstance(v, str)}
    return Told(**known)


def write(run_dir: Path, told: Told) -> None:
    """Save the answers for the next check."""
    state_file.write(run_dir / FILE, asdict(told))
