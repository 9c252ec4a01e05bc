"""With the backend `datadog`: the key that was answered arrives, and one that is empty is missed.

The real Agent and Datadog are stood in for (datadog.override.yaml); the real Agent's own way from
its environment to the intake is Datadog's business.
"""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workshop import settings

from tests.conftest import Render
from tests.stack import until

from .conftest import HERE, KEY, compose, console_state, give_away, repository, run, stack, workshop

PAIRING = "/pair/beer?name=ipa"
OVERRIDE = "compose.override.yaml"
UP = (sys.executable, "-m", "workshop", "up")


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDINS", str(HERE))


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    answers = {"dd_site": "us5.datadoghq.com", "trainee_name": "Ada", "session": "may"}
    with repository(render, step=8, backend="datadog", dd_api_key=KEY, **answers) as root:
        shutil.copy(HERE / "datadog.override.yaml", root / OVERRIDE)
        yield root


def seen(root: Path) -> list[dict[str, Any]]:
    """What the intake got."""
    look = "from urllib.request import urlopen; print(urlopen('http://intake:8126/seen').read().decode())"
    got: list[dict[str, Any]] = json.loads(
        compose(root, "exec", "-T", "agent", "python3", "-c", look)
    )
    return got


def test_the_key_that_was_answered_is_the_one_that_arrives(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    assert stack(root).get(PAIRING).ok
    arrived = until(lambda: seen(root))
    assert {(one["path"], one["key"]) for one in arrived} == {("/api/v0.2/traces", KEY)}

    told = json.loads(
        run(root, "docker", "inspect", *compose(root, "ps", "--quiet").split()).stdout
    )
    environments = {
        one["Config"]["Labels"]["com.docker.compose.service"]: one["Config"]["Env"] for one in told
    }
    assert [name for name, env in environments.items() if any(KEY in pair for pair in env)] == [
        "agent"
    ]
    # Nor does the console see .env, not even one that is written anew, and not as root.
    shutil.copy2(root / ".env", root / ".env.new")
    (root / ".env.new").replace(root / ".env")
    give_away(root)
    look = ["grep", "-rIl", KEY, "/workshop", "/proc/1/environ"]
    seen_by = {
        name: run(
            root, "docker", "compose", "exec", "-T", "--user", "0", name, *look
        ).stdout.split()
        for name in ("web", "console")
    }
    assert seen_by == {"web": ["/workshop/.env"], "console": []}
    assert {
        f"DD_API_KEY={KEY}",
        "DD_SITE=us5.datadoghq.com",
        "DD_HOSTNAME=may-ada",
        "DD_APM_NON_LOCAL_TRAFFIC=true",
        "DD_LOGS_ENABLED=false",
    } <= set(environments["agent"])


def test_where_traces_go_is_said(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    until(lambda: console_state(root).get("agent") == "other")
    traces = workshop(root, "traces")
    assert traces.returncode == 1
    assert "straight to Datadog: https://us5.datadoghq.com" in traces.stderr
    assert "workshop up --docker" in traces.stderr
    doctor = workshop(root, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "traces go to us5.datadoghq.com" in doctor.stdout


def followed(root: Path, command: str, awaited: str) -> bool:
    """Whether a command that follows a log prints something, and ends at Ctrl-C."""
    ours, its = pty.openpty()  # for a pipe, grep would keep its lines for a while
    following = subprocess.Popen(
        ["timeout", "--signal=INT", "90", "bash", "-c", command], cwd=root, stdout=its, stderr=its
    )
    os.close(its)
    found = False
    with following, os.fdopen(ours) as printed, contextlib.suppress(OSError):  # how a terminal ends
        found = any(awaited in line for line in printed)
        following.send_signal(signal.SIGINT)
    return found


def test_the_commands_of_the_page(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    assert stack(root).get(PAIRING).ok
    page = (root / "DOCKER.md").read_text()
    tail = "docker compose logs --follow --no-log-prefix agent"
    assert f"$ {tail}\n" in page
    assert followed(root, tail, "| TRACE | INFO |")
    web = "docker compose logs --follow web"
    assert f"$ {web}\n" in page
    assert followed(root, web, "GET /pair/beer")
    assert "$ docker compose exec web bash\n" in page
    assert run(root, "docker", "compose", "exec", "-T", "web", "bash", "-c", "id -u").stdout

    (extra,) = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    stand_ins = (root / OVERRIDE).read_text()
    assert OVERRIDE in page
    (root / OVERRIDE).write_text(extra)
    config = json.loads(compose(root, "config", "--format", "json"))
    (root / OVERRIDE).write_text(stand_ins)
    assert config["services"]["agent"]["environment"]["DD_LOGS_ENABLED"] == "true"


@pytest.mark.thorough
def test_the_local_view_shows_what_arrives_there_too(root: Path) -> None:
    assert workshop(root, "down").returncode == 0
    up = workshop(root, "up", "--docker", "--detach")
    assert up.returncode == 0, up.stderr
    assert "https://us5.datadoghq.com" in up.stdout
    services = stack(root)
    until(lambda: console_state(root).get("agent") == "there")
    trace = services.trace_of(PAIRING)
    assert {"matchmaker", "taster"} <= {span.service for span in trace.spans()}
    assert trace.hex_id in workshop(root, "traces", "--id", trace.hex_id).stdout
    arrived = until(lambda: seen(root))
    assert {one["key"] for one in arrived} == {KEY}
    assert workshop(root, "traffic", "--seconds", "1").returncode == 0

    status = workshop(root, "status").stdout
    assert "In containers" in status
    assert "view" in status
    doctor = workshop(root, "doctor").stdout
    assert "the agent answers and has" in doctor
    assert KEY not in status + doctor + up.stdout + up.stderr

    # A plain `docker compose down` has the view's container end, too.
    compose(root, "down")
    assert "Nothing is running" in workshop(root, "status").stdout
    listed = run(root, "docker", "ps", "--all", "--format", "{{.Names}}").stdout
    assert settings.load(root).project not in listed


@pytest.mark.parametrize(
    "command",
    [("docker", "compose", "up", "--detach"), (*UP, "--docker", "--detach"), (*UP, "--docker")],
)
def test_an_empty_key_stops_it_with_a_sentence(render: Render, command: tuple[str, ...]) -> None:
    with repository(render, backend="datadog") as root:
        done = run(root, *command)
        assert done.returncode != 0
        assert "DD_API_KEY" in done.stderr
        assert ".env" in done.stderr
        assert "workshop key" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Nothing is running" in workshop(root, "status").stdout
