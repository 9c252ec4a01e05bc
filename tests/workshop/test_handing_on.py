"""TRACES_TO: the test agent hands traces on to another Agent, and keeps them all the same."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from workshop import outside, settings
from workshop.problem import Problem
from workshop.stack import forwarding, ports, services

from tests.stack import until

from .conftest import Workshop, free_port

STAND_IN = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Agent(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"version": "7.70.0", "endpoints": ["/v0.5/traces"]})

    def do_PUT(self):
        length = int(self.headers.get("Content-Length") or 0)
        size = len(self.rfile.read(length)) if length else 0
        said = {"path": self.path, "size": size, "headers": dict(self.headers)}
        with open(sys.argv[2], "a") as file:
            file.write(json.dumps(said) + "\\n")
        self.answer({"rate_by_service": {"service:,env:": 1}})

    do_POST = do_PUT

    def answer(self, said):
        text = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(sys.argv[1])), Agent).serve_forever()
"""
"""An Agent that writes down what it gets, in a process of its own."""


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a stand-in for Datadog's Agent, and the file with what it got."""
    port, file = free_port(), tmp_path / "heard.jsonl"
    file.touch()
    process = subprocess.Popen([sys.executable, "-c", STAND_IN, str(port), str(file)])
    try:
        until(lambda: ports.is_taken(port), "the stand-in")
        yield f"http://127.0.0.1:{port}", file
    finally:
        process.kill()
        process.wait()


def traces_in(file: Path) -> list[dict[str, Any]]:
    """The requests with traces that the stand-in got."""
    said = [json.loads(line) for line in file.read_text().splitlines()]
    return [one for one in said if one["path"].endswith("/traces") and one["size"] > 100]


def pair(workshop: Workshop) -> None:
    """Ask for the donut that goes with an IPA."""
    url = f"http://127.0.0.1:{workshop.settings.ports.web}/pair/beer?name=ipa"
    assert requests.get(url, timeout=30).json()["beer"] == "ipa"


def test_traces_reach_the_agent_and_stay_here_too(
    workshop: Workshop, heard: tuple[str, Path]
) -> None:
    url, file = heard
    workshop.variables["TRACES_TO"] = url
    up = workshop.run("up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    assert f"Traces also go to {url}" in up.stdout
    pair(workshop)
    until(lambda: traces_in(file), "the traces")
    until(lambda: "GET /pair/beer" in workshop.run("traces").stdout, "the traces here")
    assert "DD-API-KEY" not in {name.upper() for one in traces_in(file) for name in one["headers"]}
    assert "Traces stay" not in workshop.run("status").stdout


def test_an_agent_that_is_away_stops_nothing(workshop: Workshop) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    (workshop.root / ".env").write_text(f"TRACES_TO={url}\n")
    up = workshop.run("up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    why = f"Traces stay on this machine: TRACES_TO is {url}, and nothing answers there."
    assert why in up.stdout
    pair(workshop)
    until(lambda: "GET /pair/beer" in workshop.run("traces").stdout, "the traces here")
    assert requests.get(workshop.settings.url("console"), timeout=30).ok
    assert why in workshop.run("status").stdout


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"],
)
@pytest.mark.parametrize("name", ["agent", "console"])
def test_handing_on_to_oneself_is_refused(workshop: Workshop, host: str, name: str) -> None:
    url = f"http://{host}:{getattr(workshop.settings.ports, name)}"
    with pytest.raises(Problem, match="would hand its traces on to") as raised:
        forwarding.require_other(replace(workshop.settings, traces_to=url))
    assert url in raised.value.what
    forwarding.require_other(replace(workshop.settings, traces_to="http://agent.invalid:8126"))
    if (host, name) == ("localhost", "agent"):
        workshop.variables["TRACES_TO"] = url
        up = workshop.run("up", "--detach")
        assert up.returncode == 1
        assert "would hand its traces on to itself" in up.stderr
        assert "Traceback" not in up.stderr


@pytest.mark.parametrize(
    "text", ["8126", "agent:8126", "unix:///var/run/apm.socket", "http://a:8126/v0.4", "http://"]
)
def test_a_wrong_address_is_explained(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(outside.TARGET, text)
    with pytest.raises(Problem, match="not the address of an Agent"):
        settings.load(workshop.root)


def test_something_else_at_the_address_is_no_agent(workshop: Workshop) -> None:
    class Page:
        ok = True

        @staticmethod
        def json() -> object:
            return ["no", "agent"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "get", lambda *_, **__: Page)
        said = forwarding.trouble(replace(workshop.settings, traces_to="http://127.0.0.1:1"))
    assert "what answers there is not an Agent" in said


def test_no_proxy_stands_between_the_agents(
    workshop: Workshop, heard: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test agent uses none, so the shell's doesn't count when this asks whether it works."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert forwarding.trouble(replace(workshop.settings, traces_to=heard[0])) == ""


def test_two_agents_that_hand_on_to_each_other_stop_after_one_round(tmp_path: Path) -> None:
    one, other = free_port(), free_port()
    processes = []
    for port, to in ((one, other), (other, one)):
        command = services.agent_command(port, forward_to=f"http://127.0.0.1:{to}")
        folder = tmp_path / str(port)
        folder.mkdir()
        processes.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL))
    try:
        for port in (one, other):
            until(lambda port=port: services.answers(port, "/info"), "an agent")  # type: ignore[misc]
        span = {"name": "a", "trace_id": 1, "span_id": 2, "service": "s", "resource": "r"}
        full = {**span, "parent_id": 0, "start": 1, "duration": 1, "error": 0, "meta": {}}
        sent = requests.put(
            f"http://127.0.0.1:{one}/v0.4/traces",
            json=[[full]],
            headers={"X-Datadog-Trace-Count": "1"},
            timeout=30,
        )
        assert sent.ok, sent.text
        for port in (one, other):
            kept = requests.get(f"http://127.0.0.1:{port}/test/traces", timeout=30).json()
            assert [len(trace) for trace in kept] == [1]
        said = requests.get(f"http://127.0.0.1:{one}/test/session/requests", timeout=30).json()
        assert len([each for each in said if "/traces" in each["url"]]) <= 2
    finally:
        for process in processes:
            process.kill()
            process.wait()
