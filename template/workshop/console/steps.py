"""The steps, each with what the `workshop` command gives you: its check, hints, and solution.

This module uses the code of that command, so that the terminal and the page agree.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from workshop.catalog import Step
from workshop.check import progress, quiz, replies
from workshop.check.report import Report
from workshop.console import pages
from workshop.console.trace_json import Document
from workshop.how_to_run import said
from workshop.moving import hints
from workshop.problem import Problem
from workshop.record import make, share
from workshop.record.checks import check_step
from workshop.settings import Settings, load, steps


def overview(settings: Settings) -> list[Document]:
    """All steps: whether the check of each one passed (`done`), and which one is `here`."""
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


def page(settings: Settings, number: int) -> Document:
    """The page of a step, its questions, and the hints that were already given.

    Raises Problem when the step doesn't exist, or when its page can't be read.
    """
    every = steps(settings.root)
    step = _step(every, number)
    known = replies.read(settings.run_dir)
    asked, given = quiz.questions(settings, step), known.chosen.get(step.slug, {})
    return {
        "number": number,
        "html": _html(settings, step.page, every),
        "has_solution": bool(step.files),
        "asks_guess": bool(step.guess),
        "guess": known.guess,
        "questions": [
            {"text": question.text, "choices": [choice.text for choice in question.choices]}
            for question in asked
        ],
        "answers": [choice.text if (choice := q.chosen(given)) else "" for q in asked],
        "measures": step.measures,
        "cost_guess": known.cost_guess,
        "hints": [_hint(given) for given in hints.given(settings.root, step.slug)],
    }


def at_work(settings: Settings) -> Document:
    """The page about other ways to start an app. Raises Problem when it can't be read."""
    return {"html": _html(settings, pages.AT_WORK, steps(settings.root))}


def _html(settings: Settings, name: str, every: list[Step]) -> str:
    try:
        return pages.render_file(settings, name, every)
    except OSError as error:
        raise Problem(
            f"The console can't read {name}.", f"Restore it: `git restore {name}`."
        ) from error


LONGEST_GUESS = 1e9
"""Milliseconds."""


def check(settings: Settings, number: int, given: dict[str, Any]) -> Document:
    """Run the check of a step. `given` can have a `guess` in ms, and `answers`.

    `answers` are the texts of choices, by those of their questions. Raises Problem when the check
    can't run.
    """
    step = _step(steps(settings.root), number)
    known = replies.read(settings.run_dir)
    guess, answers = given.get("guess"), given.get("answers")
    if isinstance(guess, int | float) and 0 <= guess <= LONGEST_GUESS:
        known.guess = float(guess)
    if isinstance(answers, dict):
        for question in quiz.questions(settings, step):
            if choice := question.chosen(answers):
                quiz.give(known, step, question, choice)
    if given:
        replies.write(settings.run_dir, known)
    report = check_step(settings, number)
    return {**_report(report), "sharing": said(share.announcement(settings))}


def move_on(settings: Settings) -> Document:
    """Run `workshop next`, and return its output. Raises Problem with its message if it fails."""
    said = _command(settings, "next")
    return {"step": load(settings.root).step, "text": said.strip()}


def hint(settings: Settings) -> Document:
    """The next hint for the current step."""
    step = _step(steps(settings.root), settings.step)
    given = hints.following(settings.root, step.slug)
    make.note(settings)
    return _hint(given)


def difference(settings: Settings) -> Document:
    """The difference between the code and the current step's solution, from `workshop diff`.

    Raises Problem with the message of the command when it fails.
    """
    said = _command(settings, "diff")
    is_difference = said.startswith("diff ")
    return {"text": said if is_difference else "", "same": not is_difference}


def measure(settings: Settings, guess: float) -> Iterator[Document]:
    """Run `workshop cost`, and yield its progress line by line (`said`), and at last its result.

    The result is the `text` of the output, without the picture, or an `error`. The command runs to
    its end even if nobody takes the result, since the page finds the charts later, too.
    """
    with _started(settings, "cost", "--guess", str(guess)) as command:
        said = ""
        try:
            for line in command.stderr or []:
                said = line.strip() or said
                yield {"said": said}
        finally:
            output, _ = command.communicate()
    if command.returncode:
        yield {"error": said or "`workshop cost` failed."}
    else:
        yield {"text": output.partition("\n\n")[0]}


def _command(settings: Settings, *arguments: str) -> str:
    """Run the `workshop` command and return its output. Raises Problem with its message."""
    with _started(settings, *arguments) as command:
        output, errors = command.communicate()
    if command.returncode:
        raise Problem(errors.strip() or f"`workshop {arguments[0]}` failed.")
    return output


def _started(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=settings.root,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def _step(every: list[Step], number: int) -> Step:
    for step in every:
        if step.number == number:
            return step
    raise Problem(f"There is no step {number}.", f"The steps are 1 to {len(every)}.")


def _hint(one: hints.Hint) -> Document:
    return {"text": said(one.text), "number": one.number, "total": one.total}


def _report(report: Report) -> Document:
    problem = report.problem
    return {
        "passed": report.passed,
        "problem": said(f"{problem.what} {problem.remedy}".strip()) if problem else "",
        "requirements": [
            {
                **vars(requirement),
                "expected": said(requirement.expected),
                "hint": said(requirement.hint),
            }
            for requirement in report.requirements
        ],
        "notes": [said(note) for note in report.notes],
    }
