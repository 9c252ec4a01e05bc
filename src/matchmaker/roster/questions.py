"""Checks a trainee's answers as the template would, and computes what follows from them."""

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
from matchmaker.roster.typed import NotOfItsType, typed

KEY = "dd_api_key"
"""The question whose answer is an API key. It applies only to those who need one."""
SHARED_HOST = "shared_host"
"""The question whether others have accounts on the machine. Older templates don't have it."""
SHARE_PROGRESS = "share_progress"
"""The question whether to send the record of progress. Older templates don't have it, either."""

# What the table, the cards, and the ports need from the context of a repository's templates.
_FACTS = """{
    "env": trainee.env, "ports": trainee.ports, "datadog_url": trainee.datadog_url,
    "title": current.title, "to_datadog": backend == "datadog",
    "asks_token": shared_host | default(false),
}"""

_LONGEST = 60
"""How many characters of an answer a message repeats."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer, and what to write instead."""

    answer: str
    what: str
    remedy: str
    is_guessed: bool = False
    """Whether the remedy guesses what was meant."""


@dataclass(frozen=True)
class Facts:
    """What follows from the answers. See extensions/ in the template."""

    env: str
    ports: dict[str, int]
    datadog_url: str
    title: str
    to_datadog: bool
    asks_token: bool = False
    """Whether the console opens only with the link that `workshop up` prints."""


@dataclass(frozen=True)
class Checked:
    """A trainee's complete answers, and what follows from them."""

    given: dict[str, Any]
    """The answers in the roster, in the types of their questions."""
    answers: dict[str, Any]
    """What Copier would record, in its order, without the template's source and version."""
    facts: Facts
    wants_key: bool

    @property
    def slug(self) -> str:
        """The trainee's short name. It names the folder, and is unique in a session."""
        return str(self.answers["trainee_slug"])


class WrongAnswers(Exception):
    """The faults of one trainee, and in `known` what we know in spite of them.

    `known` has defaults instead of the wrong answers, and doesn't list them in `given`. It is None
    if we don't even know the slug.
    """

    def __init__(self, faults: list[Fault], known: Checked | None = None) -> None:
        super().__init__(faults)
        self.faults = faults
        self.known = known


def check(
    template: Template, answers: Mapping[str, Any], last: Mapping[str, Any], is_text: bool
) -> Checked:
    """Check a trainee's answers against the questions of a template.

    `last` has the answers that the trainee's repository recorded. They apply if `answers` has none.
    Raises WrongAnswers with every mistake.
    """
    asked = questions(template)
    found = [fault for name in answers if (fault := unknown(name, asked, answers))]
    answered = answers_of(template, answers, last, partial(typed, is_text=is_text))
    found += [_fault(name, value, error) for name, value, error in answered.wrong]
    wrong = {fault.answer for fault in found}
    try:
        known = Facts(**facts(answered, _FACTS))
    except Exception as error:
        if found:  # wrong answers can have consequences that make no sense
            raise WrongAnswers(found) from error
        if not isinstance(error, (TemplateError, CopierError, TypeError)):
            raise
        what = f"This version of the template does not work with this command: {error}"
        remedy = "Set another `version`, or install the command in that version."
        raise WrongAnswers([Fault("", what, remedy)]) from error
    right = {name: value for name, value in answered.given.items() if name not in wrong}
    checked = Checked(right, answered.recorded, known, KEY in answered.asked)
    if found:
        has_slug = "trainee_slug" in right or not wrong & {"trainee_slug", "trainee_name"}
        raise WrongAnswers(found, checked if has_slug else None)
    return checked


def _fault(name: str, value: Any, error: ValueError) -> Fault:
    if isinstance(error, Required):
        what = f"The template asks for `{name}`, and the roster has no answer."
        return Fault(name, what, f"Add {name} = … to [answers], or to this trainee.")
    what = f"`{name}` cannot be {_shown(value)}."
    return Fault(
        name, what, str(error) if isinstance(error, NotOfItsType) else _sentence(error, name)
    )


def key_fault(template: Template, key: str) -> str:
    """Why the template rejects an API key, without repeating it; empty if it accepts it."""
    error = problem_with(template, KEY, key)
    return _sentence(error, KEY) if error else ""


def unknown(name: str, questions: Iterable[str], given: Iterable[str]) -> Fault | None:
    """What is wrong with an answer to an unknown question. Never suggests a question in `given`."""
    if name in questions:
        return None
    # The session as a whole answers some questions.
    possible = [*(one for one in questions if one not in SET_BY_SESSION), "api_key"]
    meant = closest(name, [one for one in possible if one not in given])
    if meant:
        remedy = f"Did you mean {meant}?{f' {HOW}' if meant == 'api_key' else ''}"
    else:
        remedy = f"Its questions are {', '.join(possible)}."
    return Fault(name, f"The template has no question `{masked(name)}`.", remedy, bool(meant))


def _sentence(error: ValueError, name: str) -> str:
    """The message of a validator, without the words that Copier puts before it."""
    text = str(error)
    for prefix in ("Validation error for question", "Invalid choice for"):
        text = text.removeprefix(f"{prefix} '{name}': ")
    if choices := re.fullmatch(r".+ is not in \[(.+)\]", text, re.DOTALL):
        return f"Write one of {choices[1]}."
    return text if text.endswith((".", "?")) else f"{text}."


def _shown(value: Any) -> str:
    """An answer, shortened, in the form that a roster has it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, float | date | time):  # JSON would write it differently
        return str(value)
    text = masked(json.dumps(value, ensure_ascii=False))
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}…{text[0] if text[0] == chr(34) else ''}"
