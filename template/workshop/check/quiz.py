"""The questions that steps without code end with."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

from workshop.cost import result
from workshop.problem import Problem
from workshop.settings import Settings, Step

FILE = Path("checks", "questions.toml")
LETTERS = "abcdef"


@dataclass(frozen=True)
class Question:
    """One question; `right` is the letter of the right choice, and `why` explains it."""

    text: str
    choices: list[str]
    right: str
    why: str

    @property
    def answer(self) -> str:
        """The right choice."""
        return self.choices[LETTERS.index(self.right)]


def questions(settings: Settings, step: Step) -> list[Question]:
    """The questions of a step; most have none. Raises Problem when they cannot be read."""
    match step.slug:
        case "questions":
            return _from_file(settings.root)
        case "step-back":
            return _about_the_cost(settings)
    return []


def _from_file(root: Path) -> list[Question]:
    try:
        entries = tomllib.loads((root / FILE).read_text(encoding="utf-8"))["question"]
        return [Question(**entry) for entry in entries]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Problem(
            f"{FILE} cannot be read: {error}.", f"Bring it back: workshop reset {FILE}"
        ) from error


def _about_the_cost(settings: Settings) -> list[Question]:
    measured = result.read(settings.run_dir)
    if measured is None:
        return []
    ratio = measured.ratio("traced")
    factors = (ratio * 10, measured.ratio("hand-timed"), ratio, ratio**2 * 3)
    choices = [f"{factor:.2f} times" for factor in factors]
    # In an order that only these numbers have: the terminal, the page and the check agree on it.
    random.Random(repr(factors)).shuffle(choices)
    return [
        Question(
            text="How many times as long as the bare app does the traced one take (p50)?",
            choices=choices,
            right=LETTERS[choices.index(f"{ratio:.2f} times")],
            why=f"{ratio:.2f} times as long: so much for a route that does next "
            "to nothing. What a route does besides stays as it was: a slower one pays a smaller "
            "share.",
        )
    ]
