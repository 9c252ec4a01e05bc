"""The steps, and what the `workshop` command says of one: its check, its hints, its solution.

All of it comes from where the command has it, so that the terminal and the page agree.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from workshop.check import Report, check_step, progress, quiz, replies
from workshop.console import pages
from workshop.console.trace_json import Document
from workshop.moving import hints
from workshop.problem import Problem
from workshop.settings import Settings, Step, load, steps


def overview(settings: Settings) -> list[Document]:
    """All steps: whether each is `done`, as its check found, and which one is `here`."""
    done = progress.done(settings.run_dir)
    return [
        {
            "number": step.number,
            "title": step.title,
            "minutes": step.minutes,
            "done": step.slug in done,
            "here": step.number == settings.step,
            "in_the_code": step.number < settings.step and bool(step.files),
        }
        for step in steps(settings.root)
    ]


def page(settings: Settings, number: int, *, with_code: bool = True) -> Document:
    """A step's page, what there is to ask about it, and the hints that were given already.

    Without the code there are no questions: their answers are for the check, which needs it.
    Raises Problem when there is no such step, or its page cannot be read.
    """
    every = steps(settings.root)
    step = _step(every, number)
    known = replies.read(settings.run_dir)
    try:
        html = pages.render(settings.root, step, every)
    except OSError as error:
        raise Problem(
            f"{step.page} cannot be read.", f"Bring it back: `git restore {step.page}`."
        ) from error
    return {
        "number": number,
        "html": html,
        "has_solution": bool(step.files),
        "asks_guess": bool(step.guess),
        "guess": known.guess,
        "questions": [
            {"text": question.text, "choices": question.choices}
            for question in (quiz.questions(settings, step) if with_code else [])
        ],
        "answers": known.answers.get(step.slug, ""),
        "hints": [_hint(given) for given in hints.given(settings.root, step.slug)],
    }


LONGEST_GUESS = 1e9
"""Milliseconds."""


class Checks:
    """Runs checks, and moves on where one has passed."""

    def __init__(self) -> None:
        self._passed: object = None

    def run(self, settings: Settings, number: int, given: dict[str, Any]) -> Document:
        """Run a step's check; `given` may have a `guess` in ms, and `answers` as letters.

        Raises Problem when it cannot be run.
        """
        step = _step(steps(settings.root), number)
        known = replies.read(settings.run_dir)
        guess, answers = given.get("guess"), given.get("answers")
        if isinstance(guess, int | float) and 0 <= guess <= LONGEST_GUESS:
            known.guess = float(guess)
        if isinstance(answers, str) and set(answers) <= {*quiz.LETTERS, "-"}:
            known.answers[step.slug] = answers
        if given:
            replies.write(settings.run_dir, known)
        code = _checked_code(settings, number)
        report = check_step(settings, number)
        self._passed = code if report.passed else None
        return _report(report)

    def move_on(self, settings: Settings) -> Document:
        """Do what `workshop next` does, and give its words.

        The check is not run once more on the very code that it has just passed on. Raises Problem,
        with what the command says, when it does not move on.
        """
        is_checked = self._passed == _checked_code(settings, settings.step)
        said = _command(settings, "next", *(["--force"] if is_checked else []))
        return {"step": load(settings.root).step, "text": said.strip()}


def _checked_code(settings: Settings, number: int) -> object:
    """A step, and all code of the repository's own: what a check depends on."""
    return number, {path: path.read_bytes() for path in sorted(settings.root.glob("*.py"))}


def hint(settings: Settings) -> Document:
    """The next hint for the current step."""
    step = _step(steps(settings.root), settings.step)
    return _hint(hints.following(settings.root, step.slug))


def difference(settings: Settings) -> Document:
    """What separates the code from the current step's solution, as `workshop diff` prints it.

    Raises Problem, with what it says, when it fails.
    """
    said = _command(settings, "diff")
    is_difference = said.startswith("diff ")
    return {"text": said if is_difference else "", "same": not is_difference}


def _command(settings: Settings, *arguments: str) -> str:
    """Run the `workshop` command; gives what it prints, or raises Problem with what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=settings.root,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Problem(done.stderr.strip() or f"`workshop {arguments[0]}` failed.")
    return done.stdout


def _step(every: list[Step], number: int) -> Step:
    for step in every:
        if step.number == number:
            return step
    raise Problem(f"There is no step {number}.", f"They go from 1 to {len(every)}.")


def _hint(one: hints.Hint) -> Document:
    return {"text": one.text, "number": one.number, "total": one.total}


def _report(report: Report) -> Document:
    problem = report.problem
    return {
        "passed": report.passed,
        "problem": f"{problem.what} {problem.remedy}".strip() if problem else "",
        "requirements": [vars(requirement) for requirement in report.requirements],
        "notes": report.notes,
    }
