"""The terms of a search, and what a value of a tag has to look like to match one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field


def fold(text: str) -> str:
    """A text as the search compares it: in whatever case, and with each gap as one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Pattern:
    """A folded text in which anything can stand between one piece and the next."""

    pieces: tuple[str, ...]

    def is_all_of(self, text: str) -> bool:
        """Whether it describes a whole folded text."""
        first, *inner = self.pieces
        if not inner:
            return text == first
        *inner, last = inner
        if len(text) < len(first) + len(last) or not text.startswith(first):
            return False
        at = len(first)
        for piece in inner:
            at = text.find(piece, at)
            if at < 0:
                return False
            at += len(piece)
        return text.endswith(last) and at <= len(text) - len(last)


@dataclass(frozen=True)
class Word:
    """A word or a phrase, anywhere in a span."""

    pattern: Pattern
    ids: frozenset[int] = frozenset()
    """The ID that it might be, in either notation."""


@dataclass(frozen=True)
class Field:
    """`key:value`."""

    names: tuple[str, ...]
    """The keys to look at. `name:` means an operation, or a tag with that name."""
    pattern: Pattern
    word: Word | None = None
    """The same as a word, because `localhost:5000` isn't meant as a tag and its value."""
    typed: str = field(default="", compare=False)
    """How it was written."""

    @property
    def as_part(self) -> str:
        """How to write it for a part of the value."""
        key, _, value = self.typed.partition(":")
        value = re.sub(r'[\s()"\\*]+', "*", value).strip("*")
        return f"{key}:*{value}*"


@dataclass(frozen=True)
class Interval:
    """The numbers between two limits, which can be infinite."""

    low: float
    high: float
    with_low: bool = True
    with_high: bool = True

    def contains(self, number: float) -> bool:
        """Whether a number is in it."""
        return (number >= self.low if self.with_low else number > self.low) and (
            number <= self.high if self.with_high else number < self.high
        )


@dataclass(frozen=True)
class Number:
    """`key:>=500`: a tag whose value is a number in the interval."""

    names: tuple[str, ...]
    interval: Interval


@dataclass(frozen=True)
class Duration:
    """`>200ms`: a duration in the interval, in nanoseconds."""

    interval: Interval


@dataclass(frozen=True)
class Status:
    """`status:error` or `status:ok`."""

    error: bool


@dataclass(frozen=True)
class ErrorText:
    """`error:ValueError`: an error whose type or message contains the text."""

    pattern: Pattern
    names: tuple[str, ...] = ("error.type", "error.message", "error")


@dataclass(frozen=True)
class Identifier:
    """`trace_id:…` or `span_id:…`."""

    key: str
    ids: frozenset[int]


Term = Word | Field | Number | Duration | Status | ErrorText | Identifier


@dataclass(frozen=True)
class Every:
    """All parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """At least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Neither:
    """Not this part."""

    part: Node


Node = Term | Every | Either | Neither
