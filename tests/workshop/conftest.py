"""Workshops to run: each with ports of its own, and nothing left of them afterwards."""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from workshop import settings
from workshop.stack import supervisor_file
from workshop.stack.supervisor_file import RunState

from tests.conftest import Render, git
from tests.stack import DEADLINE_SECONDS, until


def processes_in(folder: Path) -> list[psutil.Process]:
    """All processes that run in a folder, or below it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


# Below the range from which the system takes ports for connections, and one part of it a worker.
_worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
_candidates = itertools.cycle(range(11000 + 500 * _worker, 11500 + 500 * _worker))


def free_port() -> int:
    """A port that nobody listens on, and that no other test gets soon."""
    for port in _candidates:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no free port")


def _hear_of_a_hangup() -> None:
    """As a program that a terminal starts; `nohup` hands on to all below it that they don't."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass
class Workshop:
    """A trainee's repository, and what a trainee does in it."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    """What the trainee's shell has set."""

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run `workshop …` to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=DEADLINE_SECONDS * 2,
        )

    def up(self) -> subprocess.Popen[str]:
        """Run `workshop up` in the foreground, until the services have settled."""
        process = self.begin(self.command("up"))
        until(lambda: (self.state and self.state.settled) or process.poll() is not None)
        return process

    def begin(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a program whose output is in `self.output`."""
        with self.log.open("w") as log:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
                preexec_fn=_hear_of_a_hangup,
            )

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file, as an editor does."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def pids(self) -> dict[str, int | None]:
        """The process of each service."""
        assert self.state
        return {name: service.pid for name, service in self.state.services.items()}

    def is_ready(self, name: str) -> bool:
        """Whether a service is ready now."""
        return bool(self.state and self.state.services[name].state == "ready")

    @staticmethod
    def command(*arguments: str) -> list[str]:
        """How `workshop …` is started."""
        return [sys.executable, "-m", "workshop", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the trainee's shell."""
        return {**os.environ, "PYTHONIOENCODING": "utf-8", **self.variables}

    @property
    def log(self) -> Path:
        """Where the output of a program in the foreground goes."""
        return self.root.parent / "output"

    @property
    def output(self) -> str:
        """What a program in the foreground has said so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def state(self) -> RunState | None:
        """What runs, as the command knows it."""
        return supervisor_file.read(self.root / ".workshop")

    @property
    def settings(self) -> settings.Settings:
        """What the repository was generated for."""
        return settings.load(self.root)


REDIS_THAT_TELLS = """#!{python} -IS
import json, os, sys
with open({told!r}, "w") as file:
    json.dump(dict(os.environ), file)
os.execv({redis!r}, [{redis!r}, *sys.argv[1:]])
"""


def told_to_services(workshop: Workshop, folder: Path) -> Callable[[str], dict[str, str]]:
    """Ask for the environment of a service's process by the service's name.

    Call it before the start: a redis-server writes its title over its environment, so one that
    writes it down first goes into `folder`, and `folder` into the path.
    """
    told = folder / "told.json"
    if redis := shutil.which("redis-server"):
        script = folder / "redis-server"
        script.write_text(
            REDIS_THAT_TELLS.format(python=sys.executable, told=str(told), redis=redis)
        )
        script.chmod(0o755)
        path = workshop.environment["PATH"]
        workshop.variables = {**workshop.variables, "PATH": f"{folder}{os.pathsep}{path}"}

    def ask(name: str) -> dict[str, str]:
        if name == "redis" and redis:
            environment: dict[str, str] = json.loads(told.read_text())
            return environment
        pid = workshop.pids()[name]
        assert pid
        return psutil.Process(pid).environ()

    return ask


def move_to_free_ports(root: Path) -> None:
    """Give a repository ports that nobody uses."""
    path = root / "workshop" / "settings.toml"
    text = path.read_text(encoding="utf-8")
    for name in ("web", "taster", "redis", "agent", "console"):
        text, count = re.subn(rf"(?m)^{name} = \d+$", f"{name} = {free_port()}", text)
        assert count == 1
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def traced(render: Render) -> Path:
    """A repository in which everything is traced."""
    return render(step=8, trainee_name="Zoë")


@pytest.fixture
def workshop(traced: Path, tmp_path: Path) -> Iterator[Workshop]:
    """A git repository at step 8 with free ports; all that runs in it is ended after the test."""
    root = Path(shutil.copytree(traced, tmp_path / "workshop"))
    move_to_free_ports(root)
    (root / ".env").chmod(0o600)  # as the copy's task does
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Begin")
    yield Workshop(root)
    for process in processes_in(root):
        with contextlib.suppress(psutil.Error):
            process.kill()
