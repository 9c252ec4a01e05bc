"""The dev container opens the workshop, and its services run in it: by the command for that."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from workshop import settings

from tests import needs
from tests.conftest import Render, git

from .conftest import repository, run

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


def test_the_workshop_runs_in_its_dev_container(
    render: Render, devcontainer: str, tmp_path: Path
) -> None:
    with repository(render, step=8) as root:
        if os.getuid() == 0:  # the command changes the image's user only for another one
            for path in (root, *root.rglob("*")):
                os.chown(path, 1000, 1000, follow_symlinks=False)
        git(root, "init", "--quiet", ".")
        done = run(root, devcontainer, "up", "--workspace-folder", str(root), TMPDIR=str(tmp_path))
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
        container = json.loads(done.stdout.splitlines()[-1])["containerId"]
        try:
            inside = [devcontainer, "exec", "--workspace-folder", str(root), "bash", "-c"]
            port = settings.load(root).ports.web
            look = (
                "set -e; id -u; uv run workshop up --detach;"
                f"curl --silent 'localhost:{port}/pair/beer?name=ipa';"
                "for _ in $(seq 50); do uv run workshop traces --limit 1 && break; sleep 0.2; done;"
                "uv run workshop down"
            )
            said = run(root, *inside, look, TMPDIR=str(tmp_path))
            assert said.returncode == 0, said.stdout + said.stderr
            assert said.stdout.splitlines()[0] == str(root.stat().st_uid)
            assert '"match":"boston-cream"' in said.stdout
            assert re.search(r"flask.request taster GET /taste", said.stdout)
            ports = settings.load(root).ports
            text = (root / ".devcontainer" / "devcontainer.json").read_text()
            forwarded = json.loads(re.sub(r"(?m)^ *//.*$", "", text))["forwardPorts"]
            assert set(forwarded) >= {ports.web, ports.taster, ports.agent, ports.console}
        finally:
            run(root, "docker", "rm", "--force", container)
            images = run(root, "docker", "images", "--quiet", f"vsc-{root.name}-*").stdout.split()
            run(root, "docker", "image", "rm", "--force", *images)
            if os.getuid() == 0:
                shutil.rmtree(root / ".git", ignore_errors=True)
