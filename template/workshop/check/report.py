"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workshop.catalog import Step
from workshop.problem import Problem

Outcome = Literal["pass", "fail", "open"]


@dataclass(frozen=True)
class Requirement:
    """One line of a check. It is `open` if it couldn't be tested because an earlier one failed."""

    name: str
    """What has to be true, in one sentence."""
    outcome: Outcome
    expected: str = ""
    seen: str = ""
    hint: str = ""
    is_bonus: bool = False
    """Whether the step is done even without it."""


@dataclass(frozen=True)
class Report:
    """The result of a step's check."""

    step: Step
    requirements: list[Requirement] = field(default_factory=list)
    problem: Problem | None = None
    """Why nothing could be tested, for example because an app doesn't start."""
    notes: list[str] = field(default_factory=list)
    """What else explains a failure: calls that the tracer no longer supports."""
    output: str = ""
    """What pytest printed, including tracebacks."""

    @property
    def passed(self) -> bool:
        """Whether the step is done."""
        needed = [line for line in self.requirements if not line.is_bonus]
        return not self.problem and bool(needed) and all(r.outcome == "pass" for r in needed)

    @property
    def has_bonus(self) -> bool:
        """Whether the step has a bonus, and it is done, too."""
        bonus = [line for line in self.requirements if line.is_bonus]
        return bool(bonus) and all(line.outcome == "pass" for line in bonus)
