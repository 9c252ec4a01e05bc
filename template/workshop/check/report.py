"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workshop.problem import Problem
from workshop.settings import Step

Outcome = Literal["pass", "fail", "open"]


@dataclass(frozen=True)
class Requirement:
    """One line of a check: `open` when it could not be looked at, as one before it failed."""

    name: str
    """What has to be so, in one sentence."""
    outcome: Outcome
    expected: str = ""
    seen: str = ""
    hint: str = ""
    is_bonus: bool = False
    """Whether the step is done without it."""


@dataclass(frozen=True)
class Report:
    """What a step's check found."""

    step: Step
    requirements: list[Requirement] = field(default_factory=list)
    problem: Problem | None = None
    """Why nothing could be looked at, such as an app that does not start."""
    notes: list[str] = field(default_factory=list)
    """What else explains a failure: calls of the tracer that were removed from it."""
    output: str = ""
    """What pytest printed, tracebacks included."""

    @property
    def passed(self) -> bool:
        """Whether the step is done."""
        needed = [line for line in self.requirements if not line.is_bonus]
        return not self.problem and bool(needed) and all(r.outcome == "pass" for r in needed)
