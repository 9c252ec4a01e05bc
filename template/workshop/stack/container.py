"""`python -m workshop.stack.container SERVICE` runs one service in its container.

It is the supervisor of `workshop up` with a single service. So a container restarts its service
after a save, explains a crash, and logs to `.workshop/`, as `workshop up` does.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workshop.problem import Problem
from workshop.settings import Ports, Settings, load
from workshop.stack import reach, supervisor_file
from workshop.stack.daemon import stop_on_signals
from workshop.stack.services import Service, console_service, services
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
SERVERS_OWN = r"^ \* |WARNING: This is a development server|Press CTRL\+C"
"""Lines that a server prints when it starts. The addresses in them are those of the container."""
OF_WEB = ("redis", "postgres")
"""The services that only web's container can reach."""


def main(name: str) -> int:
    """Run the service until SIGTERM. Raises Problem if the repository can't be read."""
    settings = load()
    for sentence in _what_is_wrong(settings):
        say("workshop", sentence)
    inside = replace(settings, ports=PORTS, bind="0.0.0.0")
    supervisor = Supervisor(
        inside, say, stack=[_service(inside, name)], file=supervisor_file.OF_CONTAINER.format(name)
    )
    stop_on_signals(supervisor)
    if name == "console":
        if _was_taken_over(settings):
            say("workshop", TAKEN_OVER)
        _introduce_to_git(settings)
    others = {"web": OF_WEB, "view": ("forward",)}.get(name, ())
    threading.Thread(target=_look_at_others, args=(inside, others), daemon=True).start()
    supervisor.run(lambda: say("workshop", _settled(settings, supervisor, name)))
    return 0


def _settled(settings: Settings, supervisor: Supervisor, name: str) -> str:
    state = supervisor.state.services[name]
    if state.state != "ready":
        return f"{name} is not ready: {state.detail}"
    if name == "console":
        url = f"http://localhost:{settings.ports.console}"
        if settings.shared_host:  # a token must not be in a log
            return f"{url} asks for a token: docker compose exec console workshop status"
        return f"Your console: {url}"
    return f"{name} is ready"


def say(source: str, line: str) -> None:
    """Print a line. Compose adds the service's name."""
    print(f"[workshop] {line}" if source == "workshop" else line, flush=True)


def _service(settings: Settings, name: str) -> Service:
    if name == "console":
        return console_service(settings)
    every = {service.name: service for service in services(settings)}
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


def _was_taken_over(settings: Settings) -> bool:
    """Whether another copy of this workshop used these containers last. Remembers this one."""
    own = settings.run_dir / "copy-id"
    try:
        if not own.exists():
            own.write_text(uuid.uuid4().hex, encoding="ascii")
        this = own.read_text(encoding="ascii")
        last = COPY.read_text(encoding="ascii") if COPY.exists() else this
        COPY.write_text(this, encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    return this != last


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
    """Record the state of services that the console can't reach, and say when one is missing."""
    was_there: dict[str, bool] = {}
    while True:
        for name in others:
            if not (url := settings.urls.get(name)):
                continue
            is_there = reach.answers(url)
            if was_there.get(name) != is_there:
                was_there[name] = is_there
                state = ServiceState(0, "ready" if is_there else "stopped", since=time.time())
                run = RunState(0, 0.0, services={name: state})
                file = supervisor_file.OF_CONTAINER.format(name)
                with contextlib.suppress(Problem):
                    supervisor_file.write(settings.run_dir, run, file)
                if name == "forward" and not is_there:
                    say("workshop", " ".join(reach.AGENT_IS_AWAY))
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Problem as problem:
        sys.exit(f"{problem.what} {problem.remedy}")
