"""The troubles of TROUBLESHOOTING.md, made on purpose: doctor names them, and nothing else breaks.

Those that need no containers are in tests/workshop/test_doctor.py.
"""

import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from workshop import settings
from workshop.troubles import troubles

from tests import needs
from tests.conftest import Render
from tests.stack import Stack, until
from tests.workshop.moving.terminal import Terminal

from .conftest import compose, give_away, repository, run, stack, workshop

PAIRING = "/pair/beer?name=ipa"
NOWHERE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    with repository(render, step=8) as root:
        compose(root, "up", "--detach", "--wait", "--build")
        yield root


def status(services: Stack, path: str = PAIRING) -> int:
    """The status of an answer; 0 when there is none."""
    try:
        return services.get(path).status_code
    except requests.RequestException:
        return 0


def assert_named(root: Path, key: str, detail: str = "", *arguments: str, **env: str) -> None:
    """Doctor says what is wrong and what to do, in the words of the list."""
    said = workshop(root, "doctor", *arguments, **env)
    trouble = troubles()[key]
    line = next((line for line in said.stdout.splitlines() if trouble.cause in line), "")
    assert line, said.stdout + said.stderr
    assert detail in line
    assert trouble.remedy in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


def assert_well(root: Path) -> None:
    """Doctor finds nothing."""
    said = workshop(root, "doctor")
    assert said.returncode == 0, said.stdout
    assert not any(trouble.cause in said.stdout for trouble in troubles().values()), said.stdout


def test_without_an_agent_requests_are_answered(root: Path) -> None:
    services = stack(root)
    assert_well(root)
    compose(root, "stop", "agent")
    assert [status(services) for _ in range(3)] == [200, 200, 200]
    assert_named(root, "agent-down", "it is stopped")
    compose(root, "up", "--detach", "agent")
    until(lambda: new_trace(services))


def new_trace(services: Stack) -> bool:
    """Whether a new request is traced, from web to taster; an agent that starts takes a moment."""
    assert status(services) == 200
    time.sleep(0.3)
    try:
        return any(len(trace.spans()) > 40 for trace in services.traces())
    except Exception:  # it does not answer yet
        return False


@pytest.mark.parametrize(
    ("name", "key", "works"),
    [
        ("redis", "redis-down", "/beers"),
        pytest.param("taster", "taster-down", "/donuts/jelly", marks=pytest.mark.thorough),
    ],
)
def test_without_a_datastore_or_a_service_the_rest_works(
    root: Path, name: str, key: str, works: str
) -> None:
    services = stack(root)
    compose(root, "stop", name)
    assert status(services) == 503
    assert status(services, works) == 200
    assert_named(root, key, "it is stopped")
    compose(root, "up", "--detach", name)
    until(lambda: status(services) == 200)


@pytest.mark.thorough
def test_a_slow_taster(root: Path) -> None:
    services = stack(root)
    (root / ".env").write_text("MATCHMAKER_TASTING_SECONDS=6\n")
    until(lambda: "restarting taster" in compose(root, "logs", "taster"))
    until(lambda: status(services, "/donuts/jelly") == 200)
    time.sleep(1)
    answer = services.get(PAIRING)
    assert (answer.status_code, "timed out" in answer.text) == (503, True)
    assert status(services, "/donuts/jelly") == 200
    assert_named(root, "taster-slow", "a tasting takes 6.")
    (root / ".env").unlink()
    until(lambda: status(services) == 200)
    assert status(services) == 200


@pytest.mark.thorough
def test_an_agent_that_is_looked_for_in_the_wrong_place(root: Path) -> None:
    services = stack(root)
    file = root / "compose.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("http://agent:8126", "http://localhost:8126"))
    compose(root, "up", "--detach", "--wait")
    assert status(services) == 200
    assert_named(root, "agent-elsewhere", "web says http://localhost:8126")
    assert "taster says http://localhost:8126" in workshop(root, "doctor").stdout
    file.write_text(whole)
    compose(root, "up", "--detach", "--wait")
    until(lambda: new_trace(services))


