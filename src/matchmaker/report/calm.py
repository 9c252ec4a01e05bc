"""Keeps the output of a large session short: what is alike becomes one line."""

import re
from collections.abc import Iterable, Iterator, Sequence

MOST_ROWS = 30
"""How many rows fit on a screen. A session up to this size shows all of them."""
_ALIKE = 3
_NAMED = 5


def named(slugs: Sequence[str], *, show_all: bool = False) -> str:
    """A list of trainees, with the number of the rest if there are many."""
    if show_all or len(slugs) <= _NAMED + 1:
        return ", ".join(slugs)
    return f"{', '.join(slugs[:_NAMED])}, and {len(slugs) - _NAMED} more"


def without_slug(text: str, slug: str) -> str:
    """A fact about one trainee as it is about anybody: with `{slug}` for the slug."""
    return re.sub(rf"(?<![\w-]){re.escape(slug)}(?![\w-])", "{slug}", text) if slug else text


def lines_of(facts: Iterable[tuple[str, str]], *, show_all: bool = False) -> Iterator[str]:
    """A line for each fact about a trainee, each with a slug.

    If the same is true of many, they share a line, with `{slug}` for the slug of each.
    """
    alike: dict[str, list[tuple[str, str]]] = {}
    for slug, text in facts:
        alike.setdefault(without_slug(text, slug), []).append((slug, text))
    lines = []
    for general, same in alike.items():
        if show_all or len(same) <= _ALIKE:
            lines += [f"{slug}: {text}" for slug, text in same]
        else:
            lines.append(f"{named([slug for slug, _ in same])}: {general}")
    most = len(lines) if show_all else MOST_ROWS
    yield from lines[:most]
    if lines[most:]:
        yield f"{len(lines) - most} more lines like these: --all shows them."
