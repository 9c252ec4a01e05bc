"""Runs checks, and notes what they found for the record."""

from __future__ import annotations

from collections.abc import Sequence

from workshop.check import runner
from workshop.check.report import Report
from workshop.problem import Problem
from workshop.record import make, pace
from workshop.record.form import Check
from workshop.settings import Settings, steps


def check_step(settings: Settings, number: int) -> Report:
    """Check one step with the code on disk. Raises Problem as `check_steps` does."""
    return check_steps(settings, [number])[0]


def check_steps(settings: Settings, numbers: Sequence[int]) -> list[Report]:
    """Check several steps on one stack, and note the results. Raises Problem as the runner does."""
    try:
        reports = runner.check_steps(settings, numbers)
    except Problem:
        if settings.step in numbers:  # an earlier step's code can be gone on purpose
            here = next(one.slug for one in steps(settings.root) if one.number == settings.step)
            check = Check(here, make.now(), False, problem=make.NOT_RUN)
            _count(settings, check)
            make.note(settings, check)
        raise
    counted = runner.those_that_count(settings, reports)
    found = {report.step.slug: report for report in counted}
    if reports[0].problem:  # it stopped all of them, and counts once
        found = dict([*found.items()][-1:])
    checks = [make.check_of(report) for report in found.values()]
    for check in checks:
        _count(settings, check, found[check.step].has_bonus)
    last = next((one for one in checks if not one.passed), checks[-1]) if checks else None
    make.note(settings, last)
    return reports


def _count(settings: Settings, check: Check, has_bonus: bool = False) -> None:
    pace.checked(settings, check.step, check.passed, has_bonus, check.stopped_at)
