"""The console's search: its store, and its routes."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from workshop.console import store
from workshop.console.context import Context
from workshop.console.server import create_app
from workshop.console.store import Store
from workshop.traces.search import Search
from workshop.traces.tree import traces

from tests.conftest import Render
from tests.workshop.console.site import over_nothing
from tests.workshop.console.spans import key, pairing, span

PORT = 8123


@pytest.fixture(scope="module")
def root(render: Render) -> Path:
    return render(step=8)


@pytest.fixture
def context(root: Path, tmp_path: Path) -> Context:
    """A console over nothing that runs."""
    return over_nothing(root, tmp_path, PORT)


@pytest.fixture
def kept(context: Context) -> Store:
    return context.collector.store


@pytest.fixture
def client(context: Context) -> FlaskClient:
    app = create_app(context)
    app.config["SERVER_NAME"] = f"localhost:{PORT}"
    return app.test_client()


def ask(client: FlaskClient, path: str, **query: object) -> Any:
    """The JSON that the console answers."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.data
    return answer.json


def found(kept: Store, query: str) -> list[str]:
    search = Search(query)
    return [key for key, one in kept.searched()[1] if search.find(one) is not None]


def test_the_search_says_which_spans_match(client: FlaskClient, kept: Store) -> None:
    kept.add([pairing(1, beer="porter"), pairing(2, error="No glaze left")])
    answer = ask(client, "/api/search", q="taster")
    assert answer["traces"] == {
        key(number): {
            "count": 4,
            "framework": 0,
            "span": f"{number}011",
            "title": "flask.request GET /taste",
        }
        for number in (1, 2)
    }
    assert answer["problem"] == answer["hint"] == ""
    answer = ask(client, "/api/search", q="status:500")
    assert answer["traces"] == {
        key(2): {"count": 1, "framework": 0, "span": "2000", "title": ""}  # the root
    }
    assert answer["others"] == [key(1)]
    assert ask(client, "/api/search", q="-beer:porter")["others"] == [key(1)]
    assert len(ask(client, "/api/search")["traces"]) == 2


def test_the_frameworks_own_spans_count_apart(client: FlaskClient, kept: Store) -> None:
    kept.add([pairing(1), [span(7, 0, "flask.process_response", trace_id=9, error=1)]])
    for query, matched in (
        ("operation:flask*", {"count": 5, "framework": 1, "span": "1000", "title": ""}),
        (
            "operation:(flask.dispatch_request OR *pair)",
            {"count": 1, "framework": 1, "span": "1002", "title": "__main__.pair"},
        ),
        (
            "flask.dispatch",
            {"count": 0, "framework": 1, "span": "1001", "title": "flask.dispatch_request"},
        ),
        ("-beer:porter", {"count": 0, "framework": 0, "span": "", "title": ""}),
    ):
        found = ask(client, "/api/search", q=query)["traces"][key(1)]
        if query.startswith("-"):
            found |= {"count": 0, "framework": 0}
        assert found == matched, query
    # A trace that has no others draws them.
    found = ask(client, "/api/search", q="process")["traces"]
    assert [(one["count"], one["framework"]) for one in found.values()] == [(1, 0)]


def test_a_search_that_cannot_be_read_or_finds_nothing_is_explained(
    client: FlaskClient, kept: Store
) -> None:
    kept.add([pairing(1)])
    answer = ask(client, "/api/search", q=">200")
    assert answer["traces"] == {}
    assert "needs a duration with a unit" in answer["problem"]
    assert "`resource:*pair*`" in ask(client, "/api/search", q="resource:pair")["hint"]
    answer = ask(client, f"/api/traces/{key(1)}/matches", q="(")
    assert answer == {"spans": [], "problem": "A `(` isn't closed. Write `)` after its last term."}


def test_the_search_goes_on_from_the_last_change(client: FlaskClient, kept: Store) -> None:
    spans = pairing(1)
    kept.add([spans[:3], pairing(2)])
    first = ask(client, "/api/search", q="-service:taster")
    assert list(first["traces"]) == [key(1)]
    kept.add([spans])  # the rest of it
    kept.add([pairing(3, tastings=0)])
    later = ask(client, "/api/search", q="-service:taster", since=first["number"])
    assert list(later["traces"]) == [key(3)]
    assert later["others"] == [key(1)]
    same = ask(client, "/api/search", q="pair", since=later["number"])
    assert (same["traces"], same["others"]) == ({}, [])
    # After a restart, the console counts from 1 again.
    assert len(ask(client, "/api/search", q="pair", since=later["number"] + 1)["traces"]) == 3
    assert len(ask(client, "/api/search", q="pair", since="never")["traces"]) == 3


