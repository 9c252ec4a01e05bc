"""Writes a roster in TOML from one in CSV, to be read and edited by people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import tomlkit

from matchmaker.problem import Problem, Problems
from matchmaker.roster.entries import Entry, Roster
from matchmaker.roster.keys import KeySource
from matchmaker.roster.known import answer_of
from matchmaker.roster.masking import masked
from matchmaker.roster.slugs import LONGEST, is_slug
from matchmaker.roster.typed import NotOfItsType
from matchmaker.urls import NO_SECRET, has_secret

_WIDTH = 100
"""How long a line of notes may be. Longer notes get a line each."""
_LONGEST_NAME = 80
"""The template's limit for the characters of a name that people see."""
_LATER = KeySource("later")

_HEAD = """\
# The roster of {count}, from {file}.
#
#     matchmaker generate THIS-FILE --dry-run    shows what would happen
#     matchmaker generate THIS-FILE              makes a repository for each trainee
#
# `matchmaker new` writes a roster that explains everything you can set.

[session]
# All traces of the session carry this name.
name = {name}
"""
_HAND_OUT = """\
# How to hand out the repositories: where to push them, and a command that makes that place. {slug}
# stands for the trainee's slug.
# push = "git@host:team/{slug}.git"
# create = "gh repo create team/{slug} --private"
"""
_INVITE = """\
# A command that gives a trainee access to it. Each note can be in it, under its name.
# invite = "NAME-OF-A-PROGRAM {{slug}} {{{note}}}"
"""
_ANSWERS = "\n# Answers for everyone. The names are those of the template's questions.\n[answers]\n"


def toml_of(roster: Roster) -> str:
    """The text of a roster in TOML. Raises Problems with every mistake in the table."""
    entries, problems = _typed(roster)
    problems = [*roster.problems, *problems]
    if has_secret(roster.template):
        what = (
            "The template's URL has a user name or a password in it, which the roster would show."
        )
        problems.append(Problem(what, NO_SECRET))
    if problems:
        raise Problems(sorted(problems, key=lambda problem: problem.line))
    everyone = _common([entry.answers for entry in entries])
    keys = {entry.api_key for entry in entries}
    key = keys.pop() if len(keys) == 1 else None
    count = f"{len(entries)} trainee{'s' if len(entries) > 1 else ''}"
    file = _on_one_line(roster.path.name)
    parts = [_HEAD.format(count=count, file=file, name=_quoted(roster.name))]
    set_too = {"template": roster.template, "version": roster.version}
    parts += [f"{name} = {_quoted(value)}\n" for name, value in set_too.items() if value]
    if key:
        parts.append(f"api_key = {_key(key)}\n")
    parts += ["\n", _HAND_OUT]
    notes = [name for entry in entries for name in entry.notes]
    if notes:
        parts.append(_INVITE.format(note="email" if "email" in notes else notes[0]))
    parts.append(_ANSWERS)
    parts += [f"{name} = {_quoted(value)}\n" for name, value in everyone.items()] or [
        "# step = 1\n"
    ]
    for entry in entries:
        parts += ["\n", *_trainee(entry, everyone, None if key else entry.api_key)]
    return "".join(parts)


def _typed(roster: Roster) -> tuple[list[Entry], list[Problem]]:
    """The entries with answers in their types, and what is wrong with other answers."""
    problems = []
    entries = []
    for entry in roster.entries:
        answers: dict[str, Any] = {}
        for question, text in entry.answers.items():
            where = roster.where(entry.line_of(question))
            try:
                answers[question] = _checked(question, text)
            except NotOfItsType as wrong:
                what = f"`{question}` cannot be {_quoted(masked(text))}."
                problems.append(Problem(what, str(wrong), where, f"{question}: {wrong}"))
        entries.append(replace(entry, answers=answers))
    return entries, problems


def _checked(question: str, text: str) -> Any:
    """An answer, checked as far as this is possible without the template."""
    if question == "trainee_slug" and not is_slug(text):
        raise NotOfItsType(f"Use a-z, 0-9, and single hyphens, at most {LONGEST} characters.")
    if question == "trainee_name" and len(text) > _LONGEST_NAME:
        raise NotOfItsType(f"A name has at most {_LONGEST_NAME} characters.")
    return answer_of(question, text)


def _common(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answers that all of several trainees give."""
    first = answers[0] if len(answers) > 1 else {}
    return {
        name: value
        for name, value in first.items()
        if name not in ("trainee_name", "trainee_slug")
        and all(name in one and one[name] == value for one in answers)
    }


def _trainee(entry: Entry, everyone: Mapping[str, Any], key: KeySource | None) -> Iterator[str]:
    yield "[[trainee]]\n"
    for name, value in entry.answers.items():
        if name not in everyone:
            yield f"{name} = {_quoted(value)}\n"
    if key:
        yield f"api_key = {_key(key)}\n"
    if not entry.notes:
        return
    pairs = [f"{_key_of(name)} = {_quoted(value)}" for name, value in entry.notes.items()]
    line = f"notes = {{{', '.join(pairs)}}}\n"
    if len(line) <= _WIDTH:
        yield line
    else:
        yield "[trainee.notes]\n"
        yield from (f"{pair}\n" for pair in pairs)


def _quoted(value: Any) -> str:
    return str(tomlkit.item(value).as_string())


def _key_of(name: str) -> str:
    """The name of a note as TOML has it: in quotes, unless it is of plain letters."""
    return tomlkit.key(name).as_string() if name.isascii() else _quoted(name)


def _key(key: KeySource) -> str:
    return '"later"' if key == _LATER else f"{{{key.kind} = {_quoted(key.value)}}}"


def _on_one_line(text: str) -> str:
    return masked("".join(one if one.isprintable() else " " for one in text))
