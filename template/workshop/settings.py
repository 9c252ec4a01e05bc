"""The settings of this repository (workshop/settings.toml), and their overrides (.env)."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workshop import outside
from workshop.catalog import Step, steps_in
from workshop.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
"""Where all services listen, so that only this machine can reach them."""
ANSWERS = ".copier-answers.yml"
CONTAINER = "WORKSHOP_CONTAINER"
"""The variable with the name of the service whose container this is. Only compose.yaml sets it."""
SHARE_PROGRESS = "MATCHMAKER_SHARE_PROGRESS"
"""The variable with which a trainee stops sharing their progress, in `.env` or in the shell."""
LAST_PORT = 65535
_SAYS_MORE = re.compile(r"^\s*[^\s#]", re.MULTILINE)
"""A line with more than a comment."""
TOOL_SUFFIXES = (".css", ".html", ".js", ".py")


@dataclass(frozen=True)
class Ports:
    """The TCP ports on 127.0.0.1, including the trainee's offset."""

    web: int
    taster: int
    redis: int
    agent: int
    console: int


@dataclass(frozen=True)
class Settings:
    """One stack: its trainee, its ports, and the environment of its processes.

    To run another stack next to it, make one with `dataclasses.replace`: give it other `ports`,
    another `run_dir`, and `overrides` such as MATCHMAKER_DATABASE_URL.
    """

    root: Path
    run_dir: Path
    """Where the state and logs of the running services go. Git ignores it."""
    step: int
    trainee: str
    slug: str
    session: str
    backend: str
    """`local` or `datadog`."""
    database: str
    """`sqlite` or `postgresql`: the database that Compose runs."""
    project: str
    """The name of this stack in Compose."""
    ports: Ports
    environment: Mapping[str, str]
    """Variables for `web` and `taster`. `.env` and the shell override them."""
    site: str = ""
    """Datadog's site, such as `datadoghq.eu`. Empty with the backend `local`."""
    app_url: str = ""
    """Datadog's web pages for that site. Empty with the backend `local`."""
    shared_host: bool = False
    """Whether other people have accounts on the machine, so that the console asks for a token."""
    share_progress: bool = False
    """Whether the record of the trainee's progress is pushed to the remote `origin`."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Variables for `web` and `taster`. They override everything else."""
    is_apart: bool = False
    """Whether `web` and `taster` get none of the shell's variables."""
    container: str = ""
    """The service whose container this is. Empty on the trainee's own machine."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """Where services are that don't listen on this machine. `forward` is where the test agent
    hands traces on to."""
    bind: str = HOST
    """The address on which services listen."""
    origin: str = ""
    """Where a browser finds the console, if CONSOLE_ORIGIN says it."""
    forwarded: str = ""
    """Where a platform forwards the ports to: an address with `{port}`. Usually empty."""
    any_local_port: bool = False
    """Whether an editor forwards the console's port to any port of the machine with the browser."""
    traces_to: str = ""
    """The agent that the test agent hands traces on to, if TRACES_TO names one."""

    def url(self, service: str) -> str:
        """Where programs reach a service from here. People use `localhost` and its port."""
        scheme = "redis" if service == "redis" else "http"
        return self.urls.get(service) or f"{scheme}://{HOST}:{getattr(self.ports, service)}"

    def address(self, service: str) -> str:
        """Where people reach a service, for messages and links: in Docker, the published port.

        Behind a proxy, it's an address for a browser only, without a slash at its end.
        """
        port = str(getattr(self.ports, service))
        if service == "console" and self.origin:
            return self.origin
        return self.forwarded.replace("{port}", port) or f"http://localhost:{port}"


