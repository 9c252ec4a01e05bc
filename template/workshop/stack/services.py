"""The four services as local processes: how each starts, and when it counts as ready."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workshop.settings import HOST, ROOT, Settings, dotenv
from workshop.stack import reach, shell
from workshop.stack.script import SCRIPTS, problem_of
from workshop.stack.told_agent import AGENT_URL, told_agent

AGENT_SERVER = Path(__file__).with_name("agent_server.py")

TOO_POWERFUL = ("CONFIG", "MODULE", "DEBUG", "REPLICAOF", "SLAVEOF")
"""Redis commands that the workshop doesn't need, and that can reach its user's files and code."""


@dataclass(frozen=True)
class Service:
    """One process of the stack."""

    name: str
    port: int
    cwd: Path
    command: Callable[[], list[str]]
    environment: Callable[[], dict[str, str]]
    """Called at every start, so that it picks up a changed `.env`."""
    is_ready: Callable[[], bool]
    is_trainees_code: bool
    """Whether saving a file may break or fix it. If not, it restarts without waiting for that."""
    script: str = ""
    """The trainee's file that it runs, in `cwd`."""
    is_optional: bool = False
    """Whether the others work without it. The start waits for it, but doesn't fail if it fails."""
    chatter: str = r"(?!)"
    """A pattern of uninteresting lines, which go only to the log file."""

    def require_code(self) -> None:
        """Raise Problem if Python can't run the trainee's file."""
        if self.script and (problem := problem_of(self.cwd / self.script)):
            raise problem

    def is_concerned_by(self, path: Path) -> bool:
        """Whether a change to that file requires a restart."""
        script = self.cwd / self.command()[-1]
        return self.is_trainees_code and path in own_modules(script)


def own_modules(script: Path) -> set[Path]:
    """A script, and all modules next to it that it imports, directly or indirectly.

    A file that Python can't parse now counts as importing nothing. The next time the trainee saves
    it, the script restarts.
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
    """The four services of a stack, in the order in which every list shows them."""
    ports, root, run_dir = settings.ports, settings.root, settings.run_dir
    # In a container, compose.yaml says it.
    forward_to = settings.urls.get("forward", "") if settings.container else settings.traces_to

    def of_the_trainee(name: str, port: int) -> Service:
        return Service(
            name=name,
            port=port,
            cwd=root,
            command=lambda: [sys.executable, SCRIPTS[name]],
            environment=lambda: traced_environment(settings, name),
            is_ready=lambda: reach.answers(f"http://{HOST}:{port}"),
            is_trainees_code=True,
            script=SCRIPTS[name],
        )

    return [
        of_the_trainee("web", ports.web),
        of_the_trainee("taster", ports.taster),
        Service(
            name="redis",
            port=ports.redis,
            cwd=run_dir,
            command=lambda: _redis_command(settings),
            environment=lambda: {**_environment(), "PYTHONPATH": str(ROOT)},
            is_ready=lambda: _pongs(ports.redis),
            is_trainees_code=False,
            chatter=r"oO0OoO0|Redis version=|Configuration loaded|Server initialized|overcommit",
        ),
        Service(
            name="agent",
            port=ports.agent,
            cwd=run_dir,
            command=lambda: agent_command(ports.agent, settings.bind, forward_to),
            # Nothing from the shell, because the test agent also takes its options from variables.
            # With DD_TRACE_AGENT_URL, it would forward traces there, even to itself in a loop.
            environment=_environment,
            is_ready=lambda: answers(ports.agent, "/info"),
            is_trainees_code=False,
            chatter=r"^=+ Running |Press CTRL\+C|^can't hand traces on",
        ),
    ]


def console_service(settings: Settings) -> Service:
    """The console. It isn't part of the system, but shows what the four services do."""
    port = settings.ports.console
    return Service(
        name="console",
        port=port,
        cwd=settings.root,
        command=lambda: [sys.executable, "-m", "workshop.console"],
        environment=lambda: {
            **shell.for_console(),
            "PYTHONUNBUFFERED": "1",
            "CONSOLE_HOST": settings.bind,
            "CONSOLE_PORT": str(port),
            "CONSOLE_WEB_URL": settings.url("web"),
            "CONSOLE_AGENT_URL": settings.url("agent"),
        },
        is_ready=lambda: reach.answers(f"http://{HOST}:{port}"),
        is_trainees_code=False,
        is_optional=True,
        chatter=r"",
    )


