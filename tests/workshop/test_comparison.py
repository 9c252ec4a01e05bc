"""Two traces, compared: what each operation did, and which two to compare after a change."""

import json
import random
from typing import Any

import pytest
from workshop.console.before_after import before_and_after
from workshop.console.compare import MOST_OPERATIONS, MOST_ROWS, document
from workshop.traces.comparison import Row, compare, sentences
from workshop.traces.tree import Trace, fold, traces

from tests.odd_traces import root, shapes, span
from tests.workshop.console.spans import pairing

SHAPES = shapes()


def of(*raws: dict[str, Any]) -> Trace:
    """The first trace of these spans."""
    return traces([list(raws)])[0]


def by_resource(rows: list[Row]) -> dict[str, Row]:
    """The rows by the last part of their operations."""
    return {row.operation[2]: row for row in rows}


BEFORE = of(
    root(took=100),
    span(2, 1, "steady", begin=0, took=10),
    span(3, 1, "slow", begin=10, took=40),
    span(4, 1, "old", begin=50, took=10),
    span(5, 4, "inner", begin=52, took=3),
)
AFTER = of(
    root(took=70),
    span(2, 1, "steady", begin=0, took=10.5),
    span(3, 1, "slow", begin=11, took=15),
    span(4, 1, "slow", begin=26, took=5),
    span(5, 1, "fresh", begin=40, took=30),
)


def test_each_operation_is_counted_in_both() -> None:
    rows = by_resource(compare(BEFORE, AFTER))
    assert {name: row.verdict for name, row in rows.items()} == {
        "GET /odd": "faster",
        "slow": "faster",
        "steady": "same",
        "old": "gone",
        "inner": "gone",
        "fresh": "new",
    }
    slow = rows["slow"]
    assert (slow.before.count, slow.after.count) == (1, 2)
    assert (slow.before.total, slow.after.total) == (40_000_000, 20_000_000)
    assert slow.difference == -20_000_000
    assert rows["old"].before.own == 7_000_000
    assert rows["old"].after.total == 0


