"""The services as containers: Compose starts and ends them, and Docker knows which ones run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

from workshop.problem import Problem
from workshop.settings import Settings
from workshop.stack import exits, shell
from workshop.stack.supervisor_file import ServiceState
from workshop.troubles import troubles

ENGINE_SECONDS = 10.0
PUBLISHED = ("web", "taster", "agent", "console")
"""The services with a port on 127.0.0.1. With the backend `datadog`, `view` has agent's port."""
STARTING = "(health: starting)"
CREATED = "Created"
"""Docker's status of a container that hasn't started to run."""
UP = ("docker", "compose", "up", "--build")

_ENDED = re.compile(r"(?:Exited|Restarting) \((\d+)\) (.+)")
_LABEL = "com.docker.compose"
_COLUMNS = "\t".join(
    [
        f'{{{{.Label "{_LABEL}.service"}}}}',
        *("{{.State}}", "{{.Status}}", "{{.ID}}"),
        f'{{{{.Label "{_LABEL}.project.working_dir"}}}}',
    ]
)


def engine() -> dict[str, Any]:
    """What the engine reports about itself, such as its memory and its version.

    Raises Problem if Docker isn't installed, isn't running, or doesn't answer this user.
    """
    if shutil.which("docker") is None:
        raise Problem(
            "Docker is not installed.",
            "Install it from https://docs.docker.com/get-docker; `workshop up` needs no Docker.",
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
    """The containers of this stack, by service, including ended ones. Empty without Docker."""
    ports = {name: getattr(settings.ports, name) for name in ("web", "taster", "console")}
    ports["view" if settings.backend == "datadog" else "agent"] = settings.ports.agent
    rows = [row for row in _rows(settings) if not _is_elsewhere(row[-1], settings)]
    # Compose creates a container before those that it waits for are healthy. If it waits for none
    # and is still only created, it couldn't start, for example because its port is taken.
    created = "starting" if any(STARTING in row[2] for row in rows) else "stopped"
    return {
        name: ServiceState(
            ports.get(name, 0),
            *_state(state, status, created, container),
            container=container,
        )
        for name, state, status, container, _ in sorted(rows)
        if name
    }


def require_own(settings: Settings) -> None:
    """Raise Problem if another copy of this workshop has containers with the same names."""
    elsewhere = {row[-1] for row in _rows(settings) if _is_elsewhere(row[-1], settings)}
    if elsewhere:
        raise Problem(
            f"Another copy of this workshop, in {sorted(elsewhere)[0]}, already has containers.",
            "End them there first: docker compose down",
        )


def _rows(settings: Settings) -> list[list[str]]:
    """Docker's columns for each container of this project, whichever folder it belongs to."""
    if shutil.which("docker") is None:
        return []
    filters = (f"label={_LABEL}.project={settings.project}", f"label={_LABEL}.oneoff=False")
    ours = [part for one in filters for part in ("--filter", one)]
    try:
        said = docker("ps", "--all", "--no-trunc", *ours, "--format", _COLUMNS)
    except subprocess.TimeoutExpired:
        return []
    rows = [line.split("\t") for line in said.stdout.splitlines()]
    return [row for row in rows if len(row) == 5]


def _is_elsewhere(folder: str, settings: Settings) -> bool:
    """Whether a container belongs to another existing copy of the workshop."""
    try:
        return bool(folder) and not os.path.samefile(folder, settings.root)
    except OSError:  # it is gone, or the engine runs on another machine
        return False


def unpublished(settings: Settings, found: Mapping[str, ServiceState]) -> list[str]:
    """The services in PUBLISHED whose port no container holds yet, so it has to be free."""
    held = {service.port for service in found.values() if holds_its_port(service)}
    return [name for name in PUBLISHED if getattr(settings.ports, name) not in held]


def holds_its_port(service: ServiceState) -> bool:
    """Whether a container runs, healthy or not."""
    return service.state in ("ready", "starting", "failed") and service.detail != CREATED


def _state(state: str, status: str, created: str, container: str) -> tuple[str, None, float, str]:
    """Docker's description of a container, translated into ours."""
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
    """What a container's exit code means. If it was killed, Docker may know why."""
    why = exits.explain_shell(code)
    if code == 128 + signal.SIGKILL:
        said = docker("inspect", "--format", "{{.State.OOMKilled}}", container).stdout.strip()
        if said == "true":
            return why.replace("out of memory?", "out of memory")
    return why


def environment(container: str) -> dict[str, str]:
    """The environment variables of a container's process."""
    said = docker("inspect", "--format", "{{json .Config.Env}}", container)
    pairs = json.loads(said.stdout) if said.returncode == 0 else []
    return dict(pair.split("=", 1) for pair in pairs)


def run_attached(settings: Settings) -> int:
    """Build what changed, and run everything in the foreground until Ctrl-C.

    Returns Compose's exit code. Compose ends the containers, and this process waits for it: the
    terminal sends Ctrl-C to both, and this process passes on other requests to end. From here on,
    it doesn't act on any of them itself.
    """
    signal.signal(signal.SIGINT, lambda *_: None)  # Compose would inherit SIG_IGN
    with subprocess.Popen(UP, cwd=settings.root, env=shell.for_docker()) as compose:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: compose.terminate())
        return compose.wait()


def start(settings: Settings) -> None:
    """Build what changed, start everything in the background, and wait until all are healthy.

    Doesn't wait for Datadog's Agent, without which everything else works. Raises Problem, with
    Compose's message, if the others don't start.
    """
    awaited = [*PUBLISHED, "redis"]
    if settings.backend == "datadog":
        awaited = [*(name for name in awaited if name != "agent"), "view"]
    for command in ([*UP, "--detach", "--wait", *awaited], [*UP, "--detach"]):
        done = subprocess.run(
            command,
            cwd=settings.root,
            env=shell.for_docker(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise Problem(last_words(done.stderr), "`workshop doctor` looks for the cause.")


def missing_images(settings: Settings) -> list[str]:
    """The images in compose.yaml that the engine still has to pull."""
    text = (settings.root / "compose.yaml").read_text(encoding="utf-8")
    built = {settings.project, f"{settings.project}-console"}
    images = sorted(set(re.findall(r"^ +image: (\S+)$", text, re.MULTILINE)) - built)
    return [name for name in images if docker("image", "inspect", name).returncode]


def down(settings: Settings) -> None:
    """End and remove all containers of this stack. Raises Problem if Docker can't.

    Uses the project's name, not compose.yaml, which asks for a key that may be gone by now.
    """
    done = docker("--project-name", settings.project, "down", "--remove-orphans", compose=True)
    if done.returncode:
        raise Problem(last_words(done.stderr), "Try it yourself: docker compose down")


def docker(*arguments: str, compose: bool = False) -> subprocess.CompletedProcess[str]:
    """Run Docker's command outside of the repository, and return its output."""
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
    """The last line of an output that isn't empty. Docker puts its reason there."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "Docker failed without giving a reason."
