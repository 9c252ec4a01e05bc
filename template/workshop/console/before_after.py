"""Finds the two traces to compare after a change of the code: one from before, one from after.

A change of the code restarts web, and the tracer in the new process has another `runtime-id`. So
this also works where nobody records restarts, such as with Docker.
"""

from __future__ import annotations

from dataclasses import dataclass

from workshop.console.latency import route
from workshop.console.trace_json import Document


@dataclass(frozen=True)
class Pair:
    """The keys of two traces, and in a sentence, why these two."""

    before: str
    after: str
    text: str


def before_and_after(summaries: list[Document], after: str = "") -> Pair | None:
    """Two traces of the same route: the median one from before the last change, and the newest.

    `after` is the key of the trace to use as the second one. Without it, this takes the newest
    trace that has one to compare with. None if there is no earlier one.
    """
    usable = sorted(
        (one for one in summaries if not (one["handmade"] or one["missing"])),
        key=lambda one: float(one["root_start"]),
    )
    if after:
        newest = [one for one in usable if one["id"] == after]
    else:
        # A dictionary keeps the last one: the newest of each route. Errors are often quicker.
        newest = [*{_route(one): one for one in usable if not one["error"]}.values()]
        newest.sort(key=lambda one: -float(one["root_start"]))
    return next((pair for one in newest if (pair := _pair(one, usable))), None)


def _pair(after: Document, usable: list[Document]) -> Pair | None:
    same = [one for one in usable if _route(one) == _route(after)]
    since = min(one["root_start"] for one in same if _run(one) == _run(after))
    earlier = [one for one in same if one["root_start"] < since]
    # Compare with an error only if there is nothing else.
    earlier = [one for one in earlier if not one["error"]] or earlier
    if not earlier:
        return None
    group = [one for one in earlier if _run(one) == _run(earlier[-1])]
    before = sorted(group, key=lambda one: float(one["duration"]))[(len(group) - 1) // 2]
    version, later = before["version"], after["version"]
    when = f"at {version}" if version and version != later else "before web's last restart"
    median = "the only request" if len(group) == 1 else f"the median of {len(group)} requests"
    since_then = f"at {later}" if later and version != later else "since then"
    last = max(one["root_start"] for one in same)
    what = "the newest one" if after["root_start"] == last else "one"
    return Pair(
        before["id"],
        after["id"],
        f"A is {median} for {route(after)} {when}. B is {what} {since_then}.",
    )


def _route(summary: Document) -> tuple[str, str]:
    return summary["service"], route(summary)


def _run(summary: Document) -> tuple[str, str]:
    """What stays the same until the code changes."""
    return summary["version"], summary["process"]
