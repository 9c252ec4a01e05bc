"""The steps, and what the `workshop` command knows of a step: its check, its hints, its change."""

from __future__ import annotations

from workshop import settings
from workshop.console import pages
from workshop.console.document import Document
from workshop.problem import Problem
from workshop.settings import Settings, Step


def steps(chosen: Settings) -> list[Document]:
    """All steps, and for each whether it is `done`, `here` or `ahead`."""
    return [
        {
            "number": step.number,
            "title": step.title,
            "minutes": step.minutes,
            "page": step.page,
            "state": "done"
            if step.number < chosen.step
            else "here"
            if step.number == chosen.step
            else "ahead",
        }
        for step in settings.steps(chosen.root)
    ]


def page(chosen: Settings, number: int) -> Document:
    """A step's page. Raises Problem when there is none."""
    every = settings.steps(chosen.root)
    step = _step(every, number)
    try:
        return {"number": number, "html": pages.render(chosen.root, step, every)}
    except OSError as error:
        raise Problem(
            f"{step.page} cannot be read.", f"Bring it back: `git restore {step.page}`."
        ) from error


def _step(every: list[Step], number: int) -> Step:
    for step in every:
        if step.number == number:
            return step
    raise Problem(f"There is no step {number}.", f"They go from 1 to {len(every)}.")
