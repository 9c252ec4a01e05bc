"""The traces that the latency chart leads to, and the routes that it has room for."""

import pytest
from workshop.console import trace_json
from workshop.console.latency import Latency
from workshop.console.store import Store
from workshop.stack.measurements import Result
from workshop.traces.tree import traces

from tests.workshop.console.spans import key, pairing

NOW = 1_800_000_000.0
"""A bucket of a chart of five minutes begins there."""


def filled(*pairings: tuple[int, int, str]) -> Latency:
    """Pairings of the same moment: the number, how many tastings, and what went wrong."""
    latency = Latency()
    for number, tastings, error in pairings:
        spans = pairing(number, tastings=tastings, error=error, begin=NOW * 1000 + number)
        latency.add(trace_json.summary(key(number), traces([spans])[0]))
    return latency


def test_a_bucket_names_its_slowest_its_median_and_a_failed_trace() -> None:
    latency = filled((1, 4, ""), (2, 1, ""), (3, 2, ""), (4, 9, "no"), (5, 0, "no"), (6, 3, ""))
    latency.add_measured(Result("/pair/beer", 5000.0, begin=NOW + 0.1))
    found = latency.document(NOW + 100, 300)
    assert found["width"] == pytest.approx(300 / 90)
    inside, outside = found["routes"]
    (bucket,) = inside["series"]
    assert bucket["slowest"] == {"id": key(1), "duration": 210}
    assert bucket["median"] == {"id": key(3), "duration": 110}
    assert bucket["error"] == {"id": key(5), "duration": 10}
    assert not {"slowest", "median", "error"} & set(outside["series"][0])


@pytest.mark.parametrize(
    ("pairings", "expected"),
    [
        ([(1, 4, "no")], {"error": key(1)}),
        ([(1, 4, "")], {"slowest": key(1), "median": key(1)}),
        ([(1, 4, ""), (2, 1, "")], {"slowest": key(1), "median": key(2)}),
    ],
)
def test_a_bucket_names_only_the_traces_that_it_has(
    pairings: list[tuple[int, int, str]], expected: dict[str, str]
) -> None:
    (bucket,) = filled(*pairings).document(NOW + 100, 300)["routes"][0]["series"]
    names = ("slowest", "median", "error")
    assert {name: bucket[name]["id"] for name in names if name in bucket} == expected


def test_a_trace_whose_id_became_longer_counts_once() -> None:
    """The half of the ID that comes late is in the root span."""
    spans = pairing(1, begin=NOW * 1000)
    store, latency = Store(), Latency()
    root, rest = spans[0], spans[1:]
    for summary in store.add([rest]):
        latency.add(summary)
    for summary in store.add([[root]]):
        latency.add(summary)
    (route,) = latency.document(NOW + 100, 300)["routes"]
    assert (route["route"], route["count"]) == ("GET /pair/beer", 1)
    assert route["series"][0]["slowest"]["id"] == key(1)


def test_both_sources_of_a_route_share_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop.console.latency.MOST_ROUTES", 1)
    latency = filled((1, 4, ""), (2, 4, ""))
    latency.add_measured(Result("/pair/beer", 230.0, begin=NOW))
    latency.add_measured(Result("/beers", 5.0, begin=NOW))
    found = latency.document(NOW + 100, 300)
    assert [(one["route"], one["by"]) for one in found["routes"]] == [
        ("GET /pair/beer", "outside"),
        ("GET /pair/beer", "traces"),
    ]
    assert found["more_routes"] == 1
