"""Proposes slugs: readable ones for names in any script, and always the same for a trainee."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from anyascii import anyascii

from matchmaker.problem import Problem
from matchmaker.roster.entries import Entry, Roster
from matchmaker.roster.masking import masked

LONGEST = 30
"""How many characters a slug can have, and the name of a session."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_APOSTROPHES = re.compile("['`\u2018\u2019\u02bb\u02bc]")


def is_slug(text: str) -> bool:
    """Whether a text can be a slug, or the name of a session."""
    return len(text) <= LONGEST and bool(_SLUG.fullmatch(text))


def slug_of(name: str) -> str:
    """A slug for a name, which has no number yet. It's empty if nothing in the name can be read."""
    if own := _of_template(name):
        return own
    words = re.findall(r"[a-z0-9]+", _APOSTROPHES.sub("", _in_latin(name)).lower())
    return _shortened("-".join(words))


def session_name(text: str) -> str:
    """A valid name for a session, similar to a text."""
    return slug_of(text) or "session"


def with_slugs(roster: Roster, known: Mapping[str, Mapping[str, Any]]) -> Roster:
    """The roster with a slug for every trainee of a table whose name does not give the same one.

    `known` has the trainees of this session's earlier runs by their slugs, each with a `name`, and
    with `notes` if there were any. They keep their slugs, wherever they are in the table now. A
    roster in TOML stays as it is, because its slugs are there to be edited.
    """
    if not roster.is_text or not roster.has_names:
        return roster
    given = {str(slug) for entry in roster.entries if (slug := entry.answers.get("trainee_slug"))}
    taken = _returning(roster, {slug: one for slug, one in known.items() if slug not in given})
    used = {*given, *known}
    problems = _undecided(roster, taken, known)
    entries = []
    for index, entry in enumerate(roster.entries):
        name = str(entry.answers.get("trainee_name", ""))
        if not name or "trainee_slug" in entry.answers:
            entries.append(entry)
            continue
        slug = taken.get(index) or _unused(slug_of(name) or _fallback(name), used)
        used.add(slug)
        own = {} if slug == _of_template(name) else {"trainee_slug": slug}
        entries.append(
            replace(
                entry,
                answers={**entry.answers, **own},
                lines={**entry.lines, **dict.fromkeys(own, entry.line)},
            )
        )
    return replace(
        roster,
        entries=tuple(entries),
        problems=(*roster.problems, *problems),
        of_rows=(*roster.of_rows, *problems),
    )


def proposals(roster: Roster) -> list[tuple[str, str]]:
    """The names whose slugs somebody should look at, each with its slug."""
    return [
        (str(entry.answers["trainee_name"]), str(entry.answers["trainee_slug"]))
        for entry in roster.entries
        if {"trainee_name", "trainee_slug"} <= entry.answers.keys()
    ]


def _of_template(name: str) -> str:
    """The slug that the template makes of a name in Latin letters; empty for any other name.

    extensions/trainee.py in the template has the whole rule, which can differ from version to
    version for letters without a Latin base. For these, we always say which slug we mean.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    bare = re.sub("['\u2019]", "", bare)
    if not bare.isascii():
        return ""
    return "-".join(re.findall(r"[a-z0-9]+", bare))[:LONGEST].strip("-")


def _in_latin(name: str) -> str:
    """A name in Latin letters, with a hyphen between the syllables of scripts without spaces."""
    parts = []
    for letter in unicodedata.normalize("NFC", name):
        latin = anyascii(letter)
        is_syllable = unicodedata.category(letter) == "Lo" and latin[:1].isupper()
        parts.append(f"-{latin}" if is_syllable else latin)
    return "".join(parts)


def _shortened(slug: str, longest: int = LONGEST) -> str:
    """A slug of at most so many characters, cut off between two words if that loses little."""
    if len(slug) <= longest:
        return slug
    whole, hyphen, _ = slug[: longest + 1].rpartition("-")
    return whole if hyphen and len(whole) > longest / 2 else slug[:longest].strip("-")


def _fallback(name: str) -> str:
    return f"trainee-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _unused(slug: str, used: Iterable[str]) -> str:
    """The slug, or the same with the next free number."""
    number, unused = 1, slug
    while unused in used:
        number += 1
        unused = f"{_shortened(slug, LONGEST - len(f'-{number}'))}-{number}"
    return unused


def _returning(roster: Roster, known: Mapping[str, Mapping[str, Any]]) -> dict[int, str]:
    """The slugs of those who had one before, by their place in the roster.

    First come those with the same name who also have notes of their own in common, such as the
    address; then those with the same name, in order; then those who have another name now, but the
    same address.
    """
    telling = _telling_notes(roster.entries)
    free = sorted(known, key=_in_numbers)
    taken: dict[int, str] = {}

    def take(index: int, slug: str) -> None:
        taken[index] = slug
        free.remove(slug)

    rows = [index for index, one in enumerate(roster.entries) if "trainee_slug" not in one.answers]
    alike = sorted(
        (-len(common), index, slug)
        for index in rows
        for slug in free
        if _is_same_name(roster.entries[index], known[slug])
        and (common := telling & roster.entries[index].notes.items() & _notes(known[slug]))
    )
    for _, index, slug in alike:
        if index not in taken and slug in free:
            take(index, slug)
    for index in rows:
        entry = roster.entries[index]
        same = [slug for slug in free if _is_same_name(entry, known[slug])]
        if index not in taken and same:
            take(index, same[0])
    for index in rows:
        mail = ("email", roster.entries[index].notes.get("email", ""))
        same = [slug for slug in free if mail in telling and mail in _notes(known[slug])]
        if index not in taken and len(same) == 1:
            take(index, same[0])
    return taken


def _undecided(
    roster: Roster, taken: Mapping[int, str], known: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """Names of which there were more before, where nothing says who of them is left."""
    telling = _telling_notes(roster.entries)
    problems = []
    for index, slug in taken.items():
        entry = roster.entries[index]
        same = [one for one in known if _is_same_name(entry, known[one])]
        rows = [one for one in taken if _is_same_name(roster.entries[one], known[slug])]
        is_certain = bool(telling & entry.notes.items() & _notes(known[slug]))
        if len(same) > len(rows) and slug in same and not is_certain:
            name = masked(str(entry.answers["trainee_name"]))
            what = f"There were {len(same)} trainees called {name}, and nothing says who this is."
            remedy = (
                f"Say so in a column trainee_slug: {' or '.join(sorted(same, key=_in_numbers))}."
            )
            problems.append(Problem(what, remedy, roster.where(entry.line)))
    return problems


def _telling_notes(entries: Sequence[Entry]) -> set[tuple[str, str]]:
    """The notes that only one trainee has."""
    counts = Counter(note for entry in entries for note in entry.notes.items())
    return {note for note, count in counts.items() if count == 1}


def _notes(known: Mapping[str, Any]) -> set[tuple[str, str]]:
    notes = known.get("notes")
    items = notes.items() if isinstance(notes, Mapping) else ()
    return {(name, value) for name, value in items if isinstance(value, str)}


def _is_same_name(entry: Entry, known: Mapping[str, Any]) -> bool:
    return _folded(str(entry.answers.get("trainee_name"))) == _folded(str(known.get("name")))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _in_numbers(slug: str) -> list[tuple[int, str]]:
    """Sorts `john-smith-10` after `john-smith-2`."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in slug.split("-")]
