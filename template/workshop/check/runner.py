"""Runs checks with pytest, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workshop.check import progress
from workshop.check.removed_api import scan
from workshop.check.report import Report, Requirement
from workshop.moving.conflicts import conflicts
from workshop.problem import Problem
from workshop.settings import Settings, Step, steps
from workshop.stack import script, shell


def check_step(settings: Settings, number: int) -> Report:
    """Check one step on the code on disk. Raises Problem as `check_steps` does."""
    return check_steps(settings, [number])[0]


def check_steps(settings: Settings, numbers: Sequence[int]) -> list[Report]:
    """Check several steps on one stack, and write down which of them are done.

    Raises Problem when files hold a merge's conflict markers, when a later step has taken a step's
    code out again, or when a check cannot be run.
    """
    script.require(settings.root)
    refuse_conflicts(settings.root)
    catalogue = {step.number: step for step in steps(settings.root)}
    chosen = [catalogue[number] for number in numbers]
    _refuse_replaced(settings, chosen)
    found, output = _run_pytest(settings, chosen)
    reports = [_report(settings, step, found, output) for step in chosen]
    # What a later step has replaced does not pass any more, and was done all the same.
    telling = [r for r in reports if r.passed or r.step.number >= settings.step]
    for report in telling:
        if report.passed or not _is_behind(settings, report.step):
            progress.record(settings.run_dir, report.step.slug, report.passed)
    if telling:
        last = next((report for report in telling if not report.passed), telling[-1])
        progress.record_last(settings.run_dir, last.step.slug, last.passed)
    return reports


def _is_behind(settings: Settings, step: Step) -> bool:
    """Whether a later step is done: who goes back, to look again, does not lose what is done."""
    done = progress.done(settings.run_dir)
    return any(one.slug in done for one in steps(settings.root) if one.number > step.number)


def refuse_conflicts(root: Path) -> None:
    """Raise Problem when files hold a merge's conflict markers; it says where they are."""
    found = conflicts(root)
    if of_tool := [conflict for conflict in found if conflict.path.startswith("workshop/")]:
        raise Problem(
            "A merge left conflicts in the tool's own files:\n"
            + "\n".join(f"  {conflict}" for conflict in of_tool),
            "Put them back as the template has them; your work is saved first: workshop reset",
        )
    if found:
        places = "\n".join(f"  {conflict}" for conflict in found)
        raise Problem(
            f"A merge left conflicts for you to decide:\n{places}",
            "Keep what is right of each, take the marker lines out, and run this again.",
        )


def _refuse_replaced(settings: Settings, chosen: Sequence[Step]) -> None:
    """Raise Problem when what a step has added is gone: its hints would bring it back."""
    by_slug = {step.slug: step for step in steps(settings.root)}
    done = progress.done(settings.run_dir)
    for step in chosen:
        later = by_slug.get(step.replaced_by)
        is_here = later is not None and later.number == settings.step and later.slug in done
        if later and (is_here or later.number < settings.step):
            raise Problem(
                f"Step {later.number} has taken out again what step {step.number} added: there is "
                "nothing left to check.",
                f"`workshop check` alone looks at step {settings.step}, where you are.",
            )


def held_steps(catalogue: Sequence[Step], until: int) -> list[int]:
    """The numbers of all steps up to `until` whose check still has to pass there."""
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
            *[sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(settings.root)],
            *[
                "--import-mode",
                "importlib",
                "-p",
                "no:cacheprovider",
                "-p",
                "workshop.check.plugin",
            ],
            *["--tb=short", "--strict-markers", "--basetemp", str(Path(folder) / "pytest")],
            *["--requirements", str(results)],
            *[step.check for step in chosen],
        ]
        # What others wrote for their own pytest, such as options and plugins, is not for this one.
        environment = {
            **shell.base(),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
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
            "If you changed something in checks/, bring it back: `git restore checks`.",
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
    """What failed for the very reason that one before it failed for was not really looked at."""
    said = [(r.expected, r.seen, r.hint) for r in before if r.outcome == "fail"]
    if one.outcome == "fail" and (one.expected, one.seen, one.hint) in said:
        return Requirement(one.name, "open", is_bonus=one.is_bonus)
    return one


def _removed_apis(root: Path) -> list[str]:
    """Calls in the trainee's code that today's tracer does not know, and what replaces each."""
    # Where a file cannot be read, the app does not start either, and says so.
    return [
        f"{file.name} line {use.line}: {use.sentence}. Use {use.replacement}."
        for file in scan(root)
        for use in file.uses
        if use.is_dead
    ]
