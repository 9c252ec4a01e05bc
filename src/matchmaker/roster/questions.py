"""Checks a trainee's answers as the template would, and works out what follows from them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import Any

from copier.errors import CopierError
from jinja2.exceptions import TemplateError

from matchmaker.repositories.copier_adapter import (
    Required,
    Template,
    answers_of,
    facts,
    problem_with,
    questions,
)
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import HOW
from matchmaker.roster.masking import masked
from matchmaker.roster.read import SET_BY_SESSION

KEY = "dd_api_key"
"""The question whose answer is an API key; it is asked only of those who need one."""
SHARED_HOST = "shared_host"
"""The question whether others have accounts on the machine; not in each version of the template."""

# What a repository's templates know of the trainee, and the table, the cards and the ports need.
_FACTS = """{
    "env": trainee.env, "ports": trainee.ports, "datadog_url": trainee.datadog_url,
    "title": current.title, "to_datadog": backend == "datadog",
    "asks_token": shared_host | default(false),
}"""

_LONGEST = 60
"""Characters of an answer that a message repeats."""
_DIGITS = 20

_YES_AND_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer, and what to write instead."""

    answer: str
    what: str
    remedy: str
    is_guessed: bool = False
    """Whether the remedy names what was meant, perhaps."""


@dataclass(frozen=True)
class Facts:
    """What follows from the answers; see extensions/ in the template."""

    env: str
    ports: dict[str, int]
    datadog_url: str
    title: str
    to_datadog: bool
    asks_token: bool = False
    """Whether the console opens only by the link that `workshop up` prints."""


@dataclass(frozen=True)
class Checked:
    """A trainee's answers, complete, and what they lead to."""

    given: dict[str, Any]
    """The roster's own, in the questions' types."""
    answers: dict[str, Any]
    """All that Copier would record, in its order, but for the template's source and version."""
    facts: Facts
    wants_key: bool

    @property
    def slug(self) -> str:
        """The trainee's short form: the name of the folder, and unique in a session."""
        return str(self.answers["trainee_slug"])


class WrongAnswers(Exception):
    """Holds the faults of one trainee, and in `known` what can be told all the same.

    There, wrong answers are not among those given; defaults stand in for them. It is None if not
    even the slug can be told.
    """

    def __init__(self, faults: list[Fault], known: Checked | None = None) -> None:
        super().__init__(faults)
        self.faults = faults
        self.known = known


def check(
    template: Template, answers: Mapping[str, Any], last: Mapping[str, Any], is_text: bool
) -> Checked:
    """Check a trainee's answers against the questions of a template.

    `last` are the answers that the trainee's repository has recorded; they hold where `answers`
    give none. Raises WrongAnswers with all that is wrong.
    """
    asked = questions(template)
    found = [fault for name in answers if (fault := unknown(name, asked, answers))]
    answered = answers_of(template, answers, last, partial(_typed, is_text=is_text))
    found += [_fault(name, value, error) for name, value, error in answered.wrong]
    wrong = {fault.answer for fault in found}
    try:
        known = Facts(**facts(answered, _FACTS))
    except Exception as error:
        if found:  # what follows from wrong answers need not make sense
            raise WrongAnswers(found) from error
        if not isinstance(error, (TemplateError, CopierError, TypeError)):
            raise
        what = f"This version of the template does not fit this command: {error}"
        remedy = "Name another `version`, or install the command of that version."
        raise WrongAnswers([Fault("", what, remedy)]) from error
    right = {name: value for name, value in answered.given.items() if name not in wrong}
    checked = Checked(right, answered.recorded, known, KEY in answered.asked)
    if found:
        has_slug = "trainee_slug" in right or not wrong & {"trainee_slug", "trainee_name"}
        raise WrongAnswers(found, checked if has_slug else None)
    return checked


def _fault(name: str, value: Any, error: ValueError) -> Fault:
    if isinstance(error, Required):
        what = f"The template asks for `{name}`, and nobody answers."
        return Fault(name, what, f"Add {name} = … to [answers], or to this trainee.")
    what = f"`{name}` cannot be {_shown(value)}."
    return Fault(
        name, what, str(error) if isinstance(error, _NotOfItsType) else _sentence(error, name)
    )


def key_fault(template: Template, key: str) -> str:
    """What the template says against an API key, without repeating it; empty if nothing."""
    error = problem_with(template, KEY, key)
    return _sentence(error, KEY) if error else ""


def unknown(name: str, questions: Iterable[str], given: Iterable[str]) -> Fault | None:
    """What is wrong with an answer to no question; the one that was meant is not among `given`."""
    if name in questions:
        return None
    # Some questions are answered for a whole session.
    possible = [*(one for one in questions if one not in SET_BY_SESSION), "api_key"]
    meant = closest(name, [one for one in possible if one not in given])
    if meant:
        remedy = f"Did you mean {meant}?{f' {HOW}' if meant == 'api_key' else ''}"
    else:
        remedy = f"It asks {', '.join(possible)}."
    return Fault(name, f"The template asks no question `{masked(name)}`.", remedy, bool(meant))


class _NotOfItsType(ValueError):
    """Copier would make something of it: of "maybe" a yes, of 3.7 a 3."""


def _typed(kind: str, value: Any, *, is_text: bool) -> Any:
    """The answer in the question's type, without guessing. Raises _NotOfItsType."""
    if kind == "bool":
        if isinstance(value, bool):
            return value
        if is_text and value.lower() in _YES_AND_NO:
            return _YES_AND_NO[value.lower()]
        raise _NotOfItsType("Write yes or no." if is_text else "Write true or false, unquoted.")
    if kind == "int":
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if is_text and value.removeprefix("-").isdecimal() and len(value) < _DIGITS:
            return int(value)
        raise _NotOfItsType(f"Write a whole number{'' if is_text else ', without quotes'}.")
    if kind == "str" and not isinstance(value, str):
        raise _NotOfItsType("Write text, in quotes.")
    return value


def _sentence(error: ValueError, name: str) -> str:
    """A validator's sentence, without Copier's own words before it."""
    text = str(error)
    for prefix in ("Validation error for question", "Invalid choice for"):
        text = text.removeprefix(f"{prefix} '{name}': ")
    if choices := re.fullmatch(r".+ is not in \[(.+)\]", text, re.DOTALL):
        return f"Write one of {choices[1]}."
    return text if text.endswith((".", "?")) else f"{text}."


def _shown(value: Any) -> str:
    """An answer in a few words, as it is written in a roster."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, float | date | time):  # in JSON's words, it would be another
        return str(value)
    text = masked(json.dumps(value, ensure_ascii=False))
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}…{text[0] if text[0] == chr(34) else ''}"
