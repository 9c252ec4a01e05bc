"""The services as containers: Compose starts and ends them, and Docker knows which of them run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from workshop.problem import Problem
from workshop.run_state import ServiceState
from workshop.settings import Settings, dotenv

ENGINE_SECONDS = 10.0
PUBLISHED = ("web", "taster", "agent", "console")
"""What is reached from 127.0.0.1; with the backend `datadog` the agent's port is the view's."""
ROOTLESS = "name=rootless"

_COLUMNS = '{{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}\t{{.ID}}'


def engine() -> dict[str, Any]:
    """What the engine says of itself: its memory, its version and so on.

    Raises Problem when there is none, or it does not run.
    """
    if shutil.which("docker") is None:
        raise Problem(
            "Docker is not installed.",
            "https://docs.docker.com/get-docker says how; `workshop up` needs no Docker.",
        )
    try:
        said = docker("info", "--format", "{{json .}}")
        info: dict[str, Any] = json.loads(said.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        info = {}
    if not info.get("ServerVersion"):
        raise Problem(
            "Docker does not run.",
            "Start Docker Desktop (on Linux: sudo systemctl start docker), or use `workshop up`.",
        )
    return info


def services(settings: Settings) -> dict[str, ServiceState]:
    """The containers of this stack, by service, ended ones too; empty without Docker."""
    if shutil.which("docker") is None:
        return {}
    label = "label=com.docker.compose"
    ours = ["--filter", f"{label}.project={settings.project}", "--filter", f"{label}.oneoff=False"]
    try:
        said = docker("ps", "--all", "--no-trunc", *ours, "--format", _COLUMNS)
    except subprocess.TimeoutExpired:
        return {}
    rows = [line.split("\t") for line in said.stdout.splitlines()]
    ports = {name: getattr(settings.ports, name) for name in ("web", "taster", "console")}
    ports["view" if settings.backend == "datadog" else "agent"] = settings.ports.agent
    return {
        name: ServiceState(ports.get(name, 0), *_state(state, status), container=container)
        for name, state, status, container in sorted(rows)
        if name
    }


def _state(state: str, status: str) -> tuple[str, None, float, str]:
    """Docker's two words for a container in this command's words, and Docker's own sentence."""
    if state == "running":
        words = {"(unhealthy)": "failed", "(health: starting)": "starting"}
        found = next((word for sign, word in words.items() if status.endswith(sign)), "ready")
    else:
        found = {"restarting": "waiting", "created": "starting"}.get(state, "stopped")
    return found, None, 0.0, status


def environment(container: str) -> dict[str, str]:
    """What a container's process was told."""
    said = docker("inspect", "--format", "{{json .Config.Env}}", container)
    pairs = json.loads(said.stdout) if said.returncode == 0 else []
    return dict(pair.split("=", 1) for pair in pairs)


def up(settings: Settings, *, detach: bool) -> None:
    """Build what changed and start all; in the foreground until Ctrl-C, or until all are healthy.

    Raises Problem, with what Compose said, when they do not come up.
    """
    command = ["docker", "compose", "up", "--build"]
    told = compose_environment(settings)
    if not detach:
        subprocess.run(command, cwd=settings.root, env=told, check=False)
        return
    done = subprocess.run(
        [*command, "--detach", "--wait"],
        cwd=settings.root,
        env=told,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Problem(last_words(done.stderr), "`workshop doctor` looks for the cause.")


def owner(settings: Settings) -> tuple[int, int]:
    """The user and the group that the containers should have, so that all they write is yours."""
    if is_rootless():
        return 0, 0  # a rootless engine's root is you
    status = settings.root.stat()
    return status.st_uid, status.st_gid


def compose_environment(settings: Settings) -> dict[str, str]:
    """What Compose is told besides `.env`: whose the files are, and the local view of traces."""
    user, group = owner(settings)
    ours = {"UID": str(user), "GID": str(group)}
    told = {name: value for name, value in ours.items() if name not in dotenv(settings.root)}
    if settings.backend == "datadog":
        told |= {"VIEWS": "1", "TRACES_TO": "view"}
    return {**told, **os.environ}


def is_rootless() -> bool:
    """Whether the engine runs without root, so that its own root is the user who started it."""
    return ROOTLESS in docker("info", "--format", "{{.SecurityOptions}}").stdout


def user(container: str) -> int:
    """The number of the user that a container runs as; 0 where it does not say."""
    said = docker("inspect", "--format", "{{.Config.User}}", container).stdout
    number = said.strip().partition(":")[0]
    return int(number) if number.isdigit() else 0


def missing_images(settings: Settings) -> list[str]:
    """The images of compose.yaml that the engine has not pulled yet; those built here aside."""
    text = (settings.root / "compose.yaml").read_text(encoding="utf-8")
    images = sorted(set(re.findall(r"^ +image: (\S+)$", text, re.MULTILINE)) - {settings.project})
    return [name for name in images if docker("image", "inspect", name).returncode]


@contextlib.contextmanager
def without(container: str) -> Iterator[None]:
    """Have a container stopped for as long as the block takes, so that its port is free."""
    docker("stop", container)
    try:
        yield
    finally:
        docker("start", container)


def down(settings: Settings) -> None:
    """End and remove all containers of this stack. Raises Problem when Docker cannot.

    By the project's name, not by compose.yaml: that asks for a key, which may be gone by now.
    """
    done = docker("--project-name", settings.project, "down", "--remove-orphans", compose=True)
    if done.returncode:
        raise Problem(last_words(done.stderr), "Try it yourself: docker compose down")


def docker(*arguments: str, compose: bool = False) -> subprocess.CompletedProcess[str]:
    """Run Docker's command outside of the repository, and give what it said."""
    elsewhere = {name: value for name, value in os.environ.items() if name != "COMPOSE_FILE"}
    return subprocess.run(
        ["docker", *(["compose"] if compose else []), *arguments],
        cwd=os.path.abspath(os.sep),
        env=elsewhere,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=None if compose else ENGINE_SECONDS,
    )


def last_words(said: str) -> str:
    """The last line of an output that says something; Docker puts its reasons there."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "Docker failed, and did not say why."
