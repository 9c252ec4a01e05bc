"""One service's process: started, listened to, probed until it is ready, and ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import psutil

from workshop import leash
from workshop.problem import Problem
from workshop.run_state import ServiceState
from workshop.services import Service

READY_SECONDS = 30.0
KILL_SECONDS = leash.GRACE_SECONDS + 0.5

Say = Callable[[str, str], None]
"""Takes a line and where it comes from: a service's name, or `workshop`. Called from any thread."""


@dataclass(frozen=True)
class Ready:
    """The service's probe succeeded."""

    worker: Worker
    run: int


@dataclass(frozen=True)
class Late:
    """The service runs, but its probe has not succeeded in READY_SECONDS."""

    worker: Worker
    run: int


@dataclass(frozen=True)
class Exited:
    """The service's process ended, unasked."""

    worker: Worker
    run: int
    code: int


Event = Ready | Late | Exited


class Worker:
    """Keeps at most one process of a service, and reports what becomes of it to a queue.

    Each start is a run with a number of its own, and so events of an earlier run can be told apart.
    """

    def __init__(self, service: Service, log: Path, say: Say, events: SimpleQueue[Event]) -> None:
        self.service = service
        self.state = ServiceState(service.port)
        self.run = 0
        self.log = log
        self.environment: dict[str, str] = {}
        self.tail: deque[str] = deque(maxlen=100)
        self._say = say
        self._events = events
        self._process: subprocess.Popen[str] | None = None
        log.write_text("", encoding="utf-8")

    def start(self) -> None:
        """Begin a run; a Ready, Late or Exited tells how it goes."""
        self.run += 1
        self.tail.clear()
        self.set_state("starting")
        try:
            self.service.require_code()
            self.environment = self.service.environment()
        except Problem as problem:
            self.set_state("failed", problem.what.rstrip("."))
            self._say("workshop", f"{self.service.name}: {problem.what} {problem.remedy}")
            return
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", leash.__file__, *self.service.command()],
            cwd=self.service.cwd,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        for task in (self._listen, self._probe):
            threading.Thread(target=task, args=(self._process, self.run), daemon=True).start()
        threading.Thread(target=_end_with, args=(self._process,), daemon=True).start()

    def let_go(self) -> None:
        """Ask for the end of the process; `stop` waits for it."""
        self.run += 1  # whatever still happens to this run was asked for
        if self._process and self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def stop(self) -> None:
        """End the process and all its children, by force when they take longer than a moment."""
        self.let_go()
        if self._process:
            try:
                self._process.wait(KILL_SECONDS)
            except subprocess.TimeoutExpired:
                _kill_group(self._process)
                self._process.wait()
        self.set_state("stopped")

    def set_state(self, state: str, detail: str = "") -> None:
        """Note what the service is doing, and since when."""
        pid, now = None, time.time()
        ready_at = self.state.ready_at
        if state == "ready":
            pid = self._service_pid()
            ready_at = [*ready_at[-19:], now]
        self.state = ServiceState(self.service.port, state, pid, now, detail, ready_at)

    def last_error(self) -> str:
        """The error that the process printed last, with file and line where it named them."""
        return last_error(list(self.tail), self.service.cwd)

    def _service_pid(self) -> int | None:
        if self._process:
            with contextlib.suppress(psutil.Error, IndexError):
                return int(psutil.Process(self._process.pid).children()[0].pid)
        return None

    def _listen(self, process: subprocess.Popen[str], run: int) -> None:
        assert process.stdout
        with self.log.open("a", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                self.tail.append(line.rstrip())
                # What it says while it is ended is of no interest either.
                if run == self.run and not re.search(self.service.chatter, line):
                    self._say(self.service.name, line.rstrip())
        self._events.put(Exited(self, run, process.wait()))

    def _probe(self, process: subprocess.Popen[str], run: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while run == self.run and process.poll() is None:
            if self.service.is_ready():
                self._events.put(Ready(self, run))
                return
            if time.monotonic() > deadline:
                self._events.put(Late(self, run))
                return
            time.sleep(0.05)


def last_error(lines: list[str], root: Path) -> str:
    """Pick out of a program's last lines what killed it: `NameError: …, in app.py line 12`.

    Without a traceback it is the last line that says anything; empty when there is none.
    """
    said = [line.strip() for line in lines if line.strip()]
    if not said:
        return ""
    errors = [n for n, line in enumerate(said) if re.match(r"[A-Za-z_.]*(Error|Exception)\b", line)]
    if not errors:
        return said[-1]
    places = re.findall(r'File "(.+?)", line (\d+)', "\n".join(said[: errors[-1]]))
    own = [p for p in places if Path(p[0]).parent == root] or places
    if not own:
        return said[errors[-1]]
    path, number = own[-1]
    return f"{said[errors[-1]]}, in {Path(path).name} line {number}"


def _end_with(process: subprocess.Popen[str]) -> None:
    process.wait()
    _kill_group(process)  # its own children; they would also keep the pipe open


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
