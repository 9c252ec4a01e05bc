"""Runs one service's process: starts it, reads its output, probes it until ready, and ends it."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from workshop.problem import Problem
from workshop.settings import HOST
from workshop.stack import exits, leashed, processes, supervisor_file
from workshop.stack.leash import GRACE_SECONDS
from workshop.stack.leashed import Leash
from workshop.stack.services import Service
from workshop.stack.supervisor_file import ServiceState
from workshop.stack.tracebacks import LONGEST_TEXT, Raised, Tracebacks

READY_SECONDS = 30.0
BEAT_SECONDS = 1.5
ANSWER_SECONDS = 2.0
SILENT_SECONDS = 5.0
"""A busy service answers again within this time."""
LONGEST_LINE = 65_536
"""In characters. The terminal and the log get a longer line in pieces."""
LAST_WORDS_SECONDS = 10.0
"""An exception that the process printed earlier than this before its end isn't the cause."""
KILL_SECONDS = GRACE_SECONDS + 0.5

# Lines that never explain an end: what a server prints about itself, and about each request.
_SAYS_NOTHING = re.compile(r"HTTP/\d(\.\d)?\" \d{3}|^ \* |Press CTRL\+C|^\s{6,}")

Say = Callable[[str, str], None]
"""Takes a source (a service's name, or `workshop`) and a line. Any thread may call it."""


@dataclass(frozen=True)
class Ready:
    """The service's probe succeeded."""

    worker: Worker
    run: int


@dataclass(frozen=True)
class Late:
    """The service runs, but its probe hasn't succeeded within READY_SECONDS."""

    worker: Worker
    run: int


@dataclass(frozen=True)
class Exited:
    """The service's process ended, but nobody asked it to."""

    worker: Worker
    run: int
    code: int


@dataclass(frozen=True)
class Silent:
    """The service was ready and stopped answering, but its process still exists."""

    worker: Worker
    run: int
    why: str


Event = Ready | Late | Exited | Silent


