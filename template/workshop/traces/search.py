"""Finds the traces that a query describes, and the spans in them.

A trace matches if each term matches one of its spans, and no span matches an excluded term. The
terms may match different spans. Datadog's span search is stricter there: it finds single spans that
match all terms (https://docs.datadoghq.com/tracing/trace_explorer/query_syntax/).

Two terms say something about a span that others name: beside `service:`, `resource:`,
`operation:`, or `type:`, a duration and `status:error` have to be true of one of the spans with
that name. So `service:taster >200ms` finds the traces in which the taster was slow. On their own,
they are about the whole trace.
"""

from __future__ import annotations

import re
import threading
import weakref
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from workshop.traces.query import (
    Duration,
    Either,
    ErrorText,
    Every,
    Field,
    Identifier,
    Neither,
    Node,
    Number,
    Pattern,
    Status,
    Term,
    Word,
    fold,
    parse,
)
from workshop.traces.span import MOST_ID, Span
from workshop.traces.tree import Trace

LONGEST_VALUE = 5_000
"""How much of each tag is searched, in characters."""
MOST_CHARACTERS = 2_000_000
"""How much of a trace is searched, in characters. Spans beyond that are searched without tags."""

NAMING = ("service", "resource", "operation", "type")
STACK = "error.stack"
NO_WORDS = ("runtime-id", STACK)
"""Tags in which a word means nothing. Words that aren't numbers are searched in the stack too."""


class Kind:
    """What a span says, except for its ID and its times. Spans that say the same share it."""

    __slots__ = ("__weakref__", "error", "said", "size", "stack", "words")

    def __init__(self, span: Span, *, with_tags: bool) -> None:
        self.error = span.error
        resource = " ".join(span.resource.split())
        named = zip(NAMING, (span.service, resource, span.name, span.type), strict=True)
        tags = span.meta.items() if with_tags else ()
        self.said = (*named, *((key, value[:LONGEST_VALUE]) for key, value in tags))
        """Each key with its value, as the span has it. The keys in NAMING come first."""
        self.words = "\n".join(
            fold(value)
            for key, value in self.said
            if not key.startswith("_") and key not in NO_WORDS
        )
        self.stack = fold(span.meta.get(STACK, "")[:LONGEST_VALUE]) if with_tags else ""
        self.size = sum(len(key) + len(value) for key, value in self.said) + len(self.words)

    @property
    def title(self) -> str:
        """A short name, such as `redis.command ZREVRANGE`."""
        resource, name = self.said[1][1], self.said[2][1]
        return name if name == resource else f"{name} {resource}"

    def values(self, key: str) -> Iterator[str]:
        """The folded values of a folded key. A tag can have the name of a reserved key."""
        return (fold(value) for own, value in self.said if _folded(own) == key)


_folded = lru_cache(10_000)(fold)
_kinds: weakref.WeakValueDictionary[object, Kind] = weakref.WeakValueDictionary()
_kinds_lock = threading.Lock()


def _kind(span: Span, *, with_tags: bool) -> Kind:
    tags = tuple(span.meta.items()) if with_tags else ()
    content = (span.service, span.resource, span.name, span.type, span.error, tags)
    with _kinds_lock:
        found = _kinds.get(content)
        if found is None:
            found = _kinds[content] = Kind(span, with_tags=with_tags)
        return found


class Searchable:
    """What a search needs of a trace: little memory, without the tree."""

    __slots__ = ("at", "duration", "durations", "id", "ids", "kinds", "size", "twins")

    def __init__(self, trace: Trace) -> None:
        spans = trace.spans()
        self.id = trace.id
        self.duration = trace.duration
        self.kinds: list[Kind] = []
        self.at = array("I")
        """The number of each span's kind. The spans are in the order of Trace.spans()."""
        self.ids = array("Q", (span.id for span in spans))
        self.durations = array("q", (span.duration for span in spans))
        self.twins = {number: span.twin for number, span in enumerate(spans) if span.twin > 1}
        self.size = 0
        numbers: dict[int, int] = {}
        for span in spans:
            kind = _kind(span, with_tags=self.size < MOST_CHARACTERS)
            number = numbers.setdefault(id(kind), len(self.kinds))
            if number == len(self.kinds):
                self.kinds.append(kind)
                self.size += kind.size
            self.at.append(number)

    def key(self, number: int) -> str:
        """The key of a span, as Span.key."""
        twin = self.twins.get(number)
        return f"{self.ids[number]}.{twin}" if twin else str(self.ids[number])

    def title(self, number: int) -> str:
        """The title of a span's kind."""
        return self.kinds[self.at[number]].title


