"""Sorts the columns of a table: who somebody is, the answers, and what to keep as notes."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from matchmaker.roster.guesses import is_sure, near_miss, same
from matchmaker.roster.known import known_columns
from matchmaker.roster.name_columns import candidates
from matchmaker.roster.words import lowered

_MAIL = {"courriel", "correo", "epost", "sahkoposti", "correio", "eposta", "почта", "pasts"}
_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Fits = Callable[[str, str], bool]
"""Whether a text can be the answer to a question: its name, and the text."""


@dataclass(frozen=True)
class Sorted:
    """What the columns of a table are, each by its index."""

    name: tuple[int, ...] = ()
    """The column with the name, or those with its parts, in their order."""
    answers: Mapping[int, str] = field(default_factory=dict)
    """The question that a column answers; `api_key` for the one that says where the key is."""
    notes: Mapping[int, str] = field(default_factory=dict)
    """The name of the note in which we keep a column."""
    near: Mapping[int, str] = field(default_factory=dict)
    """The answer that a column probably means, but doesn't name."""

    def named(self, name: tuple[int, ...]) -> "Sorted":
        """The same, with other columns for the name."""
        notes = {index: note for index, note in self.notes.items() if index not in name}
        return replace(self, name=name, notes=notes)

    def without(self, columns: Collection[int]) -> "Sorted":
        """The same, but some columns are neither answers nor notes."""
        answers = {index: one for index, one in self.answers.items() if index not in columns}
        notes = {index: one for index, one in self.notes.items() if index not in columns}
        return replace(self, answers=answers, notes=notes)


def sort_columns(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    fits: Fits,
    *,
    left_out: Collection[int] = (),
    name: tuple[int, ...] = (),
) -> Sorted:
    """Say what each column is, except those that are `left_out`, or are known to have the `name`.

    A column is an answer if it's called like a question, in any spelling, or if it has another word
    for it. If that word can mean something else (`Level` for step), all its values have to fit. If
    its name is almost that of a question (`setp`), and a value fits, it's probably a mistake.
    Everything else is a note.
    """
    left = [index for index in range(len(columns)) if index not in {*left_out, *name}]
    questions = [question for question in known_columns() if question != "trainee_name"]
    values = [[row[index] for row in rows] for index in range(len(columns))]
    filled = [[value for value in column if value] for column in values]
    by_word = {index: same(columns[index], questions) for index in left}
    answers = {
        index: question
        for index, question in by_word.items()
        if question and is_sure(columns[index])
    }
    for index, question in by_word.items():
        is_free = question and index not in answers and question not in answers.values()
        if is_free and filled[index] and all(fits(question, one) for one in filled[index]):
            answers[index] = question
    left = [index for index in left if index not in answers]
    if not name:
        found = name_of([columns[index] for index in left], [values[index] for index in left])
        name = tuple(left[index] for index in found)
    missing = [question for question in questions if question not in answers.values()]
    possible = missing if name else [*missing, "trainee_name"]
    near = {
        index: meant
        for index in left
        if index not in name
        and not by_word[index]
        and (meant := near_miss(columns[index], possible))
        and any(fits(meant, value) for value in filled[index])
    }
    kept = [index for index in left if index not in name and index not in near]
    return Sorted(name, answers, note_names(columns, filled, kept), near)


def name_of(columns: Sequence[str], values: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The columns that make up the name, as indexes; empty if none seems to.

    If the likeliest columns are empty, such as the one that a form fills in only for people who are
    signed in, others can be the ones.
    """
    ways = candidates(columns)
    if ways and (columns[ways[0][0]] == "trainee_name" or not any(values)):
        return ways[0]
    ways = [way for way in ways if all(_are_names(values[index]) for index in way)]
    return next((way for way in ways if not _is_twofold([values[index] for index in way])), ())


def _are_names(values: Sequence[str]) -> bool:
    """Whether a column can have names: it isn't empty, and most of it is words."""
    filled = [value for value in values if value]
    words = [one for one in filled if "@" not in one and (not one.isascii() or _LETTER.search(one))]
    return bool(filled) and len(words) * 2 > len(filled)


def _is_twofold(parts: Sequence[Sequence[str]]) -> bool:
    """Whether one of two columns has the whole names, so that the other repeats a part of each."""
    if len(parts) != 2:
        return False
    return any(
        sum(part in whole.split() for whole, part in zip(*pair, strict=True)) * 2 > len(pair[0])
        for pair in (parts, parts[::-1])
    )


def note_names(
    columns: Sequence[str], values: Sequence[Sequence[str]], kept: Iterable[int]
) -> dict[int, str]:
    """A name for each note, by the index of its column: `email` for e-mail, in any language."""
    names: dict[int, str] = {}
    mails = [index for index in kept if _are_addresses(values[index])]
    for index in sorted(kept, key=lambda index: (index not in mails, index)):
        name = lowered(columns[index]) or f"column_{index + 1}"
        if index in mails and (_is_mail(name) or len(mails) == 1):
            name = "email"
        count = 2
        unique = name
        while unique in names.values():
            unique = f"{name}_{count}"
            count += 1
        names[index] = unique
    return {index: names[index] for index in kept}


def _is_mail(name: str) -> bool:
    return "mail" in name or bool(set(name.split("_")) & _MAIL)


def _are_addresses(values: Sequence[str]) -> bool:
    return sum(bool(_ADDRESS.fullmatch(one)) for one in values) * 2 > len(values)
