"""Makes the record of this trainee, and the sheet in `finish.html`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workshop.catalog import Step
from workshop.check import pace, progress
from workshop.finish import sheet, side_by_side
from workshop.moving import hints
from workshop.problem import Problem
from workshop.record import form as record
from workshop.record.form import Record, StepRecord
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
    before = after = problem = None
    tracing = tracing_step(settings.root)
    if settings.step > tracing.number or tracing.slug in progress.done(settings.run_dir):
        try:
            before, after = side_by_side.measure(settings)
        except Problem as error:
            problem = error
    else:
        problem = Problem(f"Your app has no traces before step {tracing.number} is done.")
    earlier = record.read(settings.run_dir)
    if problem and earlier and earlier.slug == settings.slug:
        before, after = earlier.before, earlier.after
    catalogue = steps(settings.root)
    made = Record(
        version=record.VERSION,
        slug=settings.slug,
        session=settings.session,
        at=datetime.now().astimezone().isoformat(timespec="seconds"),
        step=next((one.slug for one in catalogue if one.number == settings.step), ""),
        steps=_steps(settings, catalogue),
        before=before,
        after=after,
    )
    record.write(settings.run_dir, made)
    shown = sheet.body(sheet.Sheet(settings.trainee, settings.session, made))
    try:
        (settings.root / PAGE).write_text(sheet.page("Your sheet", [shown]), encoding="utf-8")
    except OSError as error:
        raise Problem(
            f"{PAGE} cannot be written: {error.strerror}.",
            "Check that the folder is yours and has space, and that it's a file.",
        ) from error
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


def _steps(settings: Settings, catalogue: list[Step]) -> list[StepRecord]:
    done, paces = progress.done(settings.run_dir), pace.read(settings.run_dir)
    taken = hints.taken(settings.root)
    found = []
    for step in catalogue:
        known = paces.get(step.slug, pace.Pace())
        if step.slug in {*done, *paces, *taken}:
            found.append(
                StepRecord(
                    slug=step.slug,
                    passed=(known.passed or done[step.slug]) if step.slug in done else "",
                    seconds=known.seconds,
                    hints=taken.get(step.slug, 0),
                    bonus=known.bonus,
                )
            )
    return found
