"""The questions that a step ends with, according to the catalog (workshop/steps.toml)."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass

from workshop.catalog import Step
from workshop.cost import result
from workshop.cost.result import Cost
from workshop.problem import Problem
from workshop.settings import Settings

LETTERS = "abcdef"


@dataclass(frozen=True)
class Question:
    """One question. `right` is the letter of the right choice, and `why` explains it."""

    text: str
    choices: list[str]
    right: str
    why: str

    @property
    def answer(self) -> str:
        """The right choice."""
        return self.choices[LETTERS.index(self.right)]


def questions(settings: Settings, step: Step) -> list[Question]:
    """The questions of a step. Most steps have none. Raises Problem if the file isn't readable.

    If a question is about the result of `workshop cost`, it only appears when there is one.
    """
    if not step.questions:
        return []
    try:
        text = (settings.root / step.questions).read_text(encoding="utf-8")
        entries = tomllib.loads(text)["question"]
        cost = result.read(settings.run_dir)
        if cost is None and any("ratio_of" in entry for entry in entries):
            return []
        return [
            _about_the_cost(cost, **entry) if cost and "ratio_of" in entry else Question(**entry)
            for entry in entries
        ]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Problem(
            f"{step.questions} cannot be read: {error}.",
            f"Restore it: workshop reset {step.questions}",
        ) from error


def _about_the_cost(cost: Cost, text: str, ratio_of: str, not_of: str, why: str) -> Question:
    ratio = cost.ratio(ratio_of)
    factors = (ratio * 10, cost.ratio(not_of), ratio, ratio**2 * 3)
    choices = [f"{factor:.2f} times" for factor in factors]
    # The order depends only on these numbers, so the terminal, the page, and the check agree on it.
    random.Random(repr(factors)).shuffle(choices)
    right = LETTERS[choices.index(f"{ratio:.2f} times")]
    return Question(text, choices, right, why.replace("{ratio}", f"{ratio:.2f}"))
