"""What pages say about the tracing client, tried on the version that a workshop installs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Render

pytestmark = pytest.mark.xdist_group("client")  # one program sends for most of them

# Prints the traces of five requests, on one line each.
APP = """
import ddtrace.auto

import json
import sqlite3

import redis
import requests
from ddtrace.trace import TraceFilter, tracer
from flask import Flask, abort

app = Flask("donuts")


@app.get("/calls")
def calls():
    sqlite3.connect(":memory:").execute("SELECT 1")
    for call in (lambda: requests.get("http://127.0.0.1:9"), redis.Redis(port=9).ping):
        try:
            call()
        except Exception:
            pass
    return ""


@app.get("/missing")
def missing():
    abort(404)


@app.get("/away")
def away():
    abort(503)


@app.get("/root")
def root():
    span = tracer.current_root_span()
    span.set_tag("parent", str(span.parent_id))
    return ""


class Printer(TraceFilter):
    def process_trace(self, trace):
        keys = ("version", "error.type", "parent")
        told = [
            {"name": span.name, "service": span.service, "error": span.error}
            | {key: span.get_tag(key) for key in keys}
            for span in trace
        ]
        print(json.dumps(told))


tracer.configure(trace_processors=[Printer()])
client = app.test_client()
for path in ("/calls", "/missing", "/away", "/root"):
    client.get(path).get_data()
caller = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-00000000000000ff-01"}
client.get("/root", headers=caller).get_data()
"""
ONE_SPAN = """
from ddtrace.trace import tracer

tracer.trace("pair").finish()
"""
# Prints the number of spans of two requests to the workshop's own app.
BEERS = """
import sys

sys.path.insert(0, "")
import app
from ddtrace.trace import TraceFilter, tracer


class Counter(TraceFilter):
    def process_trace(self, trace):
        print(len(trace))


tracer.configure(trace_processors=[Counter()])
for _ in range(2):
    assert app.app.test_client().get("/beers").get_data()
"""
OWN = {
    "DD_SERVICE": "matchmaker",
    "DD_VERSION": "step-7",
    "DD_TRACE_AGENT_URL": "http://127.0.0.1:9",
}
CALLED = {"sqlite.query": "sqlite", "redis.command": "redis", "requests.request": "requests"}
Span = dict[str, Any]


def run(
    code: str, variables: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("DD_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**own, **OWN, **variables},
        capture_output=True,
        text=True,
        check=True,
    )


def traces(**variables: str) -> Iterator[dict[str, Span]]:
    """The spans of each request by name. No name occurs twice among those looked at here."""
    for line in run(APP, variables).stdout.splitlines():
        yield {span["name"]: span for span in json.loads(line)}


@pytest.fixture(scope="module")
def requests() -> list[dict[str, Span]]:
    return list(traces())


def test_only_the_services_own_spans_have_a_version(requests: list[dict[str, Span]]) -> None:
    for name, span in requests[0].items():
        assert span["version"] == (None if name in CALLED else "step-7"), name


def test_called_libraries_have_services_of_their_own_until_it_is_turned_off(
    requests: list[dict[str, Span]],
) -> None:
    assert {name: requests[0][name]["service"] for name in CALLED} == CALLED
    folded, *_ = traces(DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED="true")
    assert {span["service"] for span in folded.values()} == {"matchmaker"}
    assert folded.keys() >= CALLED.keys()


def test_a_404_is_an_error_of_the_function_and_not_of_the_root(
    requests: list[dict[str, Span]],
) -> None:
    failed = [name for name, span in requests[1].items() if span["error"]]
    assert failed == ["__main__.missing"]


def test_the_root_of_a_503_says_nothing_about_its_error(requests: list[dict[str, Span]]) -> None:
    assert requests[2]["flask.request"]["error"] == 1
    assert requests[2]["flask.request"]["error.type"] is None
    assert requests[2]["__main__.away"]["error.type"].endswith("ServiceUnavailable")


def test_the_root_span_of_a_service_that_a_traced_one_called_has_a_parent(
    requests: list[dict[str, Span]],
) -> None:
    assert requests[3]["flask.request"]["parent"] == "None"
    assert requests[4]["flask.request"]["parent"] == "255"


def test_beers_has_about_14_spans(render: Render, tmp_path: Path) -> None:
    """The first request has two more, because it connects to the database."""
    # The folder is that of other tests, too.
    elsewhere = {
        "MATCHMAKER_DATABASE_URL": f"sqlite:///{tmp_path}/beers.db",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    _, second = run(BEERS, elsewhere, render(step=7)).stdout.split()
    assert 12 <= int(second) <= 16


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no-such-host.invalid:8126"])
def test_what_the_log_says_without_an_agent(address: str) -> None:
    """A wrong port and a wrong host look the same."""
    said = run(ONE_SPAN, {"DD_TRACE_AGENT_URL": address}).stderr
    assert f"failed to send, dropping 1 traces to intake at {address}/" in said
    assert "client error (Connect)" in said