@pytest.mark.thorough
@needs.only_root
def test_a_database_that_is_read_only(root: Path) -> None:
    services = stack(root)
    (root / "instance" / "matchmaker.db").unlink()
    os.chown(root / "instance", 0, 0)
    compose(root, "restart", "web")
    until(lambda: "unable to open database file" in compose(root, "logs", "--tail", "30", "web"))
    assert status(services) == 0
    assert_named(root, "not-writable", "instance is not writable")
    give_away(root)
    (root / "app.py").touch()
    until(lambda: status(services) == 200)


@pytest.mark.thorough  # test_stack.py makes a mistake, and mends it
def test_a_web_that_does_not_start(root: Path) -> None:
    services = stack(root)
    app = root / "app.py"
    whole = app.read_text()
    app.write_text("raise SystemExit('broken on purpose')\n")
    until(lambda: "(unhealthy)" in workshop(root, "status").stdout)
    assert_named(root, "web-down", "unhealthy")
    app.write_text(whole)
    until(lambda: status(services) == 200)


@pytest.mark.thorough
def test_ctrl_c_ends_what_runs_in_the_foreground(root: Path) -> None:
    compose(root, "stop", "web")
    terminal = Terminal(root, {})
    try:
        terminal.begin(f"{shlex.quote(sys.executable)} -m workshop up --docker; echo ended with $?")
        until(lambda: status(stack(root)) == 200)
        terminal.interrupt()
        assert "\nended with 130\n" in terminal.screen()
        assert compose(root, "ps", "--services").split() == []
        assert "the first time takes" not in terminal.screen()
    finally:
        terminal.close()
        compose(root, "up", "--detach", "--wait")


def test_a_port_that_is_taken(render: Render) -> None:
    with repository(render) as root:
        port = settings.load(root).ports.taster
        with socket.create_server(("127.0.0.1", port)):
            assert_named(root, "port-taken", f"Port {port}, for taster, is taken by ")
            up = workshop(root, "up", "--docker", "--detach")
            assert up.returncode == 1
            assert f"Port {port}, for taster" in up.stderr
            assert troubles()["port-taken"].remedy in up.stderr
        assert "Nothing is running" in workshop(root, "status").stdout


@pytest.mark.thorough
def test_a_port_that_is_taken_from_one_of_them(render: Render) -> None:
    with repository(render) as root:
        port = settings.load(root).ports.web
        with socket.create_server(("127.0.0.1", port)):
            assert run(root, "docker", "compose", "up", "--detach").returncode != 0
            assert_named(root, "port-taken", f"Port {port}, for web, is taken by ")
            assert workshop(root, "doctor").returncode == 1
            up = workshop(root, "up", "--docker", "--detach")
            assert (up.returncode, f"Port {port}, for web" in up.stderr) == (1, True)
        up = workshop(root, "up", "--docker", "--detach")
        assert up.returncode == 0, up.stderr
        assert status(stack(root)) == 200


def test_a_laptop_that_is_prepared(render: Render) -> None:
    with repository(render) as root:
        done = workshop(root, "doctor", "--pull")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "all images are pulled and built" in done.stdout
        assert done.stdout.endswith("This laptop is ready for the session.\n")

        file = root / "compose.yaml"
        file.write_text(file.read_text().replace("redis:8-alpine", "127.0.0.1:9/none:1"))
        said = workshop(root, "doctor", "--pull")
        assert troubles()["image-missing"].cause in said.stdout
        assert "`docker pull 127.0.0.1:9/none:1` failed" in said.stdout
        assert "127.0.0.1:9" in said.stderr  # Docker's own words
        assert "ready for the session" not in said.stdout


def test_an_engine_that_does_not_run(render: Render) -> None:
    with repository(render, backend="datadog") as root:
        assert_named(root, "docker-down", "", "--pull", **NOWHERE)
        assert_named(root, "docker-down", "", **NOWHERE)
        up = workshop(root, "up", "--docker", **NOWHERE)
        assert up.returncode == 1
        assert "Docker isn't running" in up.stderr
        assert "Traceback" not in up.stderr
    with repository(render) as root:
        said = workshop(root, "doctor", **NOWHERE)
        assert "`workshop up` needs no Docker" in said.stdout
        assert said.returncode == 0
