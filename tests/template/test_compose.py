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
    assert [name for name, service in services.items() if "build" in service] == ["taster"]
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
    holders = [name for name, service in services.items() if KEY in json.dumps(service)]
    assert holders == (["agent"] if backend == "datadog" else [])
    for name in ("web", "taster"):  # Flask would read .env in there, and the key with it
        assert services[name]["environment"]["FLASK_SKIP_DOTENV"] == "1"
    assert ("MATCHMAKER_ERROR_RATE" in services["web"]["environment"]) == faults
    mounted = {volume["source"] for volume in services["console"]["volumes"]}
    assert mounted == {str(workshop / name) for name in ("workshop", "steps", ".workshop")}


def test_without_a_key_compose_says_where_it_belongs(render: Render) -> None:
    done = compose(render(backend="datadog"), "config", "--quiet")
    assert done.returncode != 0
    assert "workshop key" in done.stderr


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
    plain.pop("x-key", None)
    strange.pop("x-key", None)  # it goes nowhere
    assert strange == plain
    holders = [name for name, one in plain["services"].items() if KEY in json.dumps(one)]
    assert holders == (["agent"] if backend == "datadog" else [])


def test_compose_takes_what_is_meant_for_the_workshop(render: Render) -> None:
    workshop = render()
    (workshop / ".env").write_text("MATCHMAKER_ERROR_RATE=1\nMATCHMAKER_TASTING_SECONDS=3\n")
    shell = {"MATCHMAKER_TASTING_SECONDS": "2", "MATCHMAKER_TRACE_DEBUG": "true"}
    shell |= {"MATCHMAKER_UID": "1533", "MATCHMAKER_GID": "100"}
    config = json.loads(compose(workshop, "config", "--format", "json", **shell).stdout)
    web, taster = (config["services"][name] for name in ("web", "taster"))
    assert web["environment"]["MATCHMAKER_ERROR_RATE"] == "1"
    assert taster["environment"]["MATCHMAKER_TASTING_SECONDS"] == "2"
    assert taster["environment"]["DD_TRACE_DEBUG"] == "true"
    assert web["user"] == "1533:100"
