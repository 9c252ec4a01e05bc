"""Runs checks with pytest, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workshop.catalog import Step
from workshop.check import progress, unchanged
from workshop.check.removed_api import scan
from workshop.check.report import Report, Requirement
from workshop.moving.conflicts import conflicts
from workshop.problem import Problem
from workshop.settings import Settings, steps
from workshop.stack import script, shell

UNUSED = (
    *("cacheprovider", "debugging", "doctest", "pastebin", "threadexception", "unittest"),
    "unraisableexception",
)
"""Parts of pytest that no check needs, and that take time: to load, or to look for garbage."""


def check_steps(settings: Settings, numbers: Sequence[int]) -> list[Report]:
    """Check several steps on one stack, and record which of them are done.

    Raises Problem if files contain conflict markers from a merge, if a later step has removed the
    code of one of these steps, or if a check can't run.
    """
    script.require(settings.root)
    refuse_conflicts(settings.root)
    catalogue = {step.number: step for step in steps(settings.root)}
    chosen = [catalogue[number] for number in numbers]
    _refuse_replaced(settings, chosen)
    before = unchanged.state(settings)
    found, output = _run_pytest(settings, chosen)
    reports = [_report(settings, step, found, output) for step in chosen]
    telling = those_that_count(settings, reports)
    for report in telling:
        if report.passed or not _is_behind(settings, report.step):
            progress.record(settings.run_dir, report.step.slug, report.passed)
        if report.step.number == settings.step:
            unchanged.record(settings, before, report.passed)
    if telling:
        last = next((report for report in telling if not report.passed), telling[-1])
        progress.record_last(settings.run_dir, last.step.slug, last.passed)
    return reports


def those_that_count(settings: Settings, reports: Sequence[Report]) -> list[Report]:
    """The reports that say something about the trainee's progress.

    A step whose code a later step has replaced no longer passes, but it was done.
    """
    return [one for one in reports if one.passed or one.step.number >= settings.step]


def _is_behind(settings: Settings, step: Step) -> bool:
    """Whether a later step is done. Trainees who go back to look again don't lose progress."""
    done = progress.done(settings.run_dir)
    return any(one.slug in done for one in steps(settings.root) if one.number > step.number)


def refuse_conflicts(root: Path) -> None:
    """Raise Problem if files contain conflict markers from a merge. It lists the places."""
    found = conflicts(root)
    if of_tool := [conflict for conflict in found if conflict.path.startswith("workshop/")]:
        raise Problem(
            "A merge left conflicts in the tool's own files:\n"
            + "\n".join(f"  {conflict}" for conflict in of_tool),
            "To save your work, and restore the template's files, run: workshop reset",
        )
    if found:
        places = "\n".join(f"  {conflict}" for conflict in found)
        raise Problem(
            f"A merge left conflicts for you to resolve:\n{places}",
            "In each, keep the lines that are right, delete the marker lines, and run this again.",
        )


def _refuse_replaced(settings: Settings, chosen: Sequence[Step]) -> None:
    """Raise Problem if a step's code is gone on purpose, since its hints would bring it back."""
    by_slug = {step.slug: step for step in steps(settings.root)}
    done = progress.done(settings.run_dir)
    for step in chosen:
        later = by_slug.get(step.replaced_by)
        is_here = later is not None and later.number == settings.step and later.slug in done
        if later and (is_here or later.number < settings.step):
            raise Problem(
                f"Step {later.number} has removed what step {step.number} added, so there is "
                "nothing left to check.",
                f"Without --step, `workshop check` checks step {settings.step}, where you are.",
            )


def held_steps(catalogue: Sequence[Step], until: int) -> list[int]:
    """The numbers of all steps up to `until` whose check still has to pass at that step."""
    numbers = {step.slug: step.number for step in catalogue}
    return [
        step.number
        for step in catalogue
        if step.number <= until and not (step.replaced_by and numbers[step.replaced_by] <= until)
    ]


def _run_pytest(settings: Settings, chosen: Sequence[Step]) -> tuple[list[dict[str, Any]], str]:
    with tempfile.TemporaryDirectory(prefix="workshop-check-") as folder:
        results = Path(folder) / "requirements"
        results.touch()
        command = [
            *[sys.executable, "-m", "workshop.check", str(Path(folder) / "shared")],
            *[*(step.check for step in chosen), "--"],
            *["-c", os.devnull, "--rootdir", str(settings.root), "--import-mode", "importlib"],
            # Otherwise pytest lists each folder above, and runs a conftest.py that it finds there.
            *["--confcutdir", str((settings.root / chosen[0].check).parent)],
            *["-p", "workshop.check.plugin", *(f"-pno:{name}" for name in UNUSED)],
            *["--tb=short", "--strict-markers", "--basetemp", str(Path(folder) / "pytest")],
            *["--requirements", str(results)],
        ]
        # Ignore options and plugins that are meant for other uses of pytest.
        environment = {**shell.base(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            command,
            cwd=settings.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    if not found:
        raise Problem(
            f"The check could not be run:\n{done.stdout.strip()}",
            "If you changed something in checks/, restore it: `git restore checks`.",
        )
    return found, done.stdout


def _report(settings: Settings, step: Step, found: list[dict[str, Any]], output: str) -> Report:
    problems = [Problem(*line["problem"]) for line in found if "problem" in line]
    requirements: list[Requirement] = []
    for line in found:
        if line["check"] != Path(step.check).name or "problem" in line:
            continue
        requirement = Requirement(**{k: v for k, v in line.items() if k != "check"})
        requirements.append(_as_above(requirement, requirements))
    report = Report(
        step,
        requirements,
        problem=problems[0] if problems else None,
        output=output,
    )
    if not report.passed:
        report.notes.extend(_removed_apis(settings.root))
    return report


def _as_above(one: Requirement, before: list[Requirement]) -> Requirement:
    """Mark a requirement as open if it failed for the same reason as one before it."""
    said = [(r.expected, r.seen, r.hint) for r in before if r.outcome == "fail"]
    if one.outcome == "fail" and (one.expected, one.seen, one.hint) in said:
        return Requirement(one.name, "open", is_bonus=one.is_bonus)
    return one


def _removed_apis(root: Path) -> list[str]:
    """Calls in the trainee's code that today's tracer doesn't support, with their replacements."""
    # If a file isn't readable, the app doesn't start either, and that gets reported.
    return [
        f"{file.name} line {use.line}: {use.sentence}. Use {use.replacement}."
        for file in scan(root)
        for use in file.uses
        if use.is_dead
    ]