def traced_environment(settings: Settings, name: str) -> dict[str, str]:
    """The environment of `web` or `taster`.

    Later sources win: settings.toml, `.env`, the workshop's variables in the shell, the wiring of
    this stack, what compose.yaml gives to this container, `settings.overrides`. Only the agent gets
    the API key, never an application. Of the wiring, `.env` can override the agent's address: a
    step sets a wrong one on purpose.
    Applications don't get Flask's own variables either, because its debug mode would answer with
    a traceback in HTML.
    """
    ports = settings.ports
    wiring = {
        "MATCHMAKER_HOST": settings.bind,
        "MATCHMAKER_PORT": str(getattr(ports, name)),
        "DD_SERVICE": "matchmaker" if name == "web" else name,
        AGENT_URL: told_agent(settings) or settings.url("agent"),
        "FLASK_SKIP_DOTENV": "1",  # otherwise Flask loads all of `.env`
        "NETRC": os.devnull,  # otherwise requests sends passwords from ~/.netrc to the taster
        # Otherwise the tracer also reads the folder of an Agent on this machine. Some of its
        # settings override the environment, and others fill gaps in it.
        "_DD_SC_LOCAL_FILE_OVERRIDE": os.devnull,
        "_DD_SC_MANAGED_FILE_OVERRIDE": os.devnull,
    }
    if name == "web":
        wiring["MATCHMAKER_TASTER_URL"] = settings.url("taster")
        wiring["MATCHMAKER_REDIS_URL"] = f"{settings.url('redis')}/0"
    told = {
        **settings.environment,
        **dotenv(settings.root),
        **({} if settings.is_apart else shell.ours()),
    }
    if debug := told.pop("MATCHMAKER_TRACE_DEBUG", ""):
        told["DD_TRACE_DEBUG"] = debug
    kept = {k: v for k, v in told.items() if k != "DD_API_KEY" and not k.startswith("FLASK_")}
    composed = shell.of_container() if settings.container else {}
    return {**_environment(), **kept, **wiring, **composed, **settings.overrides}


def _environment() -> dict[str, str]:
    """The variables that all four services get."""
    here = shell.no_proxy()
    return {**shell.base(), "no_proxy": here, "NO_PROXY": here, "PYTHONUNBUFFERED": "1"}


def _redis_command(settings: Settings) -> list[str]:
    port = str(settings.ports.redis)
    found = shutil.which("redis-server")
    if not found:
        return [sys.executable, "-m", "workshop.stack.redis_server", port]
    # Any user of the machine can talk to Redis: nobody may make it write your files or run code.
    reduced = [part for name in TOO_POWERFUL for part in ("--rename-command", name, "")]
    in_memory = ["--save", "", "--appendonly", "no", "--dir", str(settings.run_dir)]
    return [found, "--port", port, "--bind", HOST, "--loglevel", "warning", *in_memory, *reduced]


def agent_command(port: int, bind: str = HOST, forward_to: str = "") -> list[str]:
    """The command that starts the test agent. It hands traces on to the agent at `forward_to`."""
    # It always listens for OTLP too, on two different ports. Two zeros count as the same port, so
    # the system picks one (0), and we pick the other.
    return [
        *[sys.executable, str(AGENT_SERVER), "--host", bind, "--port", str(port)],
        *["--otlp-http-port", "0", "--otlp-grpc-port", str(free_port()), "--log-level", "ERROR"],
        *["--snapshot-dir", ".", "--vcr-cassettes-directory", "vcr-cassettes"],
        # Otherwise anyone can ask it for a snapshot, and make it write to any file of its user.
        *["--snapshot-ci-mode", "1", "--vcr-ci-mode", "1"],
        *(["--agent-url", forward_to] if forward_to else []),
    ]


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on at the moment."""
    import random

    while True:
        # Don't let the system pick one (port 0): outgoing connections use the same range, and one
        # of them could take the port before the service does.
        port = random.randrange(15_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port


def answers(port: int, path: str) -> bool:
    """Whether a service on this machine answers a request with 200."""
    # Not with requests, which would take 10 MiB of a supervisor's memory for nothing else.
    from http.client import HTTPConnection, HTTPException

    with (
        contextlib.suppress(OSError, HTTPException),
        contextlib.closing(HTTPConnection(HOST, port, timeout=2)) as connection,
    ):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False


def _pongs(port: int) -> bool:
    # Importing Redis's client would take longer than Redis takes to start.
    with (
        contextlib.suppress(OSError),
        socket.create_connection((HOST, port), timeout=2) as connection,
    ):
        connection.sendall(b"*1\r\n$4\r\nPING\r\n")
        return connection.recv(5) == b"+PONG"
    return False
