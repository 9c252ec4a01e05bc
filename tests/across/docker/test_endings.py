"""How a container ended, or that it is paused, in the words that local services have."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import settings

from tests.conftest import Render
from tests.stack import until

from .conftest import repository, run, workshop

IMAGE = "python:3.13-slim"


@pytest.mark.parametrize(
    ("script", "then", "told"),
    [
        ("sleep 600", ("kill",), "killed by signal 9 (out of memory?)"),
        ("exit 139", (), "killed by signal 11 (a crash in compiled code)"),
        ("exit 0", (), "ended by itself (exit code 0)"),
        ("exit 3", (), "exit code 3"),
        ("sleep 600", ("pause",), "does not answer: it is paused"),
    ],
)
def test_how_a_container_ended(
    render: Render, script: str, then: tuple[str, ...], told: str
) -> None:
    with repository(render) as root, containers_of(root, script, "exec sleep 600") as (one, _):
        if then:
            assert run(root, "docker", *then, one).returncode == 0

        def said() -> str:
            status = workshop(root, "status", COLUMNS="300")
            assert "Traceback" not in status.stdout + status.stderr
            return status.stdout

        until(lambda: told in said(), told)


@contextlib.contextmanager
def containers_of(root: Path, web: str, redis: str) -> Iterator[list[str]]:
    """Two containers that count as the stack's, each with a shell's script."""
    project = settings.load(root).project
    found = []
    try:
        for service, script in (("web", web), ("redis", redis)):
            labels = {"project": project, "service": service, "oneoff": "False"}
            given = [f"--label=com.docker.compose.{k}={v}" for k, v in labels.items()]
            done = run(root, "docker", "run", "--detach", *given, IMAGE, "sh", "-c", script)
            assert done.returncode == 0, done.stderr
            found.append(done.stdout.strip())
        yield found
    finally:
        run(root, "docker", "rm", "--force", *found)
