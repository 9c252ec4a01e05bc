"""The steps of the workshop, as this version of the tool lists them."""

import tomllib
from functools import cache

from workshop.catalog import Step, steps_in

from matchmaker import tool

_LONGEST = 40


@cache
def catalogue() -> tuple[Step, ...]:
    """All steps, in their order."""
    text = (tool.folder() / "steps.toml").read_text(encoding="utf-8")
    return tuple(steps_in(tomllib.loads(text)))


def step_of(slug: str) -> Step | None:
    """The step with that slug; None if there is none."""
    return next((step for step in catalogue() if step.slug == slug), None)


def title_of(slug: str) -> str:
    """A step's number and title. If it's unknown, the beginning of what somebody calls it."""
    step = step_of(slug)
    return f"{step.number}. {step.title}" if step else slug[:_LONGEST]
