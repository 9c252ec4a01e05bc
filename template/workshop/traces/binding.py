"""Which terms of a search are about the same span: a duration is about the one that others name.

Parentheses and `OR` must not change that. So `arranged` rewrites a query such that these terms
stand side by side, and `parted` finds them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from workshop.traces.searchable import NAMING
from workshop.traces.terms import (
    Duration,
    Either,
    ErrorText,
    Every,
    Field,
    Neither,
    Node,
    Status,
)

MOST_CASES = 256
"""How many cases a query may become. One with more of them keeps its form."""


def arranged(node: Node) -> Node:
    """The same query: `(service:a OR beer:ipa) >1s` becomes `service:a >1s OR beer:ipa >1s`."""
    if isinstance(node, Neither):
        return Neither(arranged(node.part))
    if isinstance(node, Either):
        return Either(tuple(map(arranged, node.parts)))
    if not isinstance(node, Every):
        return node
    parts = _flat(tuple(map(arranged, node.parts)))
    if len(parts) == 1:
        return parts[0]
    if not (any(map(_binds, parts)) and any(map(_names, parts))):
        return Every(parts)
    choices = [_choices(part) for part in parts]
    cases = 1
    for some in choices:
        cases *= len(some)
    if cases == 1 or cases > MOST_CASES:
        return Every(parts)
    return Either(tuple(Every(_flat(case)) for case in itertools.product(*choices)))


def parted(query: Every) -> tuple[list[Node], list[Node], list[Node]]:
    """The terms to look for in one span, what names this span, and what to look for anywhere.

    Of names with the same key, the span has one. If nothing is named, nothing is bound.
    """
    bound = [part for part in query.parts if _is_all_bound(part)]
    names: dict[str, list[Node]] = {}
    for number, part in enumerate(query.parts):
        if part not in bound and _is_name(part):
            keys = {term.names[0] for term in _terms(part) if isinstance(term, Field)}
            names.setdefault(keys.pop() if len(keys) == 1 else f"{number}", []).append(part)
    if not bound or not names:
        return [], [], [*query.parts]
    others = [part for part in query.parts if part not in bound]
    return bound, [Either(tuple(some)) for some in names.values()], others


def _flat(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """The parts, without parentheses around terms that belong together with the others.

    `service:a (service:b >1s)` is about a span of b, so these parentheses stay.
    """
    found: list[Node] = []
    for number, part in enumerate(parts):
        others = (*parts[:number], *parts[number + 1 :])
        is_whole = _binds(part) and _names(part) and any(map(_names, others))
        found += part.parts if isinstance(part, Every) and not is_whole else (part,)
    return tuple(found)


def _choices(part: Node) -> tuple[Node, ...]:
    """The sides of an `OR` if they say different kinds of things, some of them about one span."""
    if not isinstance(part, Either) or _is_name(part) or _is_all_bound(part):
        return (part,)
    return part.parts if _binds(part) or _names(part) else (part,)


def _is_bound(term: Node) -> bool:
    return isinstance(term, Duration | Status | ErrorText)


def _is_naming(term: Node) -> bool:
    return isinstance(term, Field) and term.names[0] in NAMING


def _binds(part: Node) -> bool:
    return any(map(_is_bound, _terms(part)))


def _names(part: Node) -> bool:
    return any(map(_is_naming, _terms(part)))


def _is_all_bound(part: Node) -> bool:
    return all(map(_is_bound, _terms(part)))


def _is_name(part: Node) -> bool:
    return all(map(_is_naming, _terms(part)))


def _terms(part: Node) -> Iterator[Node]:
    """The terms in it. What it excludes counts as one of them."""
    if isinstance(part, Every | Either):
        for one in part.parts:
            yield from _terms(one)
    else:
        yield part
