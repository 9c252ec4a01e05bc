"""Asks the trainee for what only they know: a guess, and answers to questions."""

from __future__ import annotations

import math
import sys

import typer
from rich.console import Console
from rich.text import Text

from workshop.catalog import Step
from workshop.check import replies
from workshop.check.quiz import LETTERS, Choice, Question, give, questions
from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.settings import Settings


def ask(
    out: Console, settings: Settings, step: Step, guess: float | None, answers: str
) -> set[str]:
    """Ask what the check of `step` needs to know and doesn't know yet.

    `guess` (in milliseconds) and `answers` (a letter per question, in the order of the file) come
    from the command line. On a terminal, this asks for what they lack. Without one, it stays open.
    Returns the explanations that it printed. Raises Problem if the answers don't have that form.
    """
    known = replies.read(settings.run_dir)
    if step.guess:
        if guess is None and known.guess is None and sys.stdin.isatty():
            guess = typer.prompt(step.guess, value_proc=milliseconds)
        known.guess = known.guess if guess is None else guess
    if asked := questions(settings, step):
        if answers:
            for question, choice in zip(asked, _parsed(answers, asked), strict=True):
                give(known, step, question, choice)
        elif sys.stdin.isatty():
            replies.write(settings.run_dir, known)
            return _ask_all(out, settings, step, asked)
    replies.write(settings.run_dir, known)
    return set()


def milliseconds(text: str | float) -> float:
    """Parse a guess in the forms that people type. Raises BadParameter, with a message for them."""
    return _number(text, "ms", "Type milliseconds, such as 20.")


def times(text: str | float) -> float:
    """Parse a guess of a ratio, such as 3 or 1.5x. Raises BadParameter, with a message for them."""
    return _number(text, "x", "Type a number, such as 1.5.")


def _number(text: str | float, unit: str, otherwise: str) -> float:
    written = str(text).strip().lower().removesuffix(unit).strip().replace(",", ".")
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise typer.BadParameter(otherwise)
    return number


def _ask_all(out: Console, settings: Settings, step: Step, asked: list[Question]) -> set[str]:
    """Ask until each answer is right, or left open. Returns the explanations that it printed."""
    explained = set()
    given = replies.read(settings.run_dir).chosen.get(step.slug, {})
    waiting = [q for q in asked if not (choice := q.chosen(given)) or not choice.is_right]
    while waiting:
        question = waiting.pop(0)
        choice = _ask(out, question)
        if choice is None:
            continue
        # At once, so that Ctrl-C loses no answer; and only this one, since the console writes, too.
        known = replies.read(settings.run_dir)
        give(known, step, question, choice)
        replies.write(settings.run_dir, known)
        if choice.is_right:
            out.print(Text.assemble(("Right. ", "green"), said(choice.why)))
            explained.add(choice.why)
        else:
            again = " The question comes again later." if waiting else ""
            out.print(Text.assemble(("Not quite. ", "yellow"), said(choice.nudge), again))
            waiting.append(question)
    return explained


def _ask(out: Console, question: Question) -> Choice | None:
    """Ask one question. None if the trainee leaves it open."""
    choices = question.shuffled()
    letters = LETTERS[: len(choices)]
    out.print(f"\n{question.text}", style="bold")
    for letter, choice in zip(letters, choices, strict=True):
        out.print(f"  {letter}  {choice.text}")
    while True:
        answer = str(typer.prompt("Your answer", default="", show_default=False)).strip().lower()
        if not answer:
            return None
        if answer in [*letters]:
            return choices[letters.index(answer)]
        out.print(
            f"Type one letter: {', '.join(letters)}. To leave the question open, press Enter."
        )


def _parsed(answers: str, asked: list[Question]) -> list[Choice]:
    """The chosen answer to each question. Raises Problem."""
    letters = answers.replace(",", "").replace(" ", "").lower()
    given = []
    for letter, question in zip(letters, asked, strict=False):
        there = LETTERS[: len(question.choices)]
        if letter not in there:
            raise Problem(
                f"{letter!r} is not one of the choices of {question.text!r}",
                f"Type one of {', '.join(there)} for it.",
            )
        given.append(question.choices[there.index(letter)])
    if len(letters) != len(asked):
        raise Problem(
            f"There are {len(asked)} questions and {len(letters)} answers.",
            "Type one letter for each, such as --answers abca, in the order of the step's file "
            "in checks/.",
        )
    return given
