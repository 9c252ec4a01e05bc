"""The trainee's answers to the checks, and related measurements: `.workshop/told.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workshop import state_file

FILE = "told.json"


@dataclass
class Told:
    """All answers and measurements. Times are in milliseconds."""

    guess: float | None = None
    """How long a pairing takes, according to the trainee's guess before measuring."""
    measured: float | None = None
    """How long it took: the median of some pairings."""
    cost_guess: float | None = None
    """How many times as long as bare the traced app takes, guessed before `workshop cost`."""
    chosen: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the slug of a step, and then by the text of a question: the text of the chosen answer.

    Older versions wrote letters, under another name. A letter says nothing here, because the
    choices have no fixed order.
    """
    wrong: dict[str, dict[str, int]] = field(default_factory=dict)
    """By the slug of a step, and then by a question: how many wrong answers it got."""


def read(run_dir: Path) -> Told:
    """The answers so far. Empty if the file isn't usable."""
    data = state_file.mapping(run_dir / FILE)
    known = state_file.known(Told, data)
    known["chosen"] = {slug: _texts(given) for slug, given in _mapping(data.get("chosen")).items()}
    return Told(**known)


def write(run_dir: Path, told: Told) -> None:
    """Save the answers for the next check. Keeps what other versions wrote."""
    state_file.write(run_dir / FILE, {**state_file.mapping(run_dir / FILE), **asdict(told)})


def _texts(given: object) -> dict[str, str]:
    """The usable entries, since an unusable one doesn't spoil the others."""
    return {key: text for key, text in _mapping(given).items() if isinstance(text, str)}


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
