"""The four services as local processes: how each is started, and when it counts as ready."""

from __future__ import annotations

import ast
import contextlib
import os
import random
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from workshop.settings import HOST, Settings, dotenv
from workshop.stack import shell
from workshop.stack.script import SCRIPTS, problem_of

NAMES = ("agent", "redis", "taster", "web")
AGENT_SERVER = Path(__file__).with_name("agent_server.py")

TOO_POWERFUL = ("CONFIG", "MODULE", "DEBUG", "REPLICAOF", "SLAVEOF")
"""Commands of Redis that the workshop does not use, and that lead to files and code of its user."""


@dataclass(frozen=True)
class Service:
    """One process of the stack."""

    name: str
    port: int
    cwd: Path
    command: Callable[[], list[str]]
    environment: Callable[[], dict[str, str]]
    """Asked at every start, so that a changed `.env` counts."""
    is_ready: Callable[[], bool]
    is_trainees_code: bool
    """Whether a save may break it and another mend it; else it is restarted by itself."""
    script: str = ""
    """The trainee's file that is run, in `cwd`."""
    is_optional: bool = False
    """Whether the others do without it: it is waited for, but nothing fails when it does."""
    chatter: str = r"(?!)"
    """A pattern of lines that tell nobody anything; they are in the log file only."""

    def require_code(self) -> None:
        """Raise Problem when the trainee's file is not there to be run."""
        if self.script and (problem := problem_of(self.cwd / self.script)):
            raise problem

    def is_concerned_by(self, path: Path) -> bool:
        """Whether a change of that file means a restart."""
        script = self.cwd / self.command()[-1]
        return self.is_trainees_code and path in own_modules(script)


def own_modules(script: Path) -> set[Path]:
    """A script of the repository, and all modules beside it that it imports, however indirectly.

    What cannot be read now counts as importing nothing; saving it will concern the script again.
    """
    found, unread = {script}, [script]
    while unread:
        try:
            tree = ast.parse(unread.pop().read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=aliases):
                    names = [alias.name for alias in aliases]
                case ast.ImportFrom(module=str(module)):
                    names = [module]
                case _:
                    continue
            new = {script.with_name(f"{name}.py") for name in names} - found
            unread += [path for path in new if path.is_file()]
            found |= new
    return found


def services(settings: Settings) -> list[Service]:
    """The four services of one stack, in the order in which they are listed everywhere."""
    ports, root, run_dir = settings.ports, settings.root, settings.run_dir

    def python(name: str) -> Callable[[], list[str]]:
        return lambda: [sys.executable, SCRIPTS[name]]

    return [
        Service(
            name="web",
            port=ports.web,
            cwd=root,
            command=python("web"),
            environment=lambda: traced_environment(settings, "web"),
            is_ready=lambda: _answers(ports.web, "/ping"),
            is_trainees_code=True,
            script=SCRIPTS["web"],
        ),
        Service(
            name="taster",
            port=ports.taster,
            cwd=root,
            command=python("taster"),
            environment=lambda: traced_environment(settings, "taster"),
            is_ready=lambda: _answers(ports.taster, "/ping"),
            is_trainees_code=True,
            script=SCRIPTS["taster"],
        ),
        Service(
            name="redis",
            port=ports.redis,
            cwd=run_dir,
            command=lambda: _redis_command(settings),
            environment=lambda: {**_environment(), "PYTHONPATH": str(root)},
            is_ready=lambda: _pongs(ports.redis),
            is_trainees_code=False,
            chatter=r"oO0OoO0|Redis version=|Configuration loaded|Server initialized|overcommit",
        ),
        Service(
            name="agent",
            port=ports.agent,
            cwd=run_dir,
            command=lambda: agent_command(ports.agent),
            # Nothing of the shell's: the test agent takes all its options from variables, too. With
            # DD_TRACE_AGENT_URL it would forward there, in a circle when that is itself.
            environment=_environment,
            is_ready=lambda: _answers(ports.agent, "/info"),
            is_trainees_code=False,
            chatter=r"^=+ Running |Press CTRL\+C",
        ),
    ]


def console_service(settings: Settings) -> Service:
    """The console, which is no part of the system: it shows what the four services do."""
    port = settings.ports.console
    return Service(
        name="console",
        port=port,
        cwd=settings.root,
        command=lambda: [sys.executable, "-m", "workshop.console"],
        environment=lambda: {
            **shell.for_console(),
            "PYTHONUNBUFFERED": "1",
            "CONSOLE_HOST": HOST,
            "CONSOLE_PORT": str(port),
            "CONSOLE_WEB_URL": f"http://{HOST}:{settings.ports.web}",
            "CONSOLE_AGENT_URL": f"http://{HOST}:{settings.ports.agent}",
        },
        is_ready=lambda: _answers(port, "/ping"),
        is_trainees_code=False,
        is_optional=True,
        chatter=r"",
    )


