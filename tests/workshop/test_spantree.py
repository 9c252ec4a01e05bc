"""Spans become one tree for each trace, and the framework's own spans are folded away."""

from typing import Any

import pytest
from workshop.traces.tree import Trace, fold, is_framework_span, repeated, traces

UPPER = 0x6B0526C100000000
LOWER = 0x0026180320EF8562


def span(number: int, parent: int, name: str, **fields: Any) -> dict[str, Any]:
    """A span as the agent gives it; times in milliseconds."""
    start, duration = fields.pop("start", number), fields.pop("duration", 1)
    raw = {
        "trace_id": LOWER,
        "span_id": number,
        "parent_id": parent,
        "name": name,
        "service": "matchmaker",
        "resource": name,
        "start": start * 1_000_000,
        "duration": duration * 1_000_000,
        "error": 0,
        "meta": {},
    }
    return raw | fields


def outline(trace: Trace) -> list[str]:
    """The names in a tree, indented."""

    def lines(spans: list[Any], depth: int) -> list[str]:
        return [
            line for s in spans for line in [". " * depth + s.name, *lines(s.children, depth + 1)]
        ]

    return lines(trace.roots, 0)


@pytest.fixture
def pairing() -> list[dict[str, Any]]:
    """What the agent has for one pairing: the chunks of web and, before them, of the taster."""
    tid = {"_dd.p.tid": f"{UPPER:x}"}
    return [
        span(7, 6, "flask.request", start=12, service="taster", meta=tid),
        span(8, 7, "flask.dispatch_request", start=13, service="taster"),
        span(9, 8, "__main__.taste", start=14, service="taster"),
        span(1, 0, "flask.request", start=1, duration=40, meta=tid),
        span(2, 1, "flask.dispatch_request", start=2),
        span(3, 2, "__main__.pair", start=3),
        span(4, 3, "sqlite.query", start=4),
        span(5, 3, "sqlite.connection.rollback", start=5),
        span(6, 3, "requests.request", start=11),
        span(10, 1, "flask.do_teardown_request", start=30),
    ]


def test_the_chunks_of_two_services_are_one_trace(pairing: list[dict[str, Any]]) -> None:
    (trace,) = traces([pairing])
    assert trace.hex_id == "6b0526c1000000000026180320ef8562"
    assert len(trace.spans()) == 10
    assert outline(trace)[:3] == ["flask.request", ". flask.dispatch_request", ". . __main__.pair"]
    assert trace.duration == 40_000_000


def test_folding_hands_children_to_the_next_span_above(pairing: list[dict[str, Any]]) -> None:
    (trace,) = traces([pairing])
    assert outline(fold(trace)) == [
        "flask.request",
        ". __main__.pair",
        ". . sqlite.query",
        ". . requests.request",
        ". . . flask.request",
        ". . . . __main__.taste",
    ]
    assert len(trace.spans()) == 10  # the trace itself is as it was


def test_the_same_lower_half_with_another_upper_half_is_another_trace() -> None:
    group = [
        span(1, 0, "one", meta={"_dd.p.tid": "1"}),
        span(2, 1, "below one"),
        span(3, 0, "two", meta={"_dd.p.tid": "2"}),
        span(4, 3, "below two"),
    ]
    found = {trace.id >> 64: outline(trace) for trace in traces([group])}
    assert found == {1: ["one", ". below one"], 2: ["two", ". below two"]}


def test_a_span_whose_parent_is_missing_is_a_root(pairing: list[dict[str, Any]]) -> None:
    (trace,) = traces([pairing[:3]])
    assert outline(trace)[0] == "flask.request"
    assert [root.service for root in trace.roots] == ["taster"]


def test_the_latest_trace_comes_last() -> None:
    late = span(1, 0, "late", start=50)
    early = span(2, 0, "early", start=5, trace_id=LOWER + 1)
    assert [trace.roots[0].name for trace in traces([[late], [early]])] == ["early", "late"]


def test_numbers_are_tags_too() -> None:
    metrics = {"donuts": 12.0, "share": 0.25, "id": 1234567890123.0, "_dd.measured": 1.0}
    metrics |= {"process_id": 7.0, "_sampling_priority_v1": -1.0}
    (trace,) = traces([[span(1, 0, "pair", meta={"beer": "ipa"}, metrics=metrics)]])
    assert trace.roots[0].meta == {
        "beer": "ipa",
        "donuts": "12",
        "share": "0.25",
        "id": "1234567890123",
        "_sampling_priority_v1": "-1",  # the one of the client's own that says what becomes of it
    }


def test_an_error_that_was_answered_is_none_of_the_request() -> None:
    parts = [span(1, 0, "flask.request"), span(2, 1, "pair", error=1)]
    assert not traces([parts])[0].has_error()
    parts[0]["error"] = 1
    assert traces([parts])[0].has_error()


def test_what_was_wrong_is_said_shortly() -> None:
    meta = {"error.type": "builtins.ValueError", "error.message": "no such donut"}
    (trace,) = traces([[span(1, 0, "pair", error=1, meta=meta)]])
    assert trace.has_error()
    assert trace.roots[0].error_message == "ValueError: no such donut"


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("flask.request", False),
        ("flask.application", True),
        ("flask_sqlalchemy.extension._teardown_session", True),
        ("__main__.pair", False),
        ("sqlite.query", False),
        ("sqlite.connection.commit", True),
        ("postgres.connection.rollback", True),
        ("redis.command", False),
        ("requests.request", False),
    ],
)
def test_only_the_frameworks_own_spans_are_folded(name: str, folded: bool) -> None:
    assert is_framework_span(name) is folded


@pytest.mark.parametrize(
    ("starts", "runs"),
    [
        ([10, 20, 30, 40], [4]),  # one after the other
        ([10, 10, 10, 10], []),  # at the same time
        ([10, 20], []),  # two are nothing special
    ],
)
def test_calls_one_after_the_other_are_noticed(starts: list[int], runs: list[int]) -> None:
    calls = [span(n, 1, "call", start=start, duration=8) for n, start in enumerate(starts, 2)]
    (trace,) = traces([[span(1, 0, "pair"), *calls]])
    assert [len(run) for run in repeated(trace.roots[0])] == runs


def test_a_health_check_is_recognised() -> None:
    (check,) = traces([[span(1, 0, "flask.request", resource="GET /ping")]])
    (other,) = traces([[span(1, 0, "flask.request", resource="GET /beers")]])
    assert check.is_health_check
    assert not other.is_health_check
