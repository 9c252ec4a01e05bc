"""Makes the record of this trainee, and the sheet in `finish.html`."""

from __future__ import annotations

from dataclasses import dataclass

from workshop.catalog import Step
from workshop.check import progress
from workshop.finish import sheet
from workshop.problem import Problem
from workshop.record import make as record
from workshop.record import pace, share
from workshop.record.form import Record
from workshop.settings import Settings, steps, tracing_step

PAGE = "finish.html"
"""The sheet as a file, relative to the repository. Git ignores it."""


@dataclass(frozen=True)
class Made:
    """The record, and why it shows no new pairings."""

    record: Record
    problem: Problem | None = None

    @property
    def shortcoming(self) -> str:
        """The same in sentences. Empty if the pairings are new."""
        if self.problem is None:
            return ""
        which = "keeps its earlier waterfalls" if self.record.before else "has no waterfalls"
        return f"The sheet {which}. {self.problem.what} {self.problem.remedy}".strip()


def make(settings: Settings) -> Made:
    """Compare before and after, and write the record and the sheet.

    If there is nothing to compare, keeps the pairings of the last record, if it has any. Raises
    Problem if a file can't be written.
    """
    from workshop.finish import side_by_side  # it brings a whole stack along

    before = after = problem = None
    tracing = tracing_step(settings.root)
    if settings.step > tracing.number or tracing.slug in progress.done(settings.run_dir):
        try:
            before, after = side_by_side.measure(settings)
        except Problem as error:
            problem = error
    else:
        problem = Problem(f"Your app has no traces before step {tracing.number} is done.")
    pictures = {} if problem else {"before": before, "after": after}
    made = record.update(settings, finished=record.now(), **pictures)
    shown = sheet.body(sheet.Sheet(settings.trainee, settings.session, made))
    try:
        (settings.root / PAGE).write_text(sheet.page("Your sheet", [shown]), encoding="utf-8")
    except OSError as error:
        raise Problem(
            f"{PAGE} cannot be written: {error.strerror}.",
            "Check that the folder is yours and has space, and that it's a file.",
        ) from error
    share.send(settings)
    return Made(made, problem)


def still_open(settings: Settings) -> list[Step]:
    """The steps whose check hasn't passed, without those that were in the code from the start."""
    done, paces = progress.done(settings.run_dir), pace.read(settings.run_dir)
    catalogue = steps(settings.root)
    behind = {step.slug for step in catalogue if step.number < settings.step}
    return [
        step
        for step in catalogue
        if step.slug not in done
        and step.replaced_by not in behind  # its code is gone, so nothing can be checked
        and (step.slug not in behind or step.slug in paces)
    ]
