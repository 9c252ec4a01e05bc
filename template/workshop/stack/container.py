"""Runs one service in its container, for entrypoint.py.

It is the supervisor of `workshop up` with a single service. So a container restarts its service
after a save, explains a crash, and logs to `.workshop/`, as `workshop up` does.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.settings import Ports, Settings, load
from workshop.stack import reach, services, shell, supervisor_file
from workshop.stack.daemon import stop_on_signals
from workshop.stack.services import Service
from workshop.stack.supervisor import Supervisor
from workshop.stack.supervisor_file import RunState, ServiceState

PORTS = Ports(web=5000, taster=5001, redis=6379, agent=8126, console=8000)
"""Where services listen in their containers. compose.yaml publishes these ports on others."""
INSTALLED = Path("/packages/pyproject.toml")
"""The pyproject.toml that the image was built from."""
COPY = Path("/copy/id")
"""A file in a volume, which all copies of a workshop share, because Compose knows them by name."""
TAKEN_OVER = (
    "These containers belonged to another copy of this workshop until now. Only one copy can run "
    "at a time. To use the other one again, run docker compose up in its folder."
)
LOOK_SECONDS = 2.0
START_SECONDS = 30.0
"""How long a service may take to start. Datadog's Agent takes longest."""
DATABASE_SECONDS = 60.0
AGENT_IS_BACK = "Datadog's Agent answers again, so your traces go on to Datadog."
SERVERS_OWN = r"^ \* |WARNING: This is a development server|Press CTRL\+C"
"""Lines that a server prints when it starts. The addresses in them are those of the container."""
OF_WEB = ("redis", "postgres")
"""The services that only web's container can reach."""


def main(name: str) -> int:
    """Run the service until SIGTERM. Raises Problem or OSError if the repository is no use."""
    shell.keep_from_proxies()
    settings = load()
    for sentence in _what_is_wrong(settings):
        say("workshop", sentence)
    inside = replace(settings, ports=PORTS, bind="0.0.0.0")
    if name == "console":
        _mind_copies(settings)
        _introduce_to_git(settings)
    if name == "web":
        _wait_for_the_database(inside)
    supervisor = Supervisor(
        inside, say, stack=[_service(inside, name)], file=supervisor_file.OF_CONTAINER.format(name)
    )
    stop_on_signals(supervisor)
    others = {"web": OF_WEB, "view": ("forward",)}.get(name, ())
    threading.Thread(target=_look_at_others, args=(inside, others), daemon=True).start()
    supervisor.run(lambda: say("workshop", _settled(settings, supervisor, name)))
    if supervisor.is_outdated:
        # The new tool takes over in this process. If the container ended instead, so would the
        # command that updates the workshop, and nobody would read its report.
        time.sleep(LOOK_SECONDS)
        os.execv(sys.executable, [sys.executable, "-m", "workshop.stack.entrypoint", name])
    return 0


def _settled(settings: Settings, supervisor: Supervisor, name: str) -> str:
    state = supervisor.state.services[name]
    if state.state != "ready":
        return f"{name} is not ready: {state.detail}"
    if name == "console":
        url = settings.address("console")
        if settings.shared_host:  # a token must not be in a log
            return f"{url} asks for a token: docker compose exec console workshop status"
        return f"Your console: {url}"
    return f"{name} is ready"


def say(source: str, line: str) -> None:
    """Print a line. Compose adds the service's name."""
    print(f"[workshop] {said(line)}" if source == "workshop" else line, flush=True)


def _service(settings: Settings, name: str) -> Service:
    if name == "console":
        return services.console_service(settings)
    every = {service.name: service for service in services.services(settings)}
    if name in ("agent", "view"):
        return replace(every["agent"], name=name)
    return replace(every[name], chatter=SERVERS_OWN)


def _what_is_wrong(settings: Settings) -> Iterator[str]:
    """What the person who starts the containers has to know, in sentences."""
    try:
        wanted = (settings.root / "pyproject.toml").read_text(encoding="utf-8")
        is_old = _packages(wanted) != _packages(INSTALLED.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return
    if is_old:
        yield (
            "The image has other packages than pyproject.toml lists. Build it again: "
            "docker compose up --build"
        )


def _mind_copies(settings: Settings) -> None:
    """Say so if another copy of this workshop used these containers last. Remember this one."""
    own, note = settings.run_dir / "copy-id", settings.run_dir / reach.TAKEN_OVER
    folder = settings.root.stat()
    place = f"{folder.st_dev}:{folder.st_ino}"  # a copied folder has the ID of the original
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if not own.exists() or not own.read_text(encoding="ascii").endswith(place):
            own.write_text(f"{uuid.uuid4().hex} {place}", encoding="ascii")
        this = own.read_text(encoding="ascii")
        last = COPY.read_text(encoding="ascii") if COPY.exists() else this
        if this != last:
            say("workshop", TAKEN_OVER)
            note.write_text(TAKEN_OVER, encoding="utf-8")
        else:
            note.unlink(missing_ok=True)
        COPY.write_text(this, encoding="ascii")


def _wait_for_the_database(settings: Settings) -> None:
    """Wait for PostgreSQL, which may start later than web when the engine restarts."""
    deadline = time.monotonic() + DATABASE_SECONDS
    url = settings.urls.get("postgres")
    while url and not reach.answers(url) and time.monotonic() < deadline:
        time.sleep(0.5)


def _packages(pyproject: str) -> object:
    data = tomllib.loads(pyproject)
    pins = data.get("tool", {}).get("uv", {}).get("constraint-dependencies")
    return data.get("project", {}).get("dependencies"), data.get("dependency-groups"), pins


def _introduce_to_git(settings: Settings) -> None:
    """Tell git in this container who commits. The trainee's own configuration isn't here."""
    for name, value in (
        ("user.name", settings.trainee),
        ("user.email", f"{settings.slug}@{settings.session}.invalid"),
    ):
        with contextlib.suppress(OSError):
            subprocess.run(["git", "config", "--global", name, value], check=False)


def _look_at_others(settings: Settings, others: tuple[str, ...]) -> None:
    """Record again and again which services answer that the console can't reach."""
    state = {name: ServiceState(0, since=time.time()) for name in others if name in settings.urls}
    is_away = False
    while True:
        for name, service in state.items():
            now = "ready" if reach.answers(settings.urls[name]) else "stopped"
            is_young = time.time() - service.since < START_SECONDS
            if service.state == "starting" and now == "stopped" and is_young:
                now = "starting"
            if now != service.state:
                service.state, service.since = now, time.time()
            run = RunState(0, time.time(), services={name: service})
            with contextlib.suppress(Problem):
                file = supervisor_file.OF_CONTAINER.format(name)
                supervisor_file.write(settings.run_dir, run, file)
            if name == "forward" and is_away != (now == "stopped"):
                is_away = not is_away
                say("workshop", " ".join(reach.AGENT_IS_AWAY) if is_away else AGENT_IS_BACK)
        time.sleep(LOOK_SECONDS)
