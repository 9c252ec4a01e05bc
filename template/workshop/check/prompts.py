"""Asks the trainee for what only they know: a guess, and answers to questions."""

from __future__ import annotations

import math
import sys

import typer
from rich.console import Console

from workshop.catalog import Step
from workshop.check import replies
from workshop.check.quiz import LETTERS, Question, questions
from workshop.problem import Problem
from workshop.settings import Settings


def ask(out: Console, settings: Settings, step: Step, guess: float | None, answers: str) -> None:
    """Ask what the check of `step` needs to know and doesn't know yet.

    `guess` (in milliseconds) and `answers` (a letter per question) come from the command line. On a
    terminal, this asks for what they lack. Without one, it stays open. Raises Problem if the
    answers don't have that form.
    """
    known = replies.read(settings.run_dir)
    if step.guess:
        if guess is None and known.guess is None and sys.stdin.isatty():
            guess = typer.prompt(step.guess, value_proc=milliseconds)
        known.guess = known.guess if guess is None else guess
    if asked := questions(settings, step):
        before = known.answers.get(step.slug, "").ljust(len(asked), "-")
        if answers:
            given = _parsed(answers, asked)
        elif sys.stdin.isatty():
            given = "".join(_ask(out, q, old) for q, old in zip(asked, before, strict=False))
        else:
            given = before
        known.answers[step.slug] = given
    replies.write(settings.run_dir, known)


def milliseconds(text: str | float) -> float:
    """Parse a guess in the forms that people type. Raises BadParameter, with a message for them."""
    written = str(text).strip().lower().removesuffix("ms").strip().replace(",", ".")
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise typer.BadParameter("Type milliseconds, such as 20.")
    return number


def _ask(out: Console, question: Question, before: str) -> str:
    """Ask one question, unless the previous answer was right."""
    if before == question.right:
        return before
    out.print(f"\n{question.text}", style="bold")
    letters = LETTERS[: len(question.choices)]
    for letter, choice in zip(letters, question.choices, strict=True):
        out.print(f"  {letter}  {choice}")
    while (answer := str(typer.prompt("Your answer")).strip().lower()) not in [*letters]:
        out.print(f"Type one letter: {', '.join(letters)}.")
    return answer


def _parsed(answers: str, asked: list[Question]) -> str:
    given = answers.replace(",", "").replace(" ", "").lower()
    for letter, question in zip(given, asked, strict=False):
        if letter not in LETTERS[: len(question.choices)]:
            raise Problem(
                f"{letter!r} is not one of the choices of {question.text!r}",
                f"Type one of {', '.join(LETTERS[: len(question.choices)])} for it.",
            )
    if len(given) != len(asked):
        raise Problem(
            f"There are {len(asked)} questions and {len(given)} answers.",
            "Type one letter for each, such as --answers abca.",
        )
    return given