def traced_environment(settings: Settings, name: str) -> dict[str, str]:
    """The environment of `web` or `taster`.

    Later wins: settings.toml, `.env`, the shell by the names that are ours, the wiring of this
    stack, `settings.overrides`. The API key is the agent's business; no application ever gets it.
    Nor does one hear of Flask's own variables: its debug mode would answer with a traceback, in
    HTML.
    """
    ports = settings.ports
    wiring = {
        "MATCHMAKER_HOST": HOST,
        "MATCHMAKER_PORT": str(getattr(ports, name)),
        "DD_SERVICE": "matchmaker" if name == "web" else name,
        "DD_TRACE_AGENT_URL": f"http://{HOST}:{ports.agent}",
        "FLASK_SKIP_DOTENV": "1",  # else it takes up all of `.env` by itself, the key too
        "NETRC": os.devnull,  # else requests sends passwords of ~/.netrc to the taster
        # Else the tracer goes by what an Agent on this machine has in its folder, whose word is
        # above that of the environment, or else fills its gaps.
        "_DD_SC_LOCAL_FILE_OVERRIDE": os.devnull,
        "_DD_SC_MANAGED_FILE_OVERRIDE": os.devnull,
    }
    if name == "web":
        wiring["MATCHMAKER_TASTER_URL"] = f"http://{HOST}:{ports.taster}"
        wiring["MATCHMAKER_REDIS_URL"] = f"redis://{HOST}:{ports.redis}/0"
    told = {
        **settings.environment,
        **dotenv(settings.root),
        **({} if settings.is_apart else shell.ours()),
    }
    if debug := told.pop("MATCHMAKER_TRACE_DEBUG", ""):
        told["DD_TRACE_DEBUG"] = debug
    kept = {k: v for k, v in told.items() if k != "DD_API_KEY" and not k.startswith("FLASK_")}
    return {**_environment(), **kept, **wiring, **settings.overrides}


def keep_from_proxies() -> None:
    """Have this process, and all that it starts, reach this machine without the shell's proxy."""
    os.environ |= {"no_proxy": shell.no_proxy(), "NO_PROXY": shell.no_proxy()}


def _environment() -> dict[str, str]:
    """What each of the four services is told."""
    here = shell.no_proxy()
    return {**shell.base(), "no_proxy": here, "NO_PROXY": here, "PYTHONUNBUFFERED": "1"}


def _redis_command(settings: Settings) -> list[str]:
    port = str(settings.ports.redis)
    found = shutil.which("redis-server")
    if not found:
        return [sys.executable, "-m", "workshop.stack.redis_server", port]
    # Any user of the machine can talk to it: let none have it write files of yours, or run code.
    reduced = [part for name in TOO_POWERFUL for part in ("--rename-command", name, "")]
    in_memory = ["--save", "", "--appendonly", "no", "--dir", str(settings.run_dir)]
    return [found, "--port", port, "--bind", HOST, "--loglevel", "warning", *in_memory, *reduced]


def agent_command(port: int) -> list[str]:
    """How the test agent is started, to listen on 127.0.0.1:`port`."""
    # It insists on listening for OTLP too, on two different ports: one that the system picks (0),
    # and one that is free now, as two zeros count as the same port.
    return [
        *[sys.executable, str(AGENT_SERVER), "--host", HOST, "--port", str(port)],
        *["--otlp-http-port", "0", "--otlp-grpc-port", str(free_port()), "--log-level", "ERROR"],
        *["--snapshot-dir", ".", "--vcr-cassettes-directory", "vcr-cassettes"],
        # Else whoever asks it for a snapshot has it write one, to any file of its user's.
        *["--snapshot-ci-mode", "1", "--vcr-ci-mode", "1"],
    ]


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at the moment."""
    while True:
        # Not one that the system picks (port 0): those are also the ports of outgoing connections,
        # and one of these could have it before the service that it is meant for.
        port = random.randrange(15_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port


def _answers(port: int, path: str) -> bool:
    try:
        return requests.get(f"http://{HOST}:{port}{path}", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _pongs(port: int) -> bool:
    import redis  # only here: it takes longer to import than most commands take to run

    try:
        with redis.Redis(HOST, port, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
