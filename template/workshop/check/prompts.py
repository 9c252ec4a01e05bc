"""Asks what only the trainee can say: a guess, and answers to questions."""

from __future__ import annotations

import math
import sys

import typer
from rich.console import Console

from workshop.check import replies
from workshop.check.quiz import LETTERS, Question, questions
from workshop.problem import Problem
from workshop.settings import Settings, Step


def ask(out: Console, settings: Settings, step: Step, guess: float | None, answers: str) -> None:
    """Ask what the check of `step` wants to know and was not told before.

    `guess` (milliseconds) and `answers` (a letter a question) come from the command line; what
    they lack is asked for on a terminal, and else stays open. Raises Problem when the answers are
    not in that form.
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
    """Read a guess, as people write one. Raises BadParameter, in words for them."""
    written = str(text).strip().lower().removesuffix("ms").strip().replace(",", ".")
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise typer.BadParameter("Type milliseconds, such as 20.")
    return number


def _ask(out: Console, question: Question, before: str) -> str:
    """Ask one question, unless it was answered well before."""
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
                f"{letter!r} is none of the choices of {question.text!r}",
                f"Type one of {', '.join(LETTERS[: len(question.choices)])} for it.",
            )
    if len(given) != len(asked):
        raise Problem(
            f"There are {len(asked)} questions and {len(given)} answers.",
            "Type one letter for each, such as --answers abca.",
        )
    return given
