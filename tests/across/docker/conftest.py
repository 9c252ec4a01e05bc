"""Stacks on a real Docker Engine: whichever DOCKER_HOST, or Docker's default, leads to."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from workshop import settings
from workshop.stack import containers

from dev import pins
from tests import needs
from tests.conftest import Render
from tests.stack import Stack
from tests.template.test_pages import free_offset
from tests.workshop.console.conftest import new_page as new_page

OWNER = 1533
"""Nobody's number in an image. The containers must find out whose files they use."""
KEY = secrets.token_hex(16)  # a simple one is in some package's tables
AS_SOMEBODY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups; this file is loaded too late
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process: they share stacks, and the engine has the same two cores.

    They may fail once. Health checks and an engine with a queue of its own have time limits that
    these tests can't set. No other test may.
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("docker"))
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def _needs_an_engine() -> None:
    if not shutil.which("docker") or run(Path(), "docker", "info").returncode != 0:
        needs.skip_without("Docker")


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with some variables on top of the environment."""
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "80", **variables},
        timeout=600,
    )


def compose(root: Path, *arguments: str, **variables: str) -> str:
    """Run `docker compose`; gives what it prints, or fails."""
    done = run(root, "docker", "compose", *arguments, **variables)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done.stdout


def workshop(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the trainee's command."""
    return run(root, sys.executable, "-m", "workshop", *arguments, **variables)


def give_away(root: Path) -> None:
    """Have the repository belong to a person, where these tests run as root."""
    if os.getuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, OWNER, OWNER, follow_symlinks=False)


def inside(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the trainee's command as somebody does who has Docker alone."""
    return run(root, "docker", "compose", "exec", "-T", "console", "workshop", *arguments)


@contextlib.contextmanager
def repository(render: Render, **answers: Any) -> Iterator[Path]:
    """A trainee's repository on free ports; none of its containers is left afterwards."""
    root = render(port_offset=free_offset(), **answers)
    for name, mode in ((".env", 0o600), (".key", 0o700), (".key/datadog", 0o600)):
        with contextlib.suppress(FileNotFoundError):  # as the template's tasks do
            (root / name).chmod(mode)
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Start the workshop"]):
        done = run(root, "git", *AS_SOMEBODY, *command)
        assert done.returncode == 0, done.stderr
    give_away(root)
    try:
        yield root
    finally:
        remove(root)


def remove(root: Path) -> None:
    """Leave nothing of a repository's stack: no container, no volume, no image."""
    project = settings.load(root).project
    end = ("down", "--volumes", "--remove-orphans", "--timeout", "2")
    containers.docker("--project-name", project, *end, compose=True)
    containers.docker("image", "rm", "--force", project, f"{project}-console")


def move_to(root: Path, render: Render, **answers: Any) -> None:
    """Write the files of other answers over those of a repository, as `copier update` would."""
    shutil.copytree(
        render(port_offset=settings.load(root).ports.web - 5000, **answers),
        root,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".env", ".git"),
    )
    give_away(root)


def stack(root: Path) -> Stack:
    """The services of a repository that is up."""
    return Stack(root, settings.load(root).ports)


def console_state(root: Path) -> dict[str, Any]:
    """What the console shows besides traces; empty where it does not answer."""
    with (
        contextlib.suppress(requests.RequestException),
        requests.get(f"{console(root)}/api/events", stream=True, timeout=10) as answer,
    ):
        for line in answer.iter_lines():
            if line.startswith(b"data: "):
                return json.loads(line[6:])["state"] or {}
    return {}


def console(root: Path) -> str:
    """The console's address."""
    return f"http://localhost:{settings.load(root).ports.console}"


def template_pins() -> dict[str, str]:
    """The versions of all packages that pyproject.toml pins."""
    return dict(pin.split("==") for pin in pins.written(pins.read(pins.WORKSHOP)))