@dataclass(frozen=True)
class Found:
    """The spans that match, by their numbers in Trace.spans()."""

    searched: Searchable
    numbers: list[int]

    @property
    def keys(self) -> list[str]:
        """Their keys, as Span.key."""
        return [self.searched.key(number) for number in self.numbers]


class Search:
    """A query to ask of many traces. Raises UnreadableQueryError. For one thread."""

    def __init__(self, text: str) -> None:
        self._query = parse(text)
        self._tests: dict[Term, Callable[[Kind], bool]] = {}

    def find(self, searched: Searchable) -> Found | None:
        """The spans of a trace that match. None if the trace doesn't."""
        return self.inside(searched) if self._is_true(self._query, searched) else None

    def inside(self, searched: Searchable) -> Found:
        """The spans that match, whether or not the whole trace does.

        Those are the spans that match all terms. If there are none, those that match any.
        """
        if not self._query.parts:
            return Found(searched, [])
        flags = self._flags(self._query, searched)
        if not any(flags):
            flags = self._flags(_loosely(self._query), searched)
        return Found(searched, [number for number, flag in enumerate(flags) if flag])

    def _is_true(self, node: Node, searched: Searchable) -> bool:
        """Whether it's true of a trace."""
        if isinstance(node, Every):
            return all(self._is_true(part, searched) for part in node.parts) and (
                self._is_bound(node, searched)
            )
        if isinstance(node, Either):
            return any(self._is_true(part, searched) for part in node.parts)
        if isinstance(node, Neither):
            return not self._is_true(node.part, searched)
        if isinstance(node, Duration):
            return node.interval.contains(searched.duration)
        if isinstance(node, Status) and not node.error:
            return not any(kind.error for kind in searched.kinds)
        if isinstance(node, Identifier) and node.key == "trace_id":
            return _is_trace(node.ids, searched)
        if isinstance(node, Identifier):
            return any(number & MOST_ID in searched.ids for number in node.ids)
        if isinstance(node, Word) and node.ids and any(self._flags(node, searched)):
            return True
        return any(map(self._matches(node), searched.kinds))

    def _is_bound(self, query: Every, searched: Searchable) -> bool:
        """Whether what the query says of a named span is true of one of them."""
        bound: list[Node] = [p for p in query.parts if isinstance(p, Duration | Status | ErrorText)]
        named: dict[str, list[Node]] = {}
        for part in query.parts:
            if isinstance(part, Field) and part.key in NAMING:
                named.setdefault(part.key, []).append(part)
        if not bound or not named:
            return True
        one_span = Every((*bound, *(Either(tuple(terms)) for terms in named.values())))
        return any(self._flags(one_span, searched))

    def _flags(self, node: Node, searched: Searchable) -> list[bool]:
        """Whether it's true of each span."""
        if isinstance(node, Every):
            return _joined(all, [self._flags(part, searched) for part in node.parts])
        if isinstance(node, Either):
            return _joined(any, [self._flags(part, searched) for part in node.parts])
        if isinstance(node, Neither):
            return [not flag for flag in self._flags(node.part, searched)]
        if isinstance(node, Duration):
            return [node.interval.contains(duration) for duration in searched.durations]
        if isinstance(node, Identifier):
            return _identified(node.ids, searched, is_trace=node.key == "trace_id")
        matches = self._matches(node)
        of_kind = [matches(kind) for kind in searched.kinds]
        flags = [of_kind[number] for number in searched.at]
        if isinstance(node, Word) and node.ids:
            is_trace = _is_trace(node.ids, searched)
            return _joined(any, [flags, _identified(node.ids, searched, is_trace=is_trace)])
        return flags

    def _matches(self, term: Term) -> Callable[[Kind], bool]:
        """Whether a term is true of a kind. Each kind is tested only once."""
        if term not in self._tests:
            test, known = _test(term), dict[Kind, bool]()

            def matches(kind: Kind) -> bool:
                if (found := known.get(kind)) is None:
                    found = known[kind] = test(kind)
                return found

            self._tests[term] = matches
        return self._tests[term]


