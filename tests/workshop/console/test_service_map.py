"""The map of services, without a browser."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from workshop.console import service_calls, service_map
from workshop.console.hand_timed import TimingLog
from workshop.console.service_calls import Calls, calls_of
from workshop.console.store import Store
from workshop.stack.measurements import Result
from workshop.traces.tree import Trace, traces

from tests.odd_traces import shapes
from tests.workshop.console.spans import RawSpan, pairing, span

NOW = 1_800_000_000.0
BEGIN = (NOW - 20) * 1000


def document(*found: Calls, outside: tuple[Result, ...] = (), seconds: float = 60) -> Any:
    drawn = service_map.document(NOW, seconds, found, outside)
    return json.loads(json.dumps(drawn, allow_nan=False))  # what a browser can read


def edges(drawn: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The edges by the names of their ends."""
    names = [box["name"] for box in drawn["boxes"]]
    return {
        ("outside" if one["from"] is None else names[one["from"]], names[one["to"]]): one
        for one in drawn["edges"]
    }


def calls(*spans: RawSpan) -> Calls:
    (trace,) = traces([list(spans)])
    return calls_of(trace)


def request(number: int, parent: int = 0, name: str = "flask.request", **fields: Any) -> RawSpan:
    return span(number, parent, name, begin=BEGIN, **fields)


def test_a_pairing_in_traces() -> None:
    drawn = document(calls_of(one(pairing(1, begin=BEGIN))), calls(*pairing(2, begin=BEGIN + 10)))
    assert [box["name"] for box in drawn["boxes"]] == ["matchmaker", "sqlite", "taster"]
    found = edges(drawn)
    assert set(found) == {
        ("outside", "matchmaker"),
        ("matchmaker", "sqlite"),
        ("matchmaker", "taster"),
    }
    taster = found["matchmaker", "taster"]
    # As the caller sees it: the taster's own spans take 47 ms.
    assert (taster["count"], taster["errors"], taster["p50"]) == (8, 0, 49)
    assert taster["per_second"] == pytest.approx(8 / 20)
    assert found["outside", "matchmaker"]["p95"] == 210
    assert (drawn["source"], drawn["traces"]) == ("traces", 2)


def one(spans: list[RawSpan]) -> Trace:
    (trace,) = traces([spans])
    return trace


def test_a_failed_call_is_an_error_and_no_duration() -> None:
    failed = calls(*pairing(1, begin=BEGIN, error="no"))
    found = edges(document(failed, calls(*pairing(2, begin=BEGIN, tastings=1))))
    outside = found["outside", "matchmaker"]
    assert (outside["count"], outside["errors"], outside["p50"]) == (2, 1, 60)
    alone = edges(document(failed))["outside", "matchmaker"]
    assert (alone["errors"], alone["p50"], alone["p95"]) == (1, None, None)


def test_without_services_for_integrations_the_tags_tell() -> None:
    client = {"span.kind": "client"}
    host = {**client, "out.host": "cache.example", "network.destination.port": "6379"}
    drawn = document(
        calls(
            request(1),
            request(2, 1, "redis.command", meta={**host, "db.system": "redis"}),
            request(3, 1, "postgres.query", meta={"db.system": "postgresql"}),
            request(4, 1, "sqlite.query"),
            request(5, 1, "requests.request", meta={"http.url": "http://me:secret@[::1]:81/x?q=1"}),
            request(6, 1, "kafka.produce", meta={"span.kind": "producer", "net.target.host": "q"}),
            request(7, 1, "requests.request", meta={"http.url": "http://["}),
            request(8, 1, "custom.call", meta=host),
        )
    )
    assert {(box["name"], box["kind"], box["service"]) for box in drawn["boxes"]} == {
        ("matchmaker", "service", "matchmaker"),
        ("redis", "datastore", "matchmaker"),
        ("postgresql", "datastore", "matchmaker"),
        ("sqlite", "datastore", "matchmaker"),
        ("::1:81", "address", "matchmaker"),
        ("q", "address", "matchmaker"),
        ("cache.example:6379", "address", "matchmaker"),
    }
    assert "secret" not in json.dumps(drawn)


def test_a_service_may_call_itself_and_a_circle_of_services_is_drawn() -> None:
    server = {"span.kind": "server"}
    found = edges(
        document(
            calls(
                request(1, service="a"),
                request(2, 1, "requests.request", meta={"http.url": "http://traced/"}),
                request(3, 2, service="a", meta=server),
                request(4, 3, "work", service="a"),
                request(5, 4, service="b"),
                request(6, 5, service="a"),
            )
        )
    )
    assert set(found) == {("outside", "a"), ("a", "a"), ("a", "b"), ("b", "a")}


def test_who_sends_spans_to_the_agent() -> None:
    drawn = document(
        calls(
            request(1, meta={"runtime-id": "x"}),
            request(2, 1, "requests.request", service="requests"),
            request(3, 2, service="taster", meta={"runtime-id": "y"}),
            request(4, 3, "work", service="taster"),
            request(5, 1, "redis.command", service="redis"),
        )
    )
    assert drawn["boxes"][-1] == {"name": "agent", "kind": "agent", "service": ""}
    found = edges(drawn)
    assert {ends[0]: e["count"] for ends, e in found.items() if e["kind"] == "spans"} == {
        "matchmaker": 3,
        "taster": 2,
    }
    assert found["taster", "agent"]["errors"] is None


