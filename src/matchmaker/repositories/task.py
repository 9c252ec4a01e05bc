"""What is to be done for one trainee."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from matchmaker.roster.questions import Facts

Action = Literal["create", "replace", "update", "set key", "keep", "refuse"]


@dataclass(frozen=True)
class Task:
    """What to do for one trainee, with all that a worker needs for it."""

    slug: str
    name: str
    step: Any
    facts: Facts
    action: Action
    asked: Mapping[str, Any]
    """The roster's answers, in the questions' types; no key is among them."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The answers to give to Copier."""
    key: str | None = field(default=None, repr=False)
    why: str = ""
    """Why it is left alone; empty if it is not."""
    moves: str = ""
    """From which step and version an update leads to which."""
    stays: str = ""
    """At which step it stays although the roster names another, and why."""
    is_lost: bool = False
    """Whether nothing tells what the roster gave before, so that the step was left as it is."""


def refused(task: Task, why: str) -> Task:
    """The same trainee, left alone for a reason."""
    return replace(task, action="refuse", why=why)
