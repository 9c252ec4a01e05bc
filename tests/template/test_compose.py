"""Compose itself reads the file that was generated. The schema is tested for every combination."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import hostile, needs
from tests.conftest import Render

KEY = "0123456789abcdef0123456789abcdef"


def compose(workshop: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", "compose", *arguments],
        cwd=workshop,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module", autouse=True)
def _needs_compose() -> None:
    if not shutil.which("docker") or compose(Path(), "version").returncode != 0:
        needs.skip_without("Docker Compose")


@pytest.mark.parametrize("faults", [False, True])
@pytest.mark.parametrize("backend", ["local", "datadog"])
def test_compose_reads_the_file(render: Render, backend: str, faults: bool) -> None:
    key = {"dd_api_key": KEY} if backend == "datadog" else {}
    workshop = render(backend=backend, inject_errors=faults, port_offset=100, **key)
    done = compose(workshop, "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    config = json.loads(done.stdout)
    services = config["services"]
    view = {"view"} if backend == "datadog" else set()
    assert set(services) == {"web", "taster", "console", "redis", "agent"} | view
    assert [name for name, service in services.items() if "build" in service] == [
        "console",
        "taster",
    ]
    published = {
        (name, port["host_ip"], port["published"], port["target"])
        for name, service in services.items()
        for port in service.get("ports", [])
    }
    assert published == {
        ("web", "127.0.0.1", "5100", 5000),
        ("taster", "127.0.0.1", "5101", 5001),
        ("console", "127.0.0.1", "8100", 8000),
        (*(view or {"agent"}), "127.0.0.1", "8226", 8126),
    }
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == [
            "no-new-privileges:true",
            "label:disable",
        ], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["logging"]["options"]["max-size"], name
        is_readers = "/run/secrets" in {volume["target"] for volume in service.get("volumes", [])}
        assert is_readers == (name == "agent" and backend == "datadog")
        mounts = {one["target"]: one["source"] for one in service.get("volumes", [])}
        hidden_by = mounts.get("/workshop/.key", "")
        assert hidden_by.endswith("instead-of-key") == ("/workshop" in mounts), name
    # git must see the same in a container.
    shown, hidden = (workshop / name / ".gitignore" for name in ("workshop/instead-of-key", ".key"))
    assert shown.read_bytes() == hidden.read_bytes()
    assert [path.name for path in shown.parent.iterdir()] == [".gitignore"]
    assert KEY not in done.stdout
    assert [name for name, service in services.items() if "data" in service["networks"]] == [
        "redis",
        "web",
    ]


@pytest.mark.parametrize("backend", ["local", "datadog"])
def test_compose_takes_nothing_of_a_shell_that_is_set_up_for_others(
    render: Render, backend: str, tmp_path: Path
) -> None:
    key = {"dd_api_key": KEY} if backend == "datadog" else {}
    workshop = render(backend=backend, **key)
    # Which file it reads, and what it calls that, Docker's own command takes from the shell.
    others = {k: v for k, v in hostile.variables(tmp_path).items() if not k.startswith("COMPOSE_")}
    plain, strange = (
        json.loads(compose(workshop, "config", "--format", "json", **variables).stdout)
        for variables in ({}, others)
    )
    assert strange == plain
    assert KEY not in json.dumps(plain)


def test_compose_takes_what_is_meant_for_the_workshop(render: Render) -> None:
    workshop = render()
    (workshop / ".env").write_text("MATCHMAKER_WEB_PORT=7000\nMATCHMAKER_TASTER_PORT=7001\n")
    shell = {"MATCHMAKER_TASTER_PORT": "7002"}
    config = json.loads(compose(workshop, "config", "--format", "json", **shell).stdout)
    web, taster, console = (config["services"][name] for name in ("web", "taster", "console"))
    assert web["ports"][0]["published"] == "7000"
    assert taster["ports"][0]["published"] == "7002"
    assert console["environment"]["MATCHMAKER_WEB_PORT"] == "7000"
    assert console["environment"]["MATCHMAKER_TASTER_PORT"] == "7002"
