"""Compose itself reads the file that was generated. The schema is tested for every combination."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Render

KEY = "0123456789abcdef0123456789abcdef"


def compose(workshop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", "compose", *arguments], cwd=workshop, capture_output=True, text=True
    )


@pytest.fixture(scope="module", autouse=True)
def _needs_compose() -> None:
    if not shutil.which("docker") or compose(Path(), "version").returncode != 0:
        pytest.skip("NO DOCKER COMPOSE HERE: compose.yaml was not read by it")


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
