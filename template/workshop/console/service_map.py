"""The map of services: which one calls which, how often, how fast, and with how many errors.

The map claims only what its sources show. A trace shows services, and the datastores and addresses
that they call. A line of timing.log shows a name and a duration. Without both, only requests that
were measured from outside are known.

A failed call counts only as an error, not in the durations, because failing is fast.
"""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from workshop.console.service_calls import AGENT, BY_HAND, WEB, Calls, Place
from workshop.console.trace_json import Document
from workshop.stack.measurements import Result

MOST_BOXES = 20
"""The boxes to draw, in addition to the agent's: the ones that are called most often."""
MOST_EDGES = 40
SHORTEST_SECONDS = 10.0
"""The shortest time that a rate is for. One request a moment ago isn't a thousand per second."""

_AGENT = Place("agent", AGENT)


@dataclass
class _Figures:
    count: int = 0
    errors: int | None = 0
    """None if it's unknown."""
    durations: list[tuple[float, float]] = field(default_factory=list)
    """In milliseconds, each with the number of calls that it stands for."""


Edge = tuple[Place | None, Place]
"""A caller and what it calls. The caller is None if a request begins there."""


def document(
    now: float, seconds: float, requests: Iterable[Calls], outside: Iterable[Result]
) -> Document:
    """The map of the requests in the last `seconds` before `now`, which is since the epoch.

    It's made from traces. If there are none, it's made from what was timed by hand, and from the
    requests that were measured from `outside`. Rates are per second, and durations in milliseconds.
    They are None if they're unknown. An edge's `from` and `to` are the positions of its boxes.
    `from` is None for a request from outside.
    """
    first = now - seconds
    within = [one for one in requests if first <= one.begin <= now]
    traced = [one for one in within if not one.by_hand]
    by_hand = [] if traced else within
    measured = [] if traced else [one for one in outside if first <= one.begin <= now]
    edges: dict[Edge, _Figures] = {}
    places: Counter[Place] = Counter()
    for one in traced or by_hand:
        _add(edges, places, one)
    for result in measured:
        _add_measured(edges.setdefault((None, WEB), _Figures()), result)
        places[WEB] += 1
    sent: Counter[Place] = Counter()
    for one in traced:
        sent.update(one.sent)
    begins = [*(one.begin for one in traced or by_hand), *(one.begin for one in measured)]
    period = max(SHORTEST_SECONDS, now - min(begins)) if begins else seconds
    return {
        "source": "traces" if traced else "by hand" if by_hand else "outside" if measured else "",
        "traces": len(traced),
        "by_hand": len(by_hand),
        "measured": len(measured),
        "seconds": seconds,
        "period": period,
        **_drawn(edges, places, sent, period),
    }


def _add(edges: dict[Edge, _Figures], places: Counter[Place], one: Calls) -> None:
    for place in one.places:
        places[place] += 0
    for call in one.calls:
        figures = edges.setdefault((call.caller, call.callee), _Figures())
        figures.count += call.count
        if call.errors is None or figures.errors is None:
            figures.errors = None
        else:
            figures.errors += call.errors
        stands_for = (call.count - (call.errors or 0)) / max(1, len(call.durations))
        figures.durations += [(duration, stands_for) for duration in call.durations]
        places[call.callee] += call.count
        if call.caller:
            places[call.caller] += 0


def _add_measured(figures: _Figures, result: Result) -> None:
    is_error = bool(result.error) and not result.error.startswith("4")
    figures.count += 1
    figures.errors = (figures.errors or 0) + is_error
    if not is_error:
        figures.durations.append((result.milliseconds, 1.0))


def _drawn(
    edges: dict[Edge, _Figures], places: Counter[Place], sent: Counter[Place], period: float
) -> Document:
    # The sort is stable: of places that are called equally often, the first ones stay.
    known = set(sorted(places, key=lambda place: -places[place])[:MOST_BOXES])
    boxes = [place for place in places if place in known]
    kept = [edge for edge in edges if edge[1] in known and (edge[0] is None or edge[0] in known)]
    number: dict[Place | None, int] = {None: -1, **{place: at for at, place in enumerate(boxes)}}
    kept = sorted(kept, key=lambda edge: -edges[edge].count)[:MOST_EDGES]
    kept.sort(key=lambda edge: (number[edge[0]], number[edge[1]]))
    drawn = [
        {
            "from": number[caller] if caller else None,
            "to": number[callee],
            "kind": "timed" if callee.kind == BY_HAND else "calls",
            **_document_of(edges[caller, callee], period),
        }
        for caller, callee in kept
    ]
    senders = [place for place in sent if place in known]
    if senders:
        boxes.append(_AGENT)
        for place in senders:
            figures = _document_of(_Figures(sent[place], None), period)
            drawn.append({"from": number[place], "to": len(boxes) - 1, "kind": "spans", **figures})
    return {
        "boxes": [
            {"name": place.name, "kind": place.kind, "service": place.service} for place in boxes
        ],
        "more_boxes": len(places) - len(known),
        "edges": drawn,
        "more_edges": len(edges) - len(kept),
    }


def _document_of(figures: _Figures, period: float) -> Document:
    return {
        "count": figures.count,
        "per_second": figures.count / period,
        "errors": figures.errors,
        "p50": _percentile(figures.durations, 50),
        "p95": _percentile(figures.durations, 95),
    }


def _percentile(weighted: list[tuple[float, float]], percent: int) -> float | None:
    """The duration that `percent` of the calls don't exceed. None without any."""
    if not weighted:
        return None
    ordered = sorted(weighted)
    sums = list(itertools.accumulate(weight for _, weight in ordered))
    at = bisect.bisect_left(sums, sums[-1] * percent / 100)
    return round(ordered[min(at, len(ordered) - 1)][0], 3)
