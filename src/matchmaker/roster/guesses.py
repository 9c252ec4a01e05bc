"""Guesses which name somebody meant when they wrote a different one."""

import difflib
from collections.abc import Iterable

from matchmaker.roster.name_columns import is_full_name
from matchmaker.roster.words import plain

# How similar two words have to be: `setp` is close to `step`, but `title` isn't to `template`.
_CLOSE = 0.7

# Names for the same thing in other tools and languages, in the form that `plain` returns.
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
# These words also mean other things in the columns of people's lists.
_UNSURE = {"level", "start", "site", "key", "keys", "port", "ports", "offset", "errors", "faults"}
_UNSURE |= {"logs", "stdout", "db", "sql"}


def is_sure(name: str) -> bool:
    """Whether a word for an answer means nothing else."""
    return plain(name) not in _UNSURE


def same(name: str, known: Iterable[str]) -> str:
    """The name in `known` that `name` is in another spelling or word; empty if there is none."""
    written = plain(name)
    for candidate in known:
        if written in {plain(candidate), *_OTHER_WORDS.get(candidate, ())}:
            return candidate
    return ""


def closest(name: str, known: Iterable[str]) -> str:
    """The name in `known` that `name` probably means; empty if none is likely."""
    names = list(known)
    if found := same(name, names):
        return found
    if "trainee_name" in names and is_full_name(name):
        return "trainee_name"
    return near_miss(name, names)


def near_miss(name: str, known: Iterable[str]) -> str:
    """The name in `known` that `name` is spelled almost like; empty if there is none."""
    return next(iter(difflib.get_close_matches(plain(name), [*known], n=1, cutoff=_CLOSE)), "")
