"""Guesses which name somebody meant when they wrote a different one."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

# How similar two words have to be: `setp` is close to `step`, but `title` isn't to `template`.
_CLOSE = 0.7

# Names for the same thing in other tools and languages, in the form that `_plain` returns.
_OTHER_WORDS = {
    "name": {"session", "session_name", "title"},
    "template": {"url", "source", "src", "repository", "repo"},
    "version": {"tag", "ref", "vcs_ref", "release"},
    "api_key": {"key", "keys", "apikey", "dd_api_key", "datadog_key", "datadog_api_key"},
    "trainee_slug": {"slug", "short_name"},
    "step": {"steps", "start", "start_step", "level"},
    "dd_site": {"site", "datadog_site"},
    "database": {"db", "sql"},
    "port_offset": {"port", "ports", "offset"},
    "log_to_stdout": {"stdout", "logs"},
    "inject_errors": {"errors", "faults"},
    "trainee": {"trainees", "student", "students", "participant", "participants", "people"},
}
_FIRST = {"first", "given", "forename", "vorname", "prenom"}
_LAST = {"last", "family", "surname", "nachname"}
_A_NAME = {"name", "names", "student", "trainee", "participant", "attendee", "learner", "person"}
_A_NAME |= {"nom", "nombre", "nome", "naam", "fullname"}
_BESIDE_IT = {"full", "complete", "display", "preferred", "original", "your", "and", "the", "s"}


def closest(name: str, known: Iterable[str]) -> str:
    """The name in `known` that `name` probably means; empty if none is likely."""
    names = list(known)
    plain = _plain(name)
    for candidate in names:
        if plain in {_plain(candidate), *_OTHER_WORDS.get(candidate, ())}:
            return candidate
    if "trainee_name" in names and is_full_name(name):
        return "trainee_name"
    return next(iter(difflib.get_close_matches(plain, names, n=1, cutoff=_CLOSE)), "")


def is_full_name(column: str) -> bool:
    """Whether a column's name suggests that it has people's names."""
    words = set(_plain(column).split("_"))
    if bool(words & _FIRST) != bool(words & _LAST):
        return False
    rest = words - _FIRST - _LAST
    return bool(rest & _A_NAME) and rest <= _A_NAME | _BESIDE_IT


def halves_of_name(columns: Iterable[str]) -> tuple[str, str] | None:
    """The columns of first names and of last names, if the names are in two columns."""
    halves = {
        index: column
        for column in columns
        for index, words in enumerate((_FIRST, _LAST))
        if words & set(_plain(column).split("_")) and not is_full_name(column)
    }
    return (halves[0], halves[1]) if len(halves) == 2 else None


def _plain(name: str) -> str:
    """A name in lowercase letters and digits, with underscores between its words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", spaced.casefold())
        if not unicodedata.combining(character)
    )
    return "_".join(re.findall(r"[a-z0-9]+", bare))
