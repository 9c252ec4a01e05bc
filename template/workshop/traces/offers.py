"""Completes a search while a person types it, with keys and values that occur in the traces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workshop.traces.query import ALIASES, KEY, STATUS_CODE
from workshop.traces.searchable import NAMING, Tag
from workshop.traces.terms import fold

MOST = 12
"""Offers at once."""
SHORTEST = 2
"""How many characters a word needs before values with it are offered."""

KEYS = {
    "service": "The service, such as web or redis",
    "resource": "What was asked for: a route, a query, or a command",
    "operation": "The span's name, such as flask.request",
    "type": "The kind of work, such as web, sql, or redis",
    "status": "error, ok, or an HTTP status code",
    "error": "Part of an error's type or message",
    "duration": "How long it took, such as >200ms",
    "trace_id": "A whole trace ID",
    "span_id": "A whole span ID",
}
"""The keys that aren't tags, each with what it means."""
ALWAYS = {
    "status": ["error", "ok"],
    "error": ["true"],
    "duration": [">100ms", ">1s", "<10ms"],
}
"""Values to offer for a key whether they occur or not."""
SOURCES = {"status": (STATUS_CODE,), "error": ("error.type",)}
"""Tags whose values belong to another key."""

WITHOUT_SIGN = (*KEYS, "env", "version")
"""The keys that Datadog's search takes without an `@`. Other tags are offered with it."""

_PLAIN = re.compile(r'[^\s()"*\\<>\[-][^\s()"*\\]*')


@dataclass(frozen=True)
class Offer:
    """A completion."""

    text: str
    """What replaces what was typed."""
    about: str = ""
    """What it means, for a key."""


@dataclass(frozen=True)
class Offers:
    """What to offer, and which end of the typed text it replaces."""

    replaced: str
    offers: list[Offer]


def offers(tags: Iterable[Tag], typed: str) -> Offers:
    """The completions of the last term in `typed`, the text before the cursor.

    Among equals, values come in the order of the tags. A value that might be a secret isn't
    offered, nor is one that looks like an ID.
    """
    term = _last_term(typed)
    excluded = term[: len(term) - len(term.lstrip("-"))][:1]
    rest = term[len(excluded) :]
    if rest.startswith('"'):
        return Offers(term, [])
    usable = (tag for tag in tags if tag.is_offered)
    found = KEY.match(rest)
    if found:
        value = rest[found.end() :].removeprefix('"')
        texts = _values(usable, fold(found[2]), fold(value))
        every = (Offer(excluded + found[0] + text) for text in texts)
    else:
        every = (
            Offer(excluded + offer.text, offer.about) for offer in _keys([*usable], fold(rest))
        )
    unique: dict[Offer, None] = {}
    for offer in every:
        if offer.text != term:
            unique[offer] = None
        if len(unique) == MOST:
            break
    return Offers(term, list(unique))


def quoted(value: str) -> str:
    """A value as one writes it in a query."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _last_term(typed: str) -> str:
    start, is_quoted, is_escaped = 0, False, False
    for at, sign in enumerate(typed):
        if is_escaped:
            is_escaped = False
        elif sign == "\\":
            is_escaped = True
        elif sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and (sign.isspace() or sign == "("):
            start = at + 1
    return typed[start:]


def _values(tags: Iterable[Tag], key: str, typed: str) -> Iterator[str]:
    key = ALIASES.get(key, key)
    names = SOURCES.get(key, (key,))
    later = []
    yield from (text for text in ALWAYS.get(key, []) if text.startswith(typed))
    for tag in tags:
        if tag.name not in names or typed not in tag.text:
            continue
        text = tag.value.rpartition(".")[2] if key == "error" else tag.value
        if tag.text.startswith(typed):
            yield quoted(text)
        else:
            later.append(text)
    yield from map(quoted, later)


def _keys(tags: list[Tag], typed: str) -> Iterator[Offer]:
    typed_key = typed.removeprefix("@")
    names = dict.fromkeys([*KEYS, *sorted({tag.key for tag in tags if tag.name not in NAMING})])
    starting = [name for name in names if fold(name).startswith(typed_key)]
    containing = [name for name in names if typed_key in fold(name) and name not in starting]
    for name in starting:
        yield Offer(f"{_signed(name)}:", KEYS.get(name, "A tag"))
    if len(typed) >= SHORTEST and not typed.startswith("@"):
        fitting = [tag for tag in tags if typed in tag.text]
        fitting.sort(key=lambda tag: (not tag.text.startswith(typed), tag.name not in NAMING))
        yield from (Offer(f"{_signed(tag.key)}:{quoted(tag.value)}") for tag in fitting)
    for name in containing:
        yield Offer(f"{_signed(name)}:", KEYS.get(name, "A tag"))


def _signed(key: str) -> str:
    return key if key in WITHOUT_SIGN else f"@{key}"
