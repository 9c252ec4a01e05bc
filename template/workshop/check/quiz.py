"""The questions that a step ends with, according to the catalog (workshop/steps.toml)."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from workshop.catalog import Step
from workshop.check.replies import Told
from workshop.check.requirement import require
from workshop.cost import result
from workshop.cost.result import Cost
from workshop.problem import Problem
from workshop.settings import Settings

LETTERS = "abcdef"


@dataclass(frozen=True)
class Choice:
    """One choice of a question. The right one has a `why`, and each other one a `nudge`."""

    text: str
    why: str = ""
    """Why it's right, to show after the trainee has chosen it."""
    nudge: str = ""
    """What speaks against this choice, without naming the right one."""

    @property
    def is_right(self) -> bool:
        """Whether it is the right choice."""
        return bool(self.why)


@dataclass(frozen=True)
class Question:
    """One question, with its choices in the order of the file."""

    text: str
    choices: list[Choice]
    general: str = ""
    """The text as it is for everyone, if `text` has numbers that this trainee measured."""

    @property
    def right(self) -> Choice:
        """The right choice."""
        return next(choice for choice in self.choices if choice.is_right)

    def shuffled(self) -> list[Choice]:
        """The choices in another order each time, so that nobody learns a letter."""
        return random.sample(self.choices, len(self.choices))

    def chosen(self, given: dict[str, str]) -> Choice | None:
        """The choice in `given`: the texts of choices, by those of questions.

        None if there is none, or the question no longer has that choice.
        """
        answer = given.get(self.text)
        return next((choice for choice in self.choices if choice.text == answer), None)


def give(told: Told, step: Step, question: Question, choice: Choice) -> None:
    """Take the trainee's answer to a question. Counts it if it's wrong, and not the same again."""
    chosen = told.chosen.setdefault(step.slug, {})
    if not choice.is_right and chosen.get(question.text) != choice.text:
        wrong, text = told.wrong.setdefault(step.slug, {}), question.general or question.text
        wrong[text] = wrong.get(text, 0) + 1
    chosen[question.text] = choice.text


def require_right(question: Question, given: dict[str, str], *, expected: str, hint: str) -> str:
    """Why the answer in `given` is right. Raises Unmet if it isn't, or if there is none.

    `expected` and `hint` are for a question without an answer.
    """
    choice = question.chosen(given)
    require(choice, expected=expected, seen="none", hint=hint)
    assert choice
    require(choice.is_right, expected="another answer", seen=choice.text, hint=choice.nudge)
    return choice.why


def questions(settings: Settings, step: Step) -> list[Question]:
    """The questions of a step. Most steps have none. Raises Problem if the file isn't readable.

    If a question is about the result of `workshop cost`, it only appears when there is one.
    """
    if not step.questions:
        return []
    try:
        text = (settings.root / step.questions).read_text(encoding="utf-8")
        return read(text, result.read(settings.run_dir))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"{step.questions} cannot be read: {error}.",
            f"Restore it: workshop reset {step.questions}",
        ) from error


def read(text: str, cost: Cost | None = None) -> list[Question]:
    """The questions in a file, without those about the cost if that is None.

    Raises KeyError, TypeError, or ValueError if the text isn't in the form of such a file.
    """
    found = []
    for entry in tomllib.loads(text)["question"]:
        if "about" not in entry:
            question = Question(entry["text"], [Choice(**one) for one in entry["choice"]])
        elif cost:
            choices = [_of_cost(cost, entry["about"], one) for one in entry["choice"]]
            text = _measured(cost, entry["about"], entry["text"])
            question = Question(text, choices, re.sub(r"\{\w+\}", "…", entry["text"]))
        else:
            continue
        if sum(choice.is_right for choice in question.choices) != 1:
            raise ValueError(f"the question {question.text!r} doesn't have one right choice")
        found.append(question)
    return found


def _of_cost(cost: Cost, variant: str, entry: dict[str, Any]) -> Choice:
    """One choice of a question whose answer depends on what this trainee measured."""
    is_right = entry["verdict"] == cost.variants[variant].verdict
    kind = "why" if is_right else "nudge"
    return Choice(entry["text"], **{kind: _measured(cost, variant, entry[kind])})


def _measured(cost: Cost, variant: str, text: str) -> str:
    """A text with the trainee's own numbers in it."""
    times = cost.variants[variant]
    words = {"{lowest}": f"{times.lowest_ratio:.2f}", "{highest}": f"{times.highest_ratio:.2f}"}
    for name, number in words.items():
        text = text.replace(name, number)
    return text