def test_before_there_are_traces_only_the_outside_is_known() -> None:
    results = [Result("/beers", 10, begin=NOW - 10), Result("/x", 1, "404 NOT FOUND", NOW - 5)]
    results += [Result("/pair/beer", 200, "500 ERROR", NOW - 1), Result("/old", 1, begin=1)]
    drawn = document(outside=tuple(results))
    assert drawn["boxes"] == [{"name": "web", "kind": "service", "service": ""}]
    (edge,) = drawn["edges"]
    assert (edge["from"], edge["count"], edge["errors"], edge["p95"]) == (None, 3, 1, 10)
    assert (drawn["source"], drawn["measured"]) == ("outside", 3)
    assert document()["boxes"] == []
    # Once there are traces, what the sender measured would count each request twice.
    assert document(calls(*pairing(1, begin=BEGIN)), outside=tuple(results))["measured"] == 0


def test_what_was_timed_by_hand_claims_what_its_lines_say(tmp_path: Path) -> None:
    log = TimingLog(tmp_path / "timing.log")
    log.look()
    (tmp_path / "timing.log").write_text(
        "req: 7, operation beer.query took 0.001 seconds\n"
        "req: 7, function taste took 0.050 seconds\n"
        "req: 7, function taste took 0.052 seconds\n"
        "req: 7, operation match took 0.200 seconds\n"
        "req: 7, function pair took 0.202 seconds\n"
    )
    ((_, trace),) = log.look()
    timed = calls_of(trace)
    timed.begin = NOW - 3
    drawn = document(timed, outside=(Result("/pair/beer", 210, begin=NOW - 4),))
    assert {(box["name"], box["kind"]) for box in drawn["boxes"]} == {
        ("web", "service"),
        *((name, "by hand") for name in ("pair", "beer.query", "match", "taste")),
    }
    found = edges(drawn)
    taste = found["match", "taste"]
    assert (taste["count"], taste["errors"], taste["p95"]) == (2, None, 52)
    assert found["web", "pair"]["p50"] == 202
    assert found["outside", "web"]["count"] == 1
    # A trace replaces it all, and the rates are those of the traces.
    alone = document(calls(*pairing(1, begin=BEGIN)))
    timed.begin = NOW - 50
    assert document(timed, calls(*pairing(1, begin=BEGIN)))["period"] == alone["period"]
    both = document(timed, calls(*pairing(1, begin=BEGIN)))
    assert "web" not in str(both["boxes"])
    assert (both["source"], both["by_hand"]) == ("traces", 0)


def test_two_hundred_services_are_bounded() -> None:
    spans = [request(n, n - 1, service=f"s{n}" + "x" * 1_000_000) for n in range(1, 202)]
    spans += [request(300 + n, 150, service="most") for n in range(5)]
    drawn = document(calls(*spans))
    assert len(drawn["boxes"]) == service_map.MOST_BOXES
    assert drawn["more_boxes"] == 182
    assert "most" in [box["name"] for box in drawn["boxes"]]
    assert all(len(box["name"]) < 200 for box in drawn["boxes"])
    assert len(json.dumps(drawn)) < 50_000


def test_many_calls_take_little_memory_and_keep_their_percentiles() -> None:
    rows = [
        request(n, 1, "redis.command", service="redis", took=n / 1000) for n in range(2, 10_002)
    ]
    found = calls(request(1), *rows)
    (redis,) = [call for call in found.calls if call.callee.name == "redis"]
    assert (redis.count, len(redis.durations)) == (10_000, service_calls.MOST_DURATIONS)
    few = calls(request(1), *(request(n, 1, "redis.command", took=99) for n in range(2, 12)))
    drawn = edges(document(found, few))["matchmaker", "redis"]
    # Each duration counts as often as it stands for others: ten slow ones among 10,000 are few.
    assert drawn["p50"] == pytest.approx(5, rel=0.05)
    assert drawn["p95"] == pytest.approx(9.5, rel=0.05)


def test_whatever_spans_say_the_map_can_be_read() -> None:
    store = Store()
    store.add(list(shapes().values()))
    assert len(store.calls()) > 30
    drawn = service_map.document(time.time() + 1, 3600, store.calls(), [])
    text = json.dumps(drawn, allow_nan=False)
    assert "\x1b" not in json.loads(text)["boxes"][0]["name"]
    assert drawn["boxes"]
    for edge in drawn["edges"]:
        assert edge["to"] < len(drawn["boxes"])
        assert edge["per_second"] >= 0


def test_a_later_span_completes_the_map() -> None:
    store = Store()
    spans = pairing(1, begin=BEGIN)
    store.add([spans[:3]])
    store.add([spans])
    (found,) = store.calls()
    assert ("matchmaker", "taster") in edges(document(found))
