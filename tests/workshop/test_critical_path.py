"""The critical path: which spans a request waited for, and what a trace says about them."""

import random
from typing import Any

import pytest
from workshop.console import trace_json
from workshop.traces.critical_path import critical_path, parallel_sentence, sentence
from workshop.traces.tree import Trace, fold, traces

from tests.odd_traces import MILLISECOND, RawSpan, root, shapes, span
from tests.workshop.console.spans import pairing

Parts = list[tuple[int, float, float]]


def of(*raws: RawSpan) -> Trace:
    """The first trace of these spans."""
    return traces([list(raws)])[0]


def path(trace: Trace) -> Parts:
    """The path: the span's number, and when it was on it, in milliseconds since the root began."""
    begin = trace.roots[0].start
    return [
        (
            one.span.id,
            (one.start - begin) / MILLISECOND,
            (one.start + one.duration - begin) / MILLISECOND,
        )
        for one in critical_path(trace)
    ]


CASES: dict[str, tuple[list[RawSpan], Parts]] = {
    "alone": ([root()], [(1, 0, 100)]),
    "one-child": ([root(), span(2, 1, begin=20, took=30)], [(1, 0, 20), (2, 20, 50), (1, 50, 100)]),
    "one-after-another": (
        [root(), span(2, 1, begin=10, took=20), span(3, 1, begin=40, took=60)],
        [(1, 0, 10), (2, 10, 30), (1, 30, 40), (3, 40, 100)],
    ),
    "without-a-gap": (
        [root(), span(2, 1, begin=0, took=40), span(3, 1, begin=40, took=60)],
        [(2, 0, 40), (3, 40, 100)],
    ),
    # The one that ended last. Before it, the other had done most of its work.
    "side-by-side": (
        [root(), span(2, 1, begin=10, took=60), span(3, 1, begin=60, took=30)],
        [(1, 0, 10), (2, 10, 60), (3, 60, 90), (1, 90, 100)],
    ),
    "begun-together": (
        [root(), span(2, 1, begin=50, took=40), span(3, 1, begin=50.1, took=41)],
        [(1, 0, 50.1), (3, 50.1, 91.1), (1, 91.1, 100)],
    ),
    # Two workers: the second call of the first one began when its first call had ended.
    "two-workers": (
        [
            root(),
            span(2, 1, begin=10, took=35),
            span(3, 1, begin=10, took=42),
            span(4, 1, begin=46, took=40),
        ],
        [(1, 0, 10), (2, 10, 45), (1, 45, 46), (4, 46, 86), (1, 86, 100)],
    ),
    "side-by-side-after-a-third": (
        [
            root(),
            span(2, 1, begin=0, took=20),
            span(3, 1, begin=30, took=40),
            span(4, 1, begin=30, took=60),
        ],
        [(2, 0, 20), (1, 20, 30), (4, 30, 90), (1, 90, 100)],
    ),
    "nested": (
        [root(), span(2, 1, begin=10, took=80), span(3, 2, begin=20, took=30)],
        [(1, 0, 10), (2, 10, 20), (3, 20, 50), (2, 50, 90), (1, 90, 100)],
    ),
    # Work that goes on after its parent is cut off there, and so is everything below it.
    "outlives-its-parent": (
        [root(), span(2, 1, begin=50, took=200), span(3, 2, begin=80, took=100)],
        [(1, 0, 50), (2, 50, 80), (3, 80, 100)],
    ),
    "begins-after-its-parent": (
        [root(), span(2, 1, begin=150, took=50), span(3, 2, begin=10, took=5)],
        [(1, 0, 100)],
    ),
    "clock-is-early": (
        [root(), span(2, 1, begin=-40, took=60), span(3, 2, begin=-30, took=40)],
        [(3, 0, 10), (2, 10, 20), (1, 20, 100)],
    ),
    "clock-is-early-by-far": ([root(), span(2, 1, begin=-400, took=60)], [(1, 0, 100)]),
    "wider-than-its-parent": ([root(), span(2, 1, begin=-10, took=500)], [(2, 0, 100)]),
    "no-duration": ([root(), span(2, 1, begin=100, took=0)], [(1, 0, 100)]),
    "nothing-takes-time": ([root(took=0), span(2, 1, took=0)], []),
    "several-roots": (
        [root(), span(2, 0, begin=30, took=500), span(3, 77, begin=40), span(4, 2, begin=50)],
        [(1, 0, 100)],
    ),
    "equal-ends": (
        [root(), span(2, 1, begin=10, took=90), span(3, 1, begin=60, took=40)],
        [(1, 0, 10), (2, 10, 60), (3, 60, 100)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_path(case: str) -> None:
    raws, expected = CASES[case]
    shuffled = raws[:]
    random.Random(case).shuffle(shuffled)
    assert path(of(*raws)) == path(of(*shuffled)) == expected


@pytest.mark.parametrize("shape", shapes())
def test_whatever_comes_in_the_path_covers_its_root_once(shape: str) -> None:
    for whole in traces([shapes()[shape]]):
        for trace in (whole, fold(whole)):
            first = trace.roots[0]
            reached = first.start
            for part in critical_path(trace):
                assert part.start == reached
                assert part.duration > 0
                reached += part.duration
            assert reached == first.end
            for said in (sentence(trace), parallel_sentence(trace)):
                assert said == "" or said.endswith(".")
                assert len(said) < 600


def test_a_pairing_waits_for_the_taster() -> None:
    trace = fold(traces([pairing(1)])[0])
    assert sentence(trace) == (
        "The critical path: 4 calls to GET /taste, one after another, take 93% of the 210.0 ms "
        "of GET /pair/beer."
    )
    said = parallel_sentence(trace)
    assert said.startswith("The trace can't show whether these 4 calls to GET /taste need each")
    assert said.endswith("take about 49.0 ms instead of 196.0 ms.")


def test_what_runs_side_by_side_already_is_not_advised_again() -> None:
    calls = [
        span(number, 1, "requests.request", resource="GET /taste", begin=10, took=40 + number)
        for number in range(2, 6)
    ]
    trace = of(root(), *calls)
    said = parallel_sentence(trace)
    assert said.startswith("Of 4 calls to GET /taste, some run side by side.")
    assert "with 45.0 ms" in said


def test_two_at_a_time_are_told_from_all_of_them() -> None:
    calls = [
        span(2 + number, 1, "q", resource="SELECT 1", begin=10 + number // 2 * 40, took=35 + number)
        for number in range(4)
    ]
    said = parallel_sentence(of(root(), *calls))
    assert "whether the 2 of 4 runs of SELECT 1 that are on the critical path need" in said
    assert said.endswith("take about 38.0 ms instead of 74.0 ms.")


def test_calls_that_overlap_by_a_microsecond_are_calls_one_after_another() -> None:
    calls = [
        span(2 + n, 1, "requests.request", resource="GET /taste", begin=n * 25 - 0.001 * n, took=25)
        for n in range(4)
    ]
    trace = of(root(), *calls)
    assert [number for number, _, _ in path(trace)] == [2, 3, 4, 5, 1]
    assert sentence(trace) == (
        "The critical path: 4 calls to GET /taste, one after another, take 100% of the 100.0 ms "
        "of GET /odd."
    )
    assert "could run side by side" in parallel_sentence(trace)
    (note,) = trace_json.whole("x", trace)["notes"]
    assert "4 times, one after another" in note["text"]


def test_calls_that_overlap_more_are_neither_in_a_row_nor_their_parents_own_work() -> None:
    calls = [
        span(2 + n, 1, "requests.request", resource="GET /taste", begin=n * 24, took=28)
        for n in range(4)
    ]
    trace = of(root(), *calls)
    assert "4 calls to GET /taste, some side by side, take 100%" in sentence(trace)
    assert "after the one before it" not in parallel_sentence(trace)
    # What runs below it isn't its own work, even if the trace can't show who waited for whom.
    trace = of(root(), span(2, 1, "first", begin=1, took=98), span(3, 1, "then", begin=52, took=47))
    assert "itself, not what is below it" not in sentence(trace)


def test_a_doubtful_trace_says_nothing_about_its_path() -> None:
    for odd in (
        span(9, 77, "orphan", begin=50),
        span(9, 1, "early", begin=-1),
        span(9, 1, "late", begin=80, took=26),
    ):
        trace = of(root(), span(2, 1, "slow", begin=5, took=90), odd)
        page = trace_json.whole("x", trace)
        assert (page["critical_text"], page["parallel_text"]) == ("", "")
    # A server's span may end a moment after the client has the answer.
    trace = of(root(), span(2, 1, "slow", begin=5, took=96))
    assert sentence(trace).startswith("The critical path: slow itself takes 95%")


@pytest.mark.parametrize(("late", "is_told"), [(2.0, True), (3.0, False)])
def test_a_busy_machine_may_end_spans_late(late: float, is_told: bool) -> None:
    calls = [
        span(2 + n, 1, "requests.request", resource="GET /taste", begin=2 + n * 49, took=48)
        for n in range(2)
    ]
    servers = [
        span(12 + n, 2 + n, "flask.request", begin=22 + n * 49, took=28 + late) for n in range(2)
    ]
    said = sentence(of(root(), *calls, *servers))
    assert ("2 calls to GET /taste, one after another, take 96%" in said) == is_told
    assert is_told or not said


def test_a_root_that_works_itself_is_named_once() -> None:
    trace = of(root(), span(2, 1, begin=20, took=10))
    assert sentence(trace) == (
        "The critical path: GET /odd itself, not what is below it, takes 90% of its 100.0 ms."
    )
    assert parallel_sentence(trace) == ""


def test_little_that_repeats_is_not_worth_a_sentence() -> None:
    brief = [span(n, 1, "row", begin=n, took=0.5) for n in range(2, 6)]
    assert parallel_sentence(of(root(), *brief)) == ""


def test_the_page_gets_the_path_with_the_frameworks_spans_and_says_it_without() -> None:
    page: dict[str, Any] = trace_json.whole("x", traces([pairing(1)])[0])
    framework = {one["id"] for one in page["all"] if one["framework"]}
    assert {one for one, _, _ in page["critical"]} & framework
    assert page["critical"][0][:2] == ["1000", 0]
    assert not {one for one, _, _ in page["folded_critical"]} & framework
    whole = sum(took for _, _, took in page["folded_critical"])
    assert whole == pytest.approx(page["root_duration"])
    assert sum(took for _, _, took in page["critical"]) == pytest.approx(page["root_duration"])
    assert page["critical_text"].startswith("The critical path: 4 calls to GET /taste")
    assert "49.0 ms instead of 196.0 ms" in page["parallel_text"]
