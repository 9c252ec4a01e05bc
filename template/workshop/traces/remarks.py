"""Describes, in sentences, what a reader has to know about a trace before trusting its picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workshop.traces.span import CIRCLE, CUT, NO_DURATION, NO_PARENT_ID, NO_START, Span
from workshop.traces.tree import SKEW, Trace, is_first

NANOSECONDS = {"year": 31_557_600 * 10**9, "day": 86_400 * 10**9, "s": 10**9}


def remarks(trace: Trace) -> list[str]:
    """Everything unusual about a trace, in sentences. Usually empty."""
    spans = trace.spans()
    odd = Counter(one for span in spans for one in span.odd)
    firsts = sum(is_first(root) for root in trace.roots)
    orphans = len(trace.orphans)
    twins = sum(span.twin > 1 for span in spans)
    found = [
        left_out(trace.left_out),
        orphans > 0
        and f"The span above {_count(orphans, 'part')} of this trace has not come in. Is each "
        "service traced, and the call between them?",
        firsts > 1
        and f"This trace has {firsts} roots: {firsts} of its spans say that nothing is above them.",
        odd[CIRCLE] > 0
        and f"In {_count(odd[CIRCLE], 'part')} of this trace the spans go in a circle: they name "
        "each other, or themselves, as their parents. The earliest is drawn on top.",
        twins > 0
        and f"{_count(twins, 'span')} came with the same ID as another one in this trace.",
        _skew(trace),
        odd[NO_START] > 0
        and f"{_says(odd[NO_START])} when it began: drawn where the trace begins.",
        odd[NO_DURATION] > 0
        and f"{_says(odd[NO_DURATION])} how long it took: drawn as if it took no time.",
        odd[NO_PARENT_ID] > 0
        and f"{_says(odd[NO_PARENT_ID])} what it is part of: its parent ID isn't a number.",
        odd[CUT] > 0 and f"Texts that are too long are cut, in {_count(odd[CUT], 'span')}.",
    ]
    return [sentence for sentence in found if sentence]


def left_out(counted: Counter[str]) -> str:
    """How many spans aren't shown, and why. Empty if there are none."""
    if not (total := sum(counted.values())):
        return ""
    why = ", ".join(f"{count:,} {reason}" for reason, count in counted.most_common())
    return f"{_count(total, 'span')} {'is' if total == 1 else 'are'} left out: {why}."


def not_drawn(drawn: int, total: int, folded: bool = False) -> str:
    """A sentence if a trace is too large to draw all of it. Otherwise, empty.

    `folded` says that the `total` is without the framework's own spans.
    """
    if drawn >= total:
        return ""
    which = " without the framework's own" if folded else ""
    return (
        f"{drawn:,} of {total:,} spans{which} are drawn: "
        "those with errors first, then the longest. "
        f"Counts, shares, and sums include all {total:,}."
    )


def took(nanoseconds: int) -> str:
    """A duration in a suitable unit, such as `221.7 ms`."""
    years, days, seconds = (nanoseconds / unit for unit in NANOSECONDS.values())
    if years >= 1:
        return f"{years:.1f} years"
    if days >= 1:
        return f"{days:.1f} days"
    return f"{seconds:.1f} s" if seconds >= 1000 else f"{nanoseconds / 1e6:.1f} ms"


def _skew(trace: Trace) -> str:
    early = [
        (parent.start - span.start, span, parent)
        for span, parent in _pairs(trace.spans())
        if parent.start - span.start > SKEW
    ]
    if not early:
        return ""
    most, span, parent = max(early, key=lambda one: one[0])
    services = dict.fromkeys((span.service, parent.service))
    begin = "begins" if len(early) == 1 else "begin"
    return (
        f"The clocks disagree: {_count(len(early), 'span')} {begin} before the one above, by up to "
        f"{took(most)} ({' and '.join(services)})."
    )


def _pairs(spans: Iterable[Span]) -> Iterable[tuple[Span, Span]]:
    return ((child, span) for span in spans for child in span.children)


def _says(count: int) -> str:
    return f"{_count(count, 'span')} {'does' if count == 1 else 'do'} not say"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
