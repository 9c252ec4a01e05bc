"""The dev container opens the workshop, and its services run in it: by the command for that."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import settings

from tests import needs
from tests.conftest import Render, git
from tests.template.test_pages import free_offset

from .conftest import run

PACKAGE = "@devcontainers/cli@0.89.0"


@pytest.fixture(scope="module")
def devcontainer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The dev container command, by npm."""
    if not shutil.which("npm"):
        needs.skip_without("npm")
    folder = tmp_path_factory.mktemp("npm")
    done = run(
        folder, "npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(folder / "node_modules" / ".bin" / "devcontainer")


@pytest.fixture
def cloned(copy: Render, tmp_path: Path) -> Iterator[Path]:
    """A fresh clone, as a platform makes it."""
    made = copy(step=8, port_offset=free_offset())
    git(tmp_path, "clone", "--quiet", "--bare", str(made), "bare.git")
    root = tmp_path / "cloned"
    git(tmp_path, "clone", "--quiet", "bare.git", str(root))
    if os.getuid() == 0:  # the command changes the image's user only for another one
        for path in (root, *root.rglob("*")):
            os.chown(path, 1000, 1000, follow_symlinks=False)
    yield root
    images = run(root, "docker", "images", "--quiet", f"vsc-{root.name}-*").stdout.split()
    run(root, "docker", "image", "rm", "--force", *images)
    if os.getuid() == 0:
        shutil.rmtree(root, ignore_errors=True)


def test_the_dev_container_is_ready_when_it_opens(
    cloned: Path, devcontainer: str, tmp_path: Path
) -> None:
    temporary = {"TMPDIR": str(tmp_path)}
    begin = ("--workspace-folder", str(cloned))
    # What a prebuild does, and then what happens when somebody opens the container.
    prebuilt = run(cloned, devcontainer, "up", *begin, "--prebuild", **temporary)
    assert prebuilt.returncode == 0, (prebuilt.stdout + prebuilt.stderr)[-2000:]
    container = json.loads(prebuilt.stdout.splitlines()[-1])["containerId"]
    try:
        run(cloned, "docker", "network", "disconnect", "bridge", container)
        done = run(cloned, devcontainer, "up", *begin, **temporary)
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
        assert json.loads(done.stdout.splitlines()[-1])["containerId"] == container
        ports = settings.load(cloned).ports
        look = (
            "set -e; id -u;"
            f"curl --silent 'localhost:{ports.web}/pair/beer?name=ipa';"
            # The editor forwards the console to any port, and nobody else has a name for it.
            f"curl --silent --fail --header 'Host: localhost:9123' localhost:{ports.console}/;"
            f"curl --silent --header 'Host: evil.example' localhost:{ports.console}/;"
            "for _ in $(seq 50); do uv run workshop traces --limit 1 && break; sleep 0.2; done;"
            "uv run workshop goto 9; uv run workshop status; uv run workshop down"
        )
        said = run(cloned, devcontainer, "exec", *begin, "bash", "-c", look, **temporary)
        assert said.returncode == 0, said.stdout + said.stderr
        assert said.stdout.splitlines()[0] == str(cloned.stat().st_uid)
        assert '"match":"boston-cream"' in said.stdout
        assert re.search(r"flask.request taster GET /taste", said.stdout)
        assert '<main id="main"' in said.stdout
        assert "Open this page as" in said.stdout
        assert "Step 9 of 9" in said.stdout
        text = (cloned / ".devcontainer" / "devcontainer.json").read_text()
        told = json.loads(re.sub(r"(?m)^ *//.*$", "", text))
        assert set(told["forwardPorts"]) >= {ports.web, ports.taster, ports.agent, ports.console}
        assert told["portsAttributes"][str(ports.console)]["onAutoForward"] == "openBrowserOnce"
        assert (cloned / told["customizations"]["codespaces"]["openFiles"][0]).is_file()
    finally:
        run(cloned, "docker", "rm", "--force", container)
