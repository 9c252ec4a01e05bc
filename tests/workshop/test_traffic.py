"""`workshop traffic`: what is sent, how fast, and how it is summed up."""

import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console
from workshop.stack.measurements import MeasuredLog, Result
from workshop.stack.traffic import Plan, send, summarise

from .conftest import Workshop


class Web(BaseHTTPRequestHandler):
    """Answers like web, and notes what it was asked and when."""

    asked: list[tuple[float, str]]
    beers = b'[{"name": "pale ale"}]'

    def do_GET(self) -> None:
        """Answer every request; /broken with an error."""
        self.asked.append((time.monotonic(), self.path))
        names = {"/beers": self.beers, "/donuts": b'[{"name": "jelly"}]'}
        self.send_response(500 if self.path == "/broken" else 200)
        body = names.get(self.path, b"{}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a stand-in for web."""
    Web.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


QUIET = Console(quiet=True)


@pytest.fixture
def log(tmp_path: Path) -> MeasuredLog:
    """Where results are noted."""
    return MeasuredLog(tmp_path / "run")


def test_no_more_is_sent_than_was_asked_for(web: str, log: MeasuredLog) -> None:
    plan = Plan(web, rate=10, seconds=2, paths=("/pair/beer?name=ipa",))
    results = send(plan, QUIET, log)
    times = [when for when, path in Web.asked if path == "/pair/beer?name=ipa"]
    assert len(results) == len(times) == 20
    # A request may reach the server late, but the whole is never quicker than the rate.
    assert times[-1] - times[0] >= 0.9 * 19 / 10
    assert all(later >= earlier for earlier, later in itertools.pairwise(times))


def test_by_itself_it_mostly_pairs_and_knows_the_names(web: str, log: MeasuredLog) -> None:
    results = send(Plan(web, rate=200, seconds=0.2), QUIET, log)
    routes = [result.route for result in results]
    assert routes.count("/pair/beer") > len(routes) / 2
    assert set(routes) == {"/pair/beer", "/beers", "/donuts", "/beers/<name>", "/donuts/<name>"}
    assert any(path == "/pair/beer?name=pale+ale" for _, path in Web.asked)


@pytest.mark.parametrize("beers", [b"[]", b"{}", b'["ipa"]', b'{"error": 1}', b"<h1>Oops</h1>"])
def test_where_web_lists_no_beer_it_asks_for_the_one_that_is_always_there(
    web: str, log: MeasuredLog, monkeypatch: pytest.MonkeyPatch, beers: bytes
) -> None:
    monkeypatch.setattr(Web, "beers", beers)
    send(Plan(web, rate=200, seconds=0.01), QUIET, log)
    assert [path for _, path in Web.asked][-2:] == ["/pair/beer?name=ipa"] * 2


def test_errors_are_counted(web: str, log: MeasuredLog) -> None:
    results = send(Plan(web, rate=100, seconds=0.1, paths=("/broken", "/ping")), QUIET, log)
    errors = {line.route: line.errors for line in summarise(results)}
    assert errors == {"/broken": 5, "/ping": 0}
    assert {result.error for result in results} == {"", "500 Internal Server Error"}
    noted = log.look()
    assert {result.route for result in noted} == {"/broken", "/ping"}
    assert sorted(noted, key=id_of) == sorted(results, key=id_of)
    assert log.look() == []


def id_of(result: Result) -> tuple[float, str]:
    return result.begin, result.route


def test_what_is_noted_is_bounded(log: MeasuredLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop.stack.measurements.MOST_BYTES", 500)
    for number in range(100):
        log.write(Result("/beers", float(number)))
    assert log.look()[-1].milliseconds == 99
    assert len(log.look()) == 0
    log.write(Result("/beers", 100.0))
    assert [result.milliseconds for result in log.look()] == [100.0]


def test_the_summary_has_percentiles_of_each_route() -> None:
    results = [Result("/pair/beer", float(ms)) for ms in range(101)] + [Result("/beers", 7.0)]
    pairings, beers = summarise(results)
    assert (pairings.route, pairings.requests) == ("/pair/beer", 101)
    assert (pairings.p50, pairings.p95, pairings.max) == (50.0, 95.0, 100.0)
    assert (beers.p50, beers.p95, beers.max) == (7.0, 7.0, 7.0)


def test_without_web_it_says_how_to_start_it(workshop: Workshop) -> None:
    for arguments in (["traffic"], ["traffic", "--path", "/beers"]):
        done = workshop.run(*arguments)
        assert done.returncode == 1
        assert "workshop up" in done.stderr
        assert "Traceback" not in done.stderr
