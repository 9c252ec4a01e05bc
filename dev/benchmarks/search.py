"""Measures how long the console's server searches all its traces."""

import statistics
import time

from workshop.console.store import Store
from workshop.traces.search import Search

from tests.workshop.console.spans import pairing

ROUNDS = 5
TRACES = 1000
TASTINGS = 28
"""They make 60 spans."""
BEERS = ("ipa", "lager", "pilsner", "porter", "stout")
QUERIES = (
    "ZREVRANGE",
    "GET taste 5001",
    "500",
    "beer:porter -status:error",
    "service:taster >40ms",
    "@http.url:*/taste*donut=1*",
    "(service:redis OR status:error) pair",
)


def measure() -> tuple[float, float]:
    """Search with each query. Returns CPU and elapsed milliseconds of the slowest one."""
    kept = Store()
    for number in range(1, TRACES + 1):
        kept.add([_spans(number)])
    every = kept.searched()[1]
    assert sum(len(one.ids) for _, one in every) == 60 * TRACES
    took = []
    for query in QUERIES:
        rounds = [_search(kept, query) for _ in range(ROUNDS)]
        took.append(tuple(map(statistics.median, zip(*rounds, strict=True))))
    cpu, clock = max(took)
    return cpu, clock


def _search(kept: Store, query: str) -> tuple[float, float]:
    cpu, clock = time.thread_time(), time.perf_counter()
    search = Search(query)
    for _, searchable in kept.searched()[1]:
        search.find(searchable)
    return 1000 * (time.thread_time() - cpu), 1000 * (time.perf_counter() - clock)


def _spans(number: int) -> list[dict[str, object]]:
    """A pairing with the tags that a tracer sets."""
    beer = BEERS[number % len(BEERS)]
    spans = pairing(
        number, tastings=TASTINGS, beer=beer, error="" if number % 50 else "No glaze left"
    )
    for place, one in enumerate(spans):
        tags = {"component": one["name"].partition(".")[0], "span.kind": "client", "env": "bench"}
        if one["name"] == "requests.request":
            tags["http.url"] = f"http://127.0.0.1:5001/taste?beer={beer}&donut={place}"
        one["meta"] = {**tags, **one["meta"]}
        one["metrics"] = {"process_id": 1234, "network.destination.port": 5001}
    return spans
