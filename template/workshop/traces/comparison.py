"""Compares two traces: what each operation did in one and in the other.

An operation is everything with the same service, name, and resource.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from workshop.traces.critical_path import Operation, critical_path, is_doubtful, operation
from workshop.traces.remarks import took
from workshop.traces.tree import Span, Trace, self_time

NOISE = (
    "Two single traces aren't a measurement: even without a change, no two requests take the same "
    "time. To measure, send many requests before and after, and compare their medians."
)
SMALLEST_SHARE, SMALLEST = 0.1, 100_000
"""A difference counts if it's at least this share of the larger figure, and this long in ns."""
MAIN_SHARE = 0.3
"""The share of the whole difference that one operation needs before a sentence mentions it."""
LONGEST_RESOURCE = 100
"""In characters, in a sentence."""


@dataclass
class Figures:
    """What an operation did in one trace. Times are in nanoseconds."""

    count: int = 0
    total: int = 0
    own: int = 0
    """Its self time."""
    critical: int = 0
    """Its part of the critical path. The parts of all operations add up to the root's duration."""


@dataclass
class Row:
    """One operation, in the trace before and in the trace after."""

    operation: Operation
    before: Figures = field(default_factory=Figures)
    after: Figures = field(default_factory=Figures)

    @property
    def difference(self) -> int:
        """By how much the total grew, in nanoseconds."""
        return self.after.total - self.before.total

    @property
    def verdict(self) -> str:
        """One of `gone`, `new`, `faster`, `slower`, and `same`."""
        if not self.after.count:
            return "gone"
        if not self.before.count:
            return "new"
        if not counts(self.before.total, self.after.total):
            return "same"
        return "faster" if self.difference < 0 else "slower"


def compare(before: Trace, after: Trace, *, guessed: bool = False) -> list[Row]:
    """The operations of both traces, the one with the largest difference first.

    With `guessed`, the order of the spans is a guess, so there is no critical path.
    """
    rows: dict[Operation, Row] = {}

    def row(span: Span) -> Row:
        key = operation(span)
        return rows.setdefault(key, Row(key))

    for trace, side in ((before, "before"), (after, "after")):
        for span in trace.spans():
            figures: Figures = getattr(row(span), side)
            figures.count += 1
            figures.total += span.duration
            figures.own += self_time(span)
        for section in [] if guessed else critical_path(trace):
            getattr(row(section.span), side).critical += section.duration
    return sorted(
        rows.values(),
        key=lambda one: (
            -abs(one.difference),
            -abs(one.after.critical - one.before.critical),
            one.operation,
        ),
    )


def sentences(before: Trace, after: Trace, rows: list[Row]) -> list[str]:
    """What changed as a whole, and which operation changed the most."""
    first, then = before.duration, after.duration
    said = []
    if operation(before.roots[0]) != operation(after.roots[0]):
        said.append(
            f"These are different requests: {_name(before.roots[0].resource)} and "
            f"{_name(after.roots[0].resource)}."
        )
    if not counts(first, then):
        return [*said, f"Both took about the same time: {took(first)} and {took(then)}."]
    change = then - first
    is_plain = abs(change) < 10 * first  # more percent than that say nothing
    share = f" ({abs(change) / first:.0%})" if is_plain else ""
    more = "less" if change < 0 else "more"
    said.append(f"B took {took(then)}, which is {took(abs(change))}{share} {more} than A.")
    by_resource: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        by_resource[row.operation[2]][0] += row.before.critical
        by_resource[row.operation[2]][1] += row.after.critical
    resource, (was, now) = max(
        by_resource.items(),
        key=lambda item: (item[1][1] - item[1][0]) * (1 if change > 0 else -1),
    )
    if is_doubtful(before) or is_doubtful(after):
        return said
    if abs(now - was) >= MAIN_SHARE * abs(change) and (now - was) * change > 0:
        is_most = abs(now - was) > abs(change) / 2
        part = "Most" if is_most else "The largest share"
        said.append(
            f"{part} of that is {_name(resource)}: on the critical path, it took {took(was)} in A "
            f"and {took(now)} in B."
        )
    return said


def counts(one: int, other: int) -> bool:
    """Whether the difference between two durations is large enough to mention."""
    return abs(one - other) >= max(SMALLEST, SMALLEST_SHARE * max(one, other))


def _name(resource: str) -> str:
    text = " ".join(resource.split())
    return text if len(text) <= LONGEST_RESOURCE else f"{text[: LONGEST_RESOURCE - 1]}…"