def load(root: Path = ROOT) -> Settings:
    """Read the settings of the repository at `root`.

    Raises Problem if the file is missing, isn't TOML, or lacks an entry, and if a variable that
    overrides it is wrong.
    """
    data = _read_toml(root, "settings.toml")
    try:
        datadog = data.get("datadog", {})
        told = _told(root)
        return Settings(
            root=root,
            run_dir=root / ".workshop",
            step=int(data["step"]),
            trainee=str(data["trainee"]["name"]),
            slug=str(data["trainee"]["slug"]),
            session=str(data["trainee"]["session"]),
            backend=str(data["backend"]),
            database=str(data["database"]),
            project=str(data["project"]),
            ports=Ports(**_ports(told, data["ports"])),
            environment={name: str(value) for name, value in data["environment"].items()},
            site=str(datadog.get("site", "")),
            app_url=str(datadog.get("app", "")),
            shared_host=_bool(data.get("shared_host", False)),
            share_progress=_bool(data.get("share_progress", False)),
            container=os.environ.get(CONTAINER, ""),
            urls=_urls(data["ports"]),
            origin=outside.origin(told),
            forwarded=outside.template(os.environ),
            any_local_port=bool(os.environ.get(outside.EDITOR)),
            traces_to=outside.target(told),
        )
    except KeyError as error:
        raise _broken("settings.toml", f"has no entry {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise _broken("settings.toml", f"has an entry of the wrong kind ({error})") from error


def steps(root: Path = ROOT) -> list[Step]:
    """The catalog of steps, in order. Raises Problem as `load` does."""
    data = _read_toml(root, "steps.toml")
    try:
        return steps_in(data)
    except (KeyError, TypeError, ValueError) as error:
        raise _broken("steps.toml", f"is not a catalog of steps ({error})") from error


def timing_step(root: Path = ROOT) -> Step:
    """The step in which the trainee first times something by hand. Raises Problem as `load`."""
    return _step_that_brings("timing", root)


def tracing_step(root: Path = ROOT) -> Step:
    """The step in which the trainee adds tracing. Later steps have traced code. Raises Problem."""
    return _step_that_brings("tracing", root)


def _step_that_brings(what: str, root: Path) -> Step:
    for step in steps(root):
        if step.brings == what:
            return step
    raise _broken("steps.toml", f"names no step that brings {what}")


def dotenv(root: Path) -> dict[str, str]:
    """The variables in `.env`. One without a value counts as not set."""
    path = root / ".env"
    try:
        # At first, it has only comments: no need to import a library that takes time.
        is_empty = path.is_file() and not _SAYS_MORE.search(path.read_text(encoding="utf-8"))
        if is_empty or not path.exists():
            return {}
        from dotenv import dotenv_values

        values = dotenv_values(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            f".env cannot be read: {error}.",
            "It has to be a text file with lines such as NAME=value.",
        ) from error
    return {name: value for name, value in values.items() if value}


def version(root: Path = ROOT) -> str:
    """The template's version in Copier's answers. Empty if they don't contain one.

    A running tool may be older than its files.
    """
    try:
        text = (root / ANSWERS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^_commit: *['\"]?([^\s'\"]+)", text, re.MULTILINE)
    return found[1] if found else ""


def tool_mark(root: Path = ROOT) -> str:
    """A text that changes with the tool's files: the version, or if that is unknown, their age.

    It's unknown if the template that made the workshop had no versions, as a folder without git.
    """
    if known := version(root):
        return known
    ages = []
    for path in (root / "workshop").rglob("*"):
        with contextlib.suppress(OSError):  # an update is replacing it
            if path.suffix in TOOL_SUFFIXES and "__pycache__" not in path.parts:
                ages.append(path.stat().st_mtime_ns)
    return f"{len(ages)}-{max(ages, default=0)}"


def port_variable(service: str) -> str:
    """The variable that moves a service to another port. It can be in `.env` or in the shell."""
    return f"MATCHMAKER_{service.upper()}_PORT"


def _told(root: Path) -> dict[str, str]:
    """The variables of `.env` and of the shell, which overrides it."""
    told: dict[str, str] = {}
    with contextlib.suppress(Problem):  # those who need the rest of .env say what is wrong with it
        told = dotenv(root)
    return told | {name: value for name, value in os.environ.items() if value}


def _ports(told: Mapping[str, str], by_service: Mapping[str, object]) -> dict[str, int]:
    """The ports on 127.0.0.1: a variable overrides the port that the answers gave a service.

    Raises Problem if a variable isn't a port.
    """
    found = {}
    for service, port in by_service.items():
        name = port_variable(service)
        text = str(told.get(name, port))
        if not (re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) <= LAST_PORT):
            raise Problem(
                f"{name} is {text!r}, which is not a port.",
                f"Set it to a number from 1 to {LAST_PORT} in .env, or delete that line.",
            )
        found[service] = int(text)
    return found


def _urls(services: Iterable[str]) -> dict[str, str]:
    """Where other containers are. compose.yaml says so, in variables such as WORKSHOP_WEB_URL."""
    if CONTAINER not in os.environ:
        return {}
    names = [*services, "postgres", "forward"]
    named = {name: os.environ.get(f"WORKSHOP_{name.upper()}_URL") for name in names}
    return {name: url for name, url in named.items() if url}


def _bool(value: object) -> bool:
    if not isinstance(value, bool):  # any text would count as yes, even "no"
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _read_toml(root: Path, name: str) -> dict[str, Any]:
    path = root / "workshop" / name
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _broken(name, "is missing") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(name, f"cannot be read: {error}") from error


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    """The content of a TOML file. A command reads each file several times."""
    return tomllib.loads(text)


def _broken(name: str, what: str) -> Problem:
    return Problem(
        f"workshop/{name} {what}.",
        f"Copier writes that file; restore it with `workshop reset workshop/{name}` or "
        f"`git restore workshop/{name}`.",
    )