class Worker:
    """Runs at most one process of a service, and reports what happens to it to a queue.

    Each start has its own run number, so you can recognize events from an earlier run.
    """

    def __init__(
        self, service: Service, log: Path, say: Say, events: SimpleQueue[Event], leash: Leash
    ) -> None:
        self.service = service
        self.state = ServiceState(service.port)
        self.run = 0
        self._ready_run = 0
        self.log = log
        self.environment: dict[str, str] = {}
        self._printed = _Printed(service.cwd)
        self._say = say
        self._events = events
        self._leash = leash
        self._process: subprocess.Popen[str] | None = None
        log.write_text("", encoding="utf-8")

    def start(self) -> None:
        """Begin a run. A Ready, Late, or Exited event reports how it goes."""
        self.run += 1
        self._printed = _Printed(self.service.cwd)
        self.set_state("starting")
        try:
            self.service.require_code()
            self.environment = self.service.environment()
        except Problem as problem:
            self.set_state("failed", problem.what.rstrip("."))
            self._say("workshop", f"{self.service.name}: {problem.what} {problem.remedy}")
            return
        self._process = self._leash.start(
            self.service.command(), self.service.cwd, self.environment
        )
        for task in (self._listen, self._attend):
            threading.Thread(target=task, args=(self._process, self.run), daemon=True).start()
        threading.Thread(target=self._end_with, args=(self._process,), daemon=True).start()

    def let_go(self) -> None:
        """Ask the process to end. `stop` waits until it does."""
        self.run += 1  # from here on, nothing that happens to this run is a surprise
        if self._process and self._process.poll() is None:
            leashed.send(self._process, signal.SIGTERM)

    def stop(self) -> None:
        """End the process and all its children, by force if they take too long."""
        self.let_go()
        if self._process:
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                leashed.send(self._process, signal.SIGKILL)
            self._end_with(self._process)
        self.set_state("stopped")

    def set_state(self, state: str, detail: str = "") -> None:
        """Record what the service is doing, and since when."""
        pid, now = self._service_pid(), time.time()
        ready_at = self.state.ready_at
        if state == "ready" and self._ready_run != self.run:  # and not after a silence
            self._ready_run = self.run
            ready_at = [*ready_at[-19:], now]
        self.state = ServiceState(self.service.port, state, pid, now, detail, ready_at)

    def keep_to(self, service: Service) -> None:
        """Use another description of the service from its next start on."""
        self.service = replace(service, chatter=self.service.chatter)

    @property
    def became_ready(self) -> bool:
        """Whether the service worked at some moment of this run."""
        return self._ready_run == self.run

    def why_ended(self, code: int) -> str:
        """Why the process ended, according to its output or its exit code."""
        return self._printed.why_ended(code)

    def _service_pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def _end_with(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        self._leash.end(process)  # and its children, which would keep the pipe open

    def _listen(self, process: subprocess.Popen[str], run: int) -> None:
        assert process.stdout
        printed = self._printed
        # Read on even if the log fails: a service blocks if nobody reads its output.
        with _Log(self.log) as log:
            while line := process.stdout.readline(LONGEST_LINE):
                log.write(line)
                printed.add(line)
                # Its output while we end it isn't interesting either.
                if run == self.run and not re.search(self.service.chatter, line):
                    self._say(self.service.name, line.rstrip())
        self._events.put(Exited(self, run, process.wait()))

    def _attend(self, process: subprocess.Popen[str], run: int) -> None:
        """Report when the service is ready, when it stops answering, and when it answers again."""
        begin = time.monotonic()
        is_late = False
        while not self.service.is_ready():
            if not is_late and time.monotonic() > begin + READY_SECONDS:
                is_late = True
                self._events.put(Late(self, run))
            time.sleep(BEAT_SECONDS if is_late else 0.02)
            if run != self.run or process.poll() is not None:
                return
        self._events.put(Ready(self, run))
        answered = time.monotonic()
        is_silent = False
        while run == self.run and process.poll() is None:
            time.sleep(BEAT_SECONDS)
            why = self._silence()
            if not why:
                answered = time.monotonic()
                if is_silent:
                    self._events.put(Ready(self, run))
            elif not is_silent and (
                time.monotonic() - answered > SILENT_SECONDS or why == supervisor_file.STOPPED
            ):
                self._events.put(Silent(self, run, why))
            else:
                continue
            is_silent = bool(why)

    def _silence(self) -> str:
        """Why the service doesn't answer. Empty if it does.

        This sends no request, which would end up in the service's log and traces. A working server
        accepts a connection, and closes it when the other side does.
        """
        pid = self._service_pid()
        if pid and processes.is_stopped(pid):
            return supervisor_file.STOPPED
        try:
            with socket.create_connection((HOST, self.service.port), ANSWER_SECONDS) as connection:
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)
        except ConnectionRefusedError:
            return f"no longer listens on port {self.service.port}"
        except ConnectionError:
            return ""  # it accepted, and was too busy to close cleanly
        except OSError:
            return "does not answer"
        return ""


class _Log:
    """A file to append to. It is created again if somebody deletes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, text: str) -> None:
        """Append some text. If that fails, for example on a full disk, the text is lost."""
        try:
            if self._file is None or not self._path.exists():
                self._close()
                self._file = self._path.open("a", encoding="utf-8")
            self._file.write(text)
            self._file.flush()
        except OSError:
            self._close()

    def _close(self) -> None:
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


class _Printed:
    """The part of a process's output that may explain why it ended."""

    def __init__(self, root: Path) -> None:
        self._tracebacks = Tracebacks(root)
        self._raised: Raised | None = None
        self._raised_at = 0.0
        self._line = ""

    def add(self, line: str) -> None:
        """Take the next line."""
        self._tracebacks.feed(line)
        last = self._tracebacks.found[-1] if self._tracebacks.found else None
        if last is not self._raised:
            self._raised, self._raised_at = last, time.monotonic()
        if line.strip() and not _SAYS_NOTHING.search(line):
            self._line = line.strip()[:LONGEST_TEXT]

    def why_ended(self, code: int) -> str:
        """The exception that ended it, or what its exit code means and its last line."""
        is_new = time.monotonic() - self._raised_at < LAST_WORDS_SECONDS
        if code == 1 and self._raised and not self._raised.is_handled and is_new:
            return self._raised.sentence
        how = exits.explain(code)
        return f"{how}; it last said: {self._line}" if code > 0 and self._line else how