def test_the_spans_of_one_trace_come_in_the_order_of_the_page(
    client: FlaskClient, kept: Store
) -> None:
    kept.add([pairing(1), [span(7, 0, "work", trace_id=9)]])
    page = ask(client, f"/api/traces/{key(1)}")
    order = [one["id"] for one in page["all"]]
    spans = ask(client, f"/api/traces/{key(1)}/matches", q="GET")["spans"]
    assert spans == [one for one in order if one in spans]
    assert len(spans) == 9
    assert ask(client, f"/api/traces/{9:016x}/matches", q="work")["spans"] == ["7"]
    assert client.get("/api/traces/abc/matches?q=x").status_code == 404


def test_an_unlisted_trace_can_be_searched(client: FlaskClient, kept: Store) -> None:
    kept.add([[span(5, 0, "flask.request", resource="GET /ping", trace_id=5)]])
    assert ask(client, "/api/search", q="ping")["traces"] == {}
    assert ask(client, f"/api/traces/{5:032x}/matches", q="ping")["spans"] == ["5"]


def test_hand_timed_traces_are_searched(client: FlaskClient, kept: Store) -> None:
    raw = span(3, 0, "function pair", service="timing.log", trace_id=3, meta={"req": "11"})
    kept.add_trace("hand-3", traces([[raw]])[0])
    kept.add([pairing(1)])
    assert list(ask(client, "/api/search", q="service:timing.log")["traces"]) == ["hand-3"]
    assert list(ask(client, "/api/search", q="-service:timing.log")["traces"]) == [key(1)]
    assert ask(client, "/api/traces/hand-3/matches", q="req:11")["spans"] == ["3"]


def test_offers_come_from_the_listed_traces(client: FlaskClient, kept: Store) -> None:
    kept.add([pairing(1, beer="porter")])
    answer = ask(client, "/api/search/offers", q="GET @beer:")
    assert answer == {"replaced": "@beer:", "offers": [{"text": "@beer:porter", "about": ""}]}
    (first, *_) = ask(client, "/api/search/offers", q="serv")["offers"]
    assert first["text"] == "service:"
    assert first["about"]


def test_what_is_forgotten_is_not_found_nor_offered(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT", 3)
    for number in range(1, 6):
        kept.add([pairing(number, beer=f"beer-{number}")])
    assert found(kept, "pair") == [key(3), key(4), key(5)]
    beers = {tag.value for tag in kept.tags() if tag.key == "beer"}
    assert beers == {"beer-3", "beer-4", "beer-5"}
    size = kept.size()["searched"]
    for number in range(6, 60):
        kept.add([pairing(number, beer=f"beer-{number % 10}")])
    assert kept.size()["searched"] <= size


def test_the_memory_of_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store()
    for number in range(1, 101):
        kept.add([pairing(number)])
    assert kept.size()["searched"] < 200_000  # they say much the same

    monkeypatch.setattr(store, "MOST_SEARCHED", 200_000)
    for number in range(101, 201):
        spans = pairing(number)
        for one in spans:
            one["meta"] = {**one["meta"], "mine": f"{number}-{one['span_id']}" + "x" * 100}
        kept.add([spans])
    assert kept.size()["searched"] <= 200_000
    assert 1 < kept.size()["traces"] < 100
    assert found(kept, "pair")[-1] == key(200)


def test_searching_while_traces_come_in(kept: Store) -> None:
    """A search and the collector run in different threads."""
    stop = time.monotonic() + 0.5
    failed: list[BaseException] = []

    def search() -> None:
        try:
            while time.monotonic() < stop:
                found(kept, "taster -xyzzy")
                kept.tags()
        except BaseException as error:  # for the assertion below
            failed.append(error)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    number = 1
    while time.monotonic() < stop:
        kept.add([pairing(number, beer=f"beer-{number}")])
        number += 1
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(found(kept, "taster")) == min(number - 1, store.KEPT)
