"""Finds the traces that a query describes, and the spans in them.

A trace matches if each term matches one of its spans, and no span matches an excluded term. The
terms may match different spans. Datadog's span search is stricter there: it finds single spans that
match all terms (https://docs.datadoghq.com/tracing/trace_explorer/query_syntax/).

A duration, `status:`, and `error:` are about the span that other terms name. With `service:`,
`resource:`, `operation:`, or `type:`, they have to be true of one of the spans with that name. So
`service:taster >200ms` finds the traces in which the taster was slow. Parentheses and `OR` don't
change that: `(service:taster OR service:redis) >200ms` is about either of them.

On their own, a duration and `status:` are about the whole request: `status:error` finds the ones
that failed, as the list marks them. `error:ValueError` finds that error anywhere in a trace, even
if the code handled it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workshop.traces.binding import arranged, parted
from workshop.traces.query import parse
from workshop.traces.searchable import Kind, Searchable, Tag
from workshop.traces.span import MOST_ID
from workshop.traces.terms import (
    Duration,
    Either,
    ErrorText,
    Every,
    Field,
    Identifier,
    Interval,
    Neither,
    Node,
    Number,
    Pattern,
    Status,
    Term,
    Word,
)

STACK = "error.stack"
"""The tag with the lines of a traceback. Their numbers are of no interest."""
WITHOUT_WORDS = ("runtime-id",)
"""Tags that a word isn't looked for in."""


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
        self.text = text
        self._query = parse(text)
        self._arranged = arranged(self._query)
        self._parted: dict[int, tuple[list[Node], list[Node], list[Node]]] = {}
        self._tests: dict[Term, Callable[[Kind], bool]] = {}

    @property
    def wants(self) -> bool:
        """Whether the query says what a span has, and not only what no span has."""
        return any(not isinstance(part, Neither) for part in self._query.parts)

    def hint(self, tags: Iterable[Tag]) -> str:
        """What to try if nothing was found. `tags` are those of all traces. Empty if unknown."""
        known = list(tags)
        for part in self._query.parts:
            if not isinstance(part, Field):
                continue
            values = [tag.text for tag in known if tag.name in part.names]
            if not values:
                return f"No span has the key `{part.names[-1]}`."
            if len(part.pattern.pieces) == 1 and part.pattern.pieces[0] not in values:
                return (
                    f"No span has exactly `{part.typed}`. `*` stands for any characters: "
                    f"`{part.as_part}`."
                )
        return ""

    def find(self, searched: Searchable) -> Found | None:
        """The spans of a trace that match. None if the trace doesn't."""
        return self.inside(searched) if self._is_true(self._arranged, searched) else None

    def inside(self, searched: Searchable) -> Found:
        """The spans that match, even if the whole trace doesn't.

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
            if id(node) not in self._parted:
                self._parted[id(node)] = parted(node)
            bound, named, others = self._parted[id(node)]
            return all(self._is_true(part, searched) for part in others) and (
                not bound or any(self._flags(Every((*bound, *named)), searched))
            )
        if isinstance(node, Either):
            return any(self._is_true(part, searched) for part in node.parts)
        if isinstance(node, Neither):
            return not self._is_true(node.part, searched)
        if isinstance(node, Duration):
            return node.interval.contains(searched.duration)
        if isinstance(node, Status):
            return node.error == searched.error
        if isinstance(node, Identifier) and node.key == "trace_id":
            return _is_trace(node.ids, searched)
        if isinstance(node, Identifier):
            return any(number & MOST_ID in searched.ids for number in node.ids)
        if isinstance(node, Word) and node.ids and any(self._flags(node, searched)):
            return True
        return any(map(self._matches(node), searched.kinds))

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
        """Whether a term is true of a kind."""
        if term not in self._tests:
            self._tests[term] = _test(term)
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
    """What a term means for a kind of spans. Each kind and each tag is tested only once."""
    if isinstance(term, Status):
        return lambda kind: kind.error == term.error
    test = _tag_test(term)
    tested: set[Tag] = set()
    matching: set[Tag] = set()
    known: dict[Kind, bool] = {}

    def matches(kind: Kind) -> bool:
        found = known.get(kind)
        if found is None:
            if not tested.issuperset(kind.tags):
                new = [tag for tag in kind.tags if tag not in tested]
                tested.update(new)
                matching.update(filter(test, new))
            found = known[kind] = not matching.isdisjoint(kind.tags)
        return found

    return matches


def _tag_test(term: Term) -> Callable[[Tag], bool]:
    if isinstance(term, Number):
        return lambda tag: tag.name in term.names and _is_in(term.interval, tag.text)
    if isinstance(term, ErrorText):
        anywhere = Pattern(("", *term.pattern.pieces, ""))
        return lambda tag: tag.name in term.names and anywhere.is_all_of(tag.text)
    if isinstance(term, Field):
        is_word = _word_test(term.word) if term.word else None
        return lambda tag: (
            (tag.name in term.names and term.pattern.is_all_of(tag.text))
            or (is_word is not None and is_word(tag))
        )
    if isinstance(term, Word):
        return _word_test(term)
    return lambda tag: False  # it's about times or IDs, which aren't tags


def _is_in(interval: Interval, text: str) -> bool:
    try:
        return interval.contains(float(text))
    except ValueError:
        return False


def _word_test(word: Word) -> Callable[[Tag], bool]:
    """A word can be a part of another one, but a number can't: 500 isn't in 1500 or 0.500."""
    pieces = [re.escape(piece) for piece in word.pattern.pieces]
    if word.pattern.pieces[0][:1].isdigit():
        pieces[0] = rf"(?<![^\W_])(?<!\d\.){pieces[0]}"
    if word.pattern.pieces[-1][-1:].isdigit():
        pieces[-1] = rf"{pieces[-1]}(?![^\W_])(?!\.\d)"
    compiled = [re.compile(piece) for piece in pieces]
    is_number = "".join(word.pattern.pieces).isdigit()

    plain = word.pattern.pieces[0] if pieces == [re.escape(word.pattern.pieces[0])] else ""

    def matches(tag: Tag) -> bool:
        if tag.name.startswith("_") or tag.name in WITHOUT_WORDS:
            return False
        if plain:
            return plain in tag.text
        return not (is_number and tag.name == STACK) and _follow(compiled, tag.text)

    return matches


def _follow(pieces: list[re.Pattern[str]], text: str) -> bool:
    """Whether the pieces are in a text, one after another."""
    at = 0
    for piece in pieces:
        found = piece.search(text, at)
        if not found:
            return False
        at = found.end()
    return True