def test_the_largest_difference_comes_first_in_either_direction() -> None:
    rows = compare(BEFORE, AFTER)
    sizes = [abs(row.difference) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert {row.operation[2] for row in rows[:2]} == {"GET /odd", "fresh"}
    assert [row.difference for row in compare(AFTER, BEFORE)] == [-row.difference for row in rows]


def test_parts_on_the_critical_path_add_up_to_the_requests() -> None:
    rows = compare(BEFORE, AFTER)
    assert sum(row.before.critical for row in rows) == BEFORE.roots[0].duration
    assert sum(row.after.critical for row in rows) == AFTER.roots[0].duration


def test_what_was_put_side_by_side_is_faster_on_the_path_alone() -> None:
    calls = [("requests.request", 10 + 20 * n) for n in range(4)]
    row = of(
        root(took=100),
        *(span(n, 1, name, begin=at, took=20) for n, (name, at) in enumerate(calls, 2)),
    )
    together = of(
        root(took=40),
        *(span(n, 1, name, begin=10, took=20) for n, (name, _) in enumerate(calls, 2)),
    )
    rows = compare(row, together)
    call = by_resource(rows)["requests.request"]
    assert call.verdict == "same"
    assert (call.before.critical, call.after.critical) == (80_000_000, 20_000_000)
    assert sentences(row, together, rows) == [
        "B took 40.0 ms, which is 60.0 ms (60%) less than A.",
        "Most of that is requests.request: on the critical path, it took 80.0 ms in A and 20.0 ms "
        "in B.",
    ]


def test_less_than_half_of_the_difference_is_not_most_of_it() -> None:
    parts = [("a", 40), ("b", 30), ("c", 30)]
    begins = {"a": 0, "b": 40, "c": 70}
    before = of(
        root(),
        *(
            span(n, 1, name, begin=begins[name], took=took)
            for n, (name, took) in enumerate(parts, 2)
        ),
    )
    after = of(root(took=10), span(2, 1, "a", took=4))
    assert sentences(before, after, compare(before, after))[-1] == (
        "The largest share of that is a: on the critical path, it took 40.0 ms in A and 4.0 ms in "
        "B."
    )
    early = of(root(took=10), span(2, 1, "a", begin=-2, took=4))  # clocks disagree
    assert len(sentences(before, early, compare(before, early))) == 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (root(), root(), "Both took about the same time: 100.0 ms and 100.0 ms."),
        (root(), root(took=105), "Both took about the same time: 100.0 ms and 105.0 ms."),
        (root(took=0), root(), "B took 100.0 ms, which is 100.0 ms more than A."),
        (root(took=1), root(), "B took 100.0 ms, which is 99.0 ms more than A."),
        (root(), root(took=200), "B took 200.0 ms, which is 100.0 ms (100%) more than A."),
        (root(took=0), root(took=0), "Both took about the same time: 0.0 ms and 0.0 ms."),
        (
            root(),
            root(resource="GET /even"),
            "These are different requests: GET /odd and GET /even.",
        ),
    ],
)
def test_the_whole_difference_is_said(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    one, other = of(before), of(after)
    assert sentences(one, other, compare(one, other))[0] == said


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_came_in_can_be_compared(shape: str) -> None:
    usual = traces([pairing(1)])[0]
    for odd in traces([SHAPES[shape]]):
        for pair in ((odd, usual), (usual, odd), (odd, odd)):
            for everything in (True, False):
                found = document(("a", "b"), pair, everything=everything)
                assert json.loads(json.dumps(found, allow_nan=False)) == found
                shown = [trace if everything else fold(trace) for trace in pair]
                assert [found[name]["shown"] for name in "ab"] == [
                    len(trace.spans()) for trace in shown
                ]
                assert [found[name]["spans"] for name in "ab"] == [
                    len(trace.spans()) for trace in pair
                ]
                ops = {one["op"] for one in found["operations"]}
                assert len(ops) == len(found["operations"]) <= MOST_OPERATIONS
                for name in "ab":
                    rows = found[name]["rows"]
                    assert 0 < len(rows) <= MOST_ROWS
                    assert found["more_operations"] or {row["op"] for row in rows} <= ops
                    counted = sum(one[name]["count"] for one in found["operations"])
                    assert found["more_operations"] or counted == found[name]["shown"]
                assert len(str(found["texts"])) < 1000


def test_a_trace_is_the_same_as_itself() -> None:
    trace = traces([pairing(1)])[0]
    found = document(("a", "a"), (trace, trace), everything=True)
    assert {one["verdict"] for one in found["operations"]} == {"same"}


def listed(number: int, **fields: Any) -> dict[str, Any]:
    """A trace as the list has it, each a second after the one before."""
    return {
        "id": str(number),
        "root_start": 1000.0 * number,
        "duration": 100.0 + number,
        "resource": "GET /pair/beer",
        "service": "matchmaker",
        "url": "",
        "version": "step-9",
        "process": "p1",
        "error": False,
        "missing": 0,
        "handmade": False,
        **fields,
    }


def chosen(*summaries: dict[str, Any], after: str = "") -> tuple[str, str, str] | None:
    """The choice, in whichever order the traces came in."""
    shuffled = list(summaries)
    random.Random(1).shuffle(shuffled)
    found = before_and_after(shuffled, after)
    return (found.before, found.after, found.text) if found else None


def test_before_and_after_a_restart() -> None:
    old = [listed(number) for number in range(1, 6)]
    new = [listed(number, process="p2") for number in range(6, 9)]
    assert chosen(*old, *new) == (
        "3",
        "8",
        "A is the median of 5 requests for GET /pair/beer before web's last restart. "
        "B is the newest one since then.",
    )
    assert chosen(*old, *new, after="6") == (
        "3",
        "6",
        "A is the median of 5 requests for GET /pair/beer before web's last restart. "
        "B is one since then.",
    )


def test_before_and_after_a_step() -> None:
    old = [listed(1, version="step-8")]
    new = [listed(2, process="p2")]
    assert chosen(*old, *new) == (
        "1",
        "2",
        "A is the only request for GET /pair/beer at step-8. B is the newest one at step-9.",
    )


def test_only_the_last_change_counts_and_only_the_same_route() -> None:
    traces_ = [
        listed(1, process="p0"),
        listed(2, process="p0"),
        listed(3, process="p1", duration=50.0),
        listed(4, process="p1", duration=70.0),
        listed(5, process="p1", duration=60.0),
        listed(6, process="p1", resource="GET /beers"),
        listed(7, process="p2"),
    ]
    found = chosen(*traces_)
    assert found
    assert found[:2] == ("5", "7")
    # The newest route has nothing from before, so the next one counts.
    found = chosen(*traces_, listed(8, process="p2", resource="GET /ping2"))
    assert found
    assert found[:2] == ("5", "7")


def test_errors_and_other_doubtful_traces_are_no_measure() -> None:
    found = chosen(
        listed(1),
        listed(2, error=True, duration=1.0),
        listed(3, handmade=True),
        listed(4, process="p2"),
        listed(5, process="p2", error=True),
        listed(6, process="p2", missing=1),
    )
    assert found
    assert found[:2] == ("1", "4")


def test_without_a_change_there_is_nothing_to_compare() -> None:
    assert chosen() is None
    assert chosen(listed(1), listed(2)) is None
    assert chosen(listed(1), listed(2, process="p2"), after="1") is None
    assert chosen(listed(1), after="no such") is None
