"""With the backend `datadog`: the key that was answered arrives, and without one only
the Agent stops.

The real Agent and Datadog are stood in for (datadog.override.yaml); the real Agent's own way from
its environment to the intake is Datadog's business.
"""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from workshop import settings

from tests.conftest import Render
from tests.stack import until

from .conftest import (
    HERE,
    KEY,
    compose,
    console,
    console_state,
    give_away,
    inside,
    repository,
    run,
    stack,
    workshop,
)

PAIRING = "/pair/beer?name=ipa"
OVERRIDE = "compose.override.yaml"
PLANTED = "a-word-that-no-file-has"


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

    told = run(root, "docker", "inspect", *compose(root, "ps", "--all", "--quiet").split()).stdout
    environment = next(
        one["Config"]["Env"]
        for one in json.loads(told)
        if one["Config"]["Labels"]["com.docker.compose.service"] == "agent"
    )
    assert {
        "DD_SITE=us5.datadoghq.com",
        "DD_HOSTNAME=may-ada",
        "DD_APM_NON_LOCAL_TRAFFIC=true",
        "DD_LOGS_ENABLED=false",
    } <= set(environment)
    assert KEY not in told + compose(root, "config") + compose(root, "logs")


def test_only_the_agent_can_read_the_key(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    # Not even a key that an editor writes anew, and not as root.
    key = root / ".key" / "datadog"
    shutil.copy2(key, key.with_suffix(".new"))
    key.with_suffix(".new").replace(key)
    give_away(root)
    # What is searched for besides shows that a key would be found.
    (root / ".workshop" / "planted.txt").write_text(PLANTED)
    give_away(root)
    look = (
        f"grep -arlE '{KEY}|{PLANTED}' /workshop /run /tmp /copy /packages/pyproject.toml "
        "/proc/self/environ /proc/[0-9]*/environ 2>/dev/null; "
        "umount /workshop/.key 2>/dev/null; cat /workshop/.key/datadog 2>/dev/null; echo searched"
    )
    for user in (0, root.stat().st_uid):
        for name in ("web", "taster", "console", "view"):
            exec_ = ("docker", "compose", "exec", "-T", "--user", str(user))
            told = ("--env", f"X={PLANTED}", name)
            found = run(root, *exec_, *told, "sh", "-c", look)
            assert found.returncode == 0, found.stderr
            files = [re.sub(r"/\d+/", "/self/", line) for line in found.stdout.splitlines()]
            wanted = {"/workshop/.workshop/planted.txt", "/proc/self/environ", "searched"}
            assert set(files) == wanted, (name, user)
            for wrong in (f"grep -alE '{KEY}' {path}" for path in found.stdout.split()[:-1]):
                assert run(root, *exec_, name, "sh", "-c", wrong).stdout == "", (name, user)


def test_where_traces_go_is_said(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    services = stack(root)
    until(lambda: console_state(root).get("agent") == "there")
    trace = services.trace_of(PAIRING)
    assert {"matchmaker", "taster"} <= {span.service for span in trace.spans()}
    for command in (workshop, inside):
        assert trace.hex_id in command(root, "traces", "--id", trace.hex_id).stdout
    shown = requests.get(f"{console(root)}/api/traces/{trace.hex_id}", timeout=10).json()
    assert shown["datadog"] == f"https://us5.datadoghq.com/apm/trace/{trace.hex_id}"
    doctor = workshop(root, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert KEY not in doctor.stdout + doctor.stderr
    listed = run(root, "docker", "ps", "--all", "--format", "{{.Names}}").stdout
    assert settings.load(root).project in listed


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
    assert "$ docker compose exec web as-owner bash\n" in page
    shell = ("docker", "compose", "exec", "-T", "web", "as-owner", "bash", "-c")
    assert run(root, *shell, "id -u").stdout.strip() == str(root.stat().st_uid)

    (extra,) = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    stand_ins = (root / OVERRIDE).read_text()
    assert OVERRIDE in page
    (root / OVERRIDE).write_text(extra)
    config = json.loads(compose(root, "config", "--format", "json"))
    (root / OVERRIDE).write_text(stand_ins)
    assert config["services"]["agent"]["environment"]["DD_LOGS_ENABLED"] == "true"


def test_without_a_key_everything_but_the_agent_works(root: Path) -> None:
    key = root / ".key" / "datadog"
    key.rename(root / "kept")
    try:
        compose(root, "down", "--timeout", "2")
        up = workshop(root, "up", "--docker", "--detach")
        assert up.returncode == 0, up.stdout + up.stderr
        assert "The agent has no API key" in up.stdout
        services = stack(root)
        assert services.get(PAIRING).ok
        until(lambda: "Datadog's Agent doesn't answer" in compose(root, "logs", "view"))
        trace = services.trace_of(PAIRING)
        assert {"matchmaker", "taster"} <= {span.service for span in trace.spans()}
        assert "failed to send" not in compose(root, "logs", "web")
        assert "Datadog's Agent doesn't answer" in inside(root, "status").stdout.replace("\n", " ")
        details = until(lambda: console_state(root).get("details"), "what is wrong")
        assert ".key/datadog" in details["agent"]
        for command in (["ps"], ["logs", "agent"], ["config", "--quiet"]):
            compose(root, *command)
        (root / "kept").rename(key)
        assert "docker compose restart agent" in compose(root, "logs", "view")
        compose(root, "restart", "agent")
        count = len(seen(root))
        assert stack(root).get(PAIRING).ok
        until(lambda: stack(root).get(PAIRING).ok and len(seen(root)) > count, "traces in Datadog")
    finally:
        if not key.exists():
            (root / "kept").rename(key)
        compose(root, "up", "--detach", "--wait")
