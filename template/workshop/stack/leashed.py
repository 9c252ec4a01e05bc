"""Starts processes that end when this one does, even if this one is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from workshop.stack import leash, shell

_LEASH = [sys.executable, "-I", "-S", leash.__file__]


class Leash:
    """Starts commands in process groups of their own, and has one process that ends them all.

    That process, in leash.py, waits until this one is gone. If somebody ends it, `renew` starts
    another one. Any thread may call these methods.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[str]] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str], cwd: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen[str]:
        """Start a command. Read its output, which is text, from `stdout`.

        If the command doesn't exist, it prints that, and ends with the exit code 1.
        Raises OSError if the system can't start another process.
        """
        with self._lock:
            process = subprocess.Popen(
                [*_LEASH, *command],
                cwd=cwd,
                env=environment,
                stdin=self._held().stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            self._processes.add(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> None:
        """Kill what is left of the group of a process that `start` returned and that is over."""
        with self._lock:
            if process in self._processes:  # if not, the number may belong to somebody else by now
                send(process, signal.SIGKILL)
                self._processes.remove(process)
                self._tell(f"-{process.pid}\n")

    def renew(self) -> None:
        """Start the process that ends the others again, if somebody ended it."""
        with self._lock:
            if self._process:
                self._held()

    def close(self) -> None:
        """End every group that is left. Returns when they are gone."""
        with self._lock:
            if self._process and self._process.stdin:
                self._process.stdin.close()
                self._process.wait()
            self._process = None

    def _held(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                _LEASH,
                env=shell.base(),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._tell("".join(f"+{process.pid}\n" for process in self._processes))
        return self._process

    def _tell(self, text: str) -> None:
        if self._process and self._process.stdin:
            with contextlib.suppress(OSError):  # it was ended, and `renew` will tell it everything
                self._process.stdin.write(text.encode())


def send(process: subprocess.Popen[str], number: int) -> None:
    """Send a signal to the group of a process that `Leash.start` returned."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
