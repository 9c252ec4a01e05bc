"""The services as containers: Compose starts and ends them, and Docker knows which of them run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from workshop.problem import Problem
from workshop.settings import Settings, dotenv
from workshop.stack import exits, shell
from workshop.stack.supervisor_file import ServiceState
from workshop.troubles import troubles

ENGINE_SECONDS = 10.0
PUBLISHED = ("web", "taster", "agent", "console")
"""What is reached from 127.0.0.1; with the backend `datadog` the agent's port is the view's."""
ROOTLESS = "name=rootless"
STARTING = "(health: starting)"
CREATED = "Created"
"""What Docker says of a container that has not begun to run."""
UP = ("docker", "compose", "up", "--build")

_ENDED = re.compile(r"(?:Exited|Restarting) \((\d+)\) (.+)")
_COLUMNS = '{{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}\t{{.ID}}'


def engine() -> dict[str, Any]:
    """What the engine says of itself: its memory, its version and so on.

    Raises Problem when there is none, it does not run, or it does not answer to this user.
    """
    if shutil.which("docker") is None:
        raise Problem(
            "Docker is not installed.",
            "https://docs.docker.com/get-docker says how; `workshop up` needs no Docker.",
        )
    key = "docker-down"
    try:
        said = docker("info", "--format", "{{json .}}")
        if "permission denied while trying to connect" in said.stderr:
            key = "docker-denied"
        info: dict[str, Any] = json.loads(said.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        info = {}
    if not info.get("ServerVersion"):
        trouble = troubles()[key]
        raise Problem(f"{trouble.cause}.", f"{trouble.remedy}; `workshop up` needs no Docker")
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
    # A container is created before those that it waits for are healthy; when it waits for none, it
    # could not start, as when its port is taken.
    created = "starting" if STARTING in said.stdout else "stopped"
    return {
        name: ServiceState(
            ports.get(name, 0),
            *_state(state, status, created, container),
            container=container,
        )
        for name, state, status, container in sorted(rows)
        if name
    }


def unpublished(settings: Settings, found: Mapping[str, ServiceState]) -> list[str]:
    """Those of PUBLISHED whose port none of the found containers has, so that it must be free."""
    held = {service.port for service in found.values() if holds_its_port(service)}
    return [name for name in PUBLISHED if getattr(settings.ports, name) not in held]


def holds_its_port(service: ServiceState) -> bool:
    """Whether a container runs, however well."""
    return service.state in ("ready", "starting", "failed") and service.detail != CREATED


def _state(state: str, status: str, created: str, container: str) -> tuple[str, None, float, str]:
    """Docker's words for a container in this command's words."""
    if state == "paused":
        return "failed", None, 0.0, "does not answer: it is paused (docker compose unpause)"
    if state == "running":
        if status.endswith("(unhealthy)"):
            return "failed", None, 0.0, f"does not answer ({status})"
        return ("starting" if status.endswith(STARTING) else "ready"), None, 0.0, status
    found = {"restarting": "waiting", "created": created}.get(state, "stopped")
    if ended := _ENDED.match(status):
        status = f"{_why_ended(int(ended[1]), container)}, {ended[2]}"
    return found, None, 0.0, status


def _why_ended(code: int, container: str) -> str:
    """What a container's exit code says; of one that was killed Docker may know why."""
    why = exits.explain_shell(code)
    if code == 128 + signal.SIGKILL:
        said = docker("inspect", "--format", "{{.State.OOMKilled}}", container).stdout.strip()
        if said == "true":
            return why.replace("out of memory?", "out of memory")
    return why


def environment(container: str) -> dict[str, str]:
    """What a container's process was told."""
    said = docker("inspect", "--format", "{{json .Config.Env}}", container)
    pairs = json.loads(said.stdout) if said.returncode == 0 else []
    return dict(pair.split("=", 1) for pair in pairs)


def run_attached(settings: Settings) -> int:
    """Build what changed and run all in the foreground, until Ctrl-C; gives Compose's exit code.

    Compose ends the containers, and is waited for: the terminal sends Ctrl-C to it too, and other
    requests to end are passed on. This process heeds none from here on.
    """
    signal.signal(signal.SIGINT, lambda *_: None)  # Compose would inherit SIG_IGN
    told = compose_environment(settings)
    with subprocess.Popen(UP, cwd=settings.root, env=told) as compose:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: compose.terminate())
        return compose.wait()


def start(settings: Settings) -> None:
    """Build what changed and start all in the background; returns when all are healthy.

    Raises Problem, with what Compose said, when they do not come up.
    """
    done = subprocess.run(
        [*UP, "--detach", "--wait"],
        cwd=settings.root,
        env=compose_environment(settings),
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
    ours = {"MATCHMAKER_UID": str(user), "MATCHMAKER_GID": str(group)}
    told = {name: value for name, value in ours.items() if name not in dotenv(settings.root)}
    if settings.backend == "datadog":
        told |= {"MATCHMAKER_VIEWS": "1", "MATCHMAKER_TRACES_TO": "view"}
    return {**told, **shell.for_docker()}


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
    return subprocess.run(
        ["docker", *(["compose"] if compose else []), *arguments],
        cwd=os.path.abspath(os.sep),
        env=shell.for_docker(),
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
