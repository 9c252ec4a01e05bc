"""In the console's container, each command says only what works there."""

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from workshop.stack import shell

from tests.conftest import git
from tests.workshop.conftest import free_port
from tests.workshop.moving.conftest import CopyAt
from tests.workshop.test_how_to_run import BARE

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("hint",),
    ("goto", "42"),
    ("next",),
    ("check",),
    ("status",),
    ("traces",),
    ("traffic", "--seconds", "0.2"),
    ("key", "x"),
    ("doctor",),
    ("up",),
    ("up", "--docker"),
    ("down",),
    ("reset", "taster.py"),
    ("diff",),
)


def run(workshop: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as in the console's container, without what else a container has."""
    return subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        env={**os.environ, "WORKSHOP_CONTAINER": "console", "COLUMNS": "120", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_tool_says_only_what_works_there(at: CopyAt) -> None:
    workshop = at(2)
    with (workshop / "taster.py").open("a") as file:
        file.write("\n# mine\n")
    git(workshop, "config", "user.name", "")
    printed = ""
    for arguments in COMMANDS:
        done = run(workshop, *arguments)
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert not BARE.search(said), said
        if arguments[0] in ("up", "down"):
            assert done.returncode == 1
            assert "On your own machine, run `docker compose up` or" in said
        printed += said
    for command in ("workshop hint", "workshop check", "workshop next --force", "git diff my"):
        assert f"docker compose exec console {command}" in printed
    assert "uv" not in re.findall(r"\w+", printed)  # what uv does on a laptop, an image has


def test_it_finds_the_services_where_the_environment_says(at: CopyAt) -> None:
    asked: list[str] = []

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", free_port()), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    done = run(at(1), "traffic", "--seconds", "0.3", "--path", "/beers", WORKSHOP_WEB_URL=url)
    server.shutdown()
    assert done.returncode == 0, done.stderr
    assert "/beers" in asked


def test_a_message_says_where_people_reach_a_service(at: CopyAt) -> None:
    moved = {"MATCHMAKER_WEB_PORT": "5050", "MATCHMAKER_AGENT_PORT": "8130"}
    workshop = at(1)
    nobody = f"http://127.0.0.1:{free_port()}"  # as http://web:5000, where only containers come
    inside = {f"WORKSHOP_{name}_URL": nobody for name in ("WEB", "AGENT")}
    of_web = run(workshop, "traffic", "--seconds", "0.3", **moved, **inside)
    of_agent = run(workshop, "traces", **moved, **inside)
    of_view = run(workshop, "traces", **moved, **inside, WORKSHOP_FORWARD_URL=nobody)
    assert "web does not answer at http://localhost:5050." in of_web.stderr
    assert "The agent does not answer at http://localhost:8130." in of_agent.stderr
    assert "at http://localhost:8130 (the service `view`)." in " ".join(of_view.stderr.split())
    for done in (of_web, of_agent, of_view):
        assert done.returncode == 1
        assert nobody not in done.stderr


def test_the_console_learns_where_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "WORKSHOP_CONTAINER": "console",
        "WORKSHOP_WEB_URL": "http://web:5000",
        "MATCHMAKER_WEB_PORT": "5050",
    }
    for name, value in {**told, "WORKSHOP_HEALED": "1", "CONSOLE_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    passed_on = shell.for_console()
    assert told.items() <= passed_on.items()
    assert not {"WORKSHOP_HEALED", "CONSOLE_PORT"} & passed_on.keys()


def test_only_in_a_codespace_does_the_console_get_the_token_that_git_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GITHUB_TOKEN", "GITHUB_USER", "GITHUB_PATH"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("CODESPACES", raising=False)
    assert not {name for name in shell.for_console() if name.startswith("GITHUB_")}
    monkeypatch.setenv("CODESPACES", "true")
    passed_on = {name for name in shell.for_console() if name.startswith("GITHUB_")}
    assert passed_on == {"GITHUB_TOKEN", "GITHUB_USER"}
    assert not {name for name in (*shell.base(), *shell.ours()) if name.startswith("GITHUB_")}