def _joined(how: Callable[[tuple[bool, ...]], bool], flags: list[list[bool]]) -> list[bool]:
    return flags[0] if len(flags) == 1 else [how(some) for some in zip(*flags, strict=True)]


def _loosely(query: Every) -> Every:
    """The same query, but with any one of its terms instead of all."""
    excluded = tuple(part for part in query.parts if isinstance(part, Neither))
    wanted = tuple(part for part in query.parts if not isinstance(part, Neither))
    return Every((*excluded, Either(wanted))) if wanted else query


def _is_trace(ids: frozenset[int], searched: Searchable) -> bool:
    return not ids.isdisjoint((searched.id, searched.id & MOST_ID))


def _identified(ids: frozenset[int], searched: Searchable, *, is_trace: bool) -> list[bool]:
    """Whether each span has one of the IDs. With `is_trace`, whether its trace has."""
    if is_trace:
        return [_is_trace(ids, searched)] * len(searched.ids)
    return [number in ids for number in searched.ids]


def _test(term: Term) -> Callable[[Kind], bool]:
    """What a term means for a kind of spans."""
    if isinstance(term, Status):
        return lambda kind: kind.error == term.error
    if isinstance(term, Number):
        return lambda kind: any(map(partial(_is_in, term), kind.values(term.key)))
    if isinstance(term, ErrorText):
        anywhere = Pattern(("", *term.pattern.pieces, ""))
        return lambda kind: any(
            anywhere.is_all_of(value)
            for key in ("error.type", "error.message")
            for value in kind.values(key)
        )
    if isinstance(term, Field):
        in_words = _word_test(term.word) if term.word else None
        return lambda kind: (
            any(map(term.pattern.is_all_of, kind.values(term.key)))
            or (in_words is not None and in_words(kind))
        )
    if isinstance(term, Word):
        return _word_test(term)
    return lambda kind: False  # it's about times or IDs, which no kind has


def _is_in(term: Number, value: str) -> bool:
    try:
        return term.interval.contains(float(value))
    except ValueError:
        return False


def _word_test(word: Word) -> Callable[[Kind], bool]:
    """A word can be a part of another one, but a number can't: 500 isn't in 1500 or 0.500."""
    pieces = [re.escape(piece) for piece in word.pattern.pieces]
    if word.pattern.pieces[0][:1].isdigit():
        pieces[0] = rf"(?<![^\W_])(?<!\d\.){pieces[0]}"
    if word.pattern.pieces[-1][-1:].isdigit():
        pieces[-1] = rf"{pieces[-1]}(?![^\W_])(?!\.\d)"
    compiled = [re.compile(piece) for piece in pieces]
    is_number = "".join(word.pattern.pieces).isdigit()

    def matches(kind: Kind) -> bool:
        if _has(compiled, kind.words):
            return True
        return not is_number and _has(compiled, kind.stack)

    return matches


def _has(pieces: list[re.Pattern[str]], text: str) -> bool:
    """Whether the pieces follow each other in one line of a text."""
    if len(pieces) == 1:
        return bool(pieces[0].search(text))
    return any(_follow(pieces, line) for line in text.split("\n"))


def _follow(pieces: list[re.Pattern[str]], line: str) -> bool:
    at = 0
    for piece in pieces:
        found = piece.search(line, at)
        if not found:
            return False
        at = found.end()
    return True
