"""Checks a trainee's answers as the template would, and works out what follows from them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from copier._types import Phase
from copier._user_data import AnswersMap, Question
from copier.errors import CopierError
from jinja2.exceptions import TemplateError

from matchmaker.repositories.rendering import Renderer
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import HOW
from matchmaker.roster.masking import masked
from matchmaker.roster.read import SET_BY_SESSION

KEY = "dd_api_key"
"""The question whose answer is an API key; it is asked only of those who need one."""
SHARED_HOST = "shared_host"
"""The question whether others have accounts on the machine; not in each version of the template."""

# What a repository's templates know of the trainee, and the table, the cards and the ports need.
_FACTS = """{{ {
    "env": trainee.env, "ports": trainee.ports, "datadog_url": trainee.datadog_url,
    "title": current.title, "to_datadog": backend == "datadog",
    "asks_token": shared_host | default(false),
} | to_json }}"""

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
    worker: Renderer, answers: Mapping[str, Any], last: Mapping[str, Any], is_text: bool
) -> Checked:
    """Check a trainee's answers against the questions of the template of `worker`.

    `last` are the answers that the trainee's repository has recorded; they hold where `answers`
    give none. Raises WrongAnswers with all that is wrong.
    """
    template = worker.template
    faults = [unknown(name, template.questions_data, answers) for name in answers]
    worker.answers = AnswersMap(last=dict(last), metadata=template.metadata)
    given = {}
    for name, details in template.questions_data.items():
        question = question_of(worker, name, details)
        if name in worker.answers.last and not _still_fits(question, worker.answers.last[name]):
            del worker.answers.last[name]
        if not question.get_when():
            worker.answers.hide(name)
            worker.answers.last.pop(name, None)
        try:
            if name in answers:
                given[name] = _typed(question, answers[name], is_text)
                worker.answers.user[name] = question.parse_answer(given[name])
                question.validate_answer(worker.answers.user[name])
            else:
                worker.answers.user[name] = question.get_default()
        except _NotOfItsType as error:
            faults.append(Fault(name, f"`{name}` cannot be {_shown(answers[name])}.", str(error)))
            worker.answers.user[name] = _default(question)
        except ValueError as error:
            value = worker.answers.user.get(name, answers.get(name))
            what = f"`{name}` cannot be {_shown(value)}."
            faults.append(Fault(name, what, _sentence(error, name)))
            worker.answers.user[name] = _default(question)
    found = [fault for fault in faults if fault]
    wrong = {fault.answer for fault in found}
    recorded = {n: v for n, v in worker._answers_to_remember().items() if not n.startswith("_")}
    wants_key = KEY in template.questions_data and KEY not in worker.answers.hidden
    try:
        with Phase.use(Phase.RENDER):
            facts = Facts(**json.loads(worker._render_string(_FACTS)))
    except Exception as error:
        if found:  # what follows from wrong answers need not make sense
            raise WrongAnswers(found) from error
        if not isinstance(error, (TemplateError, CopierError, TypeError)):
            raise
        what = f"This version of the template does not fit this command: {error}"
        remedy = "Name another `version`, or install the command of that version."
        raise WrongAnswers([Fault("", what, remedy)]) from error
    right = {name: value for name, value in given.items() if name not in wrong}
    checked = Checked(right, recorded, facts, wants_key)
    if found:
        has_slug = "trainee_slug" in right or not wrong & {"trainee_slug", "trainee_name"}
        raise WrongAnswers(found, checked if has_slug else None)
    return checked


def key_fault(worker: Renderer, key: str) -> str:
    """What the template says against an API key, without repeating it; empty if nothing."""
    worker.answers = AnswersMap(metadata=worker.template.metadata)
    question = question_of(worker, KEY, worker.template.questions_data[KEY])
    try:
        question.validate_answer(question.parse_answer(key))
    except ValueError as error:
        return _sentence(error, KEY)
    return ""


def question_of(worker: Renderer, name: str, details: Mapping[str, Any]) -> Question:
    """One question of the template, as Copier holds it, amid the answers given so far."""
    return Question(
        answers=worker.answers,
        context=worker._render_context(),
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **details,
    )


def _still_fits(question: Question, answer: Any) -> bool:
    """Whether an answer of before suits the question of now; Copier asks anew if not."""
    try:
        question.validate_answer(question.parse_answer(answer))
    except Exception:  # as broad as Copier's own
        return False
    return True


def _default(question: Question) -> Any:
    """What stands in for a wrong answer, so that the questions after it can be checked."""
    try:
        return question.get_default()
    except ValueError:  # it depends on an answer that was wrong, or is one of before
        return question.default


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


def _typed(question: Question, value: Any, is_text: bool) -> Any:
    """The answer in the question's type, without guessing. Raises _NotOfItsType."""
    kind = question.get_type_name()
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
