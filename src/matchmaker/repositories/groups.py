"""Runs programs in the background, and ends each of them with everything that it started."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from matchmaker.repositories.git import GitError


class Groups:
    """The groups of processes that run now. Several threads can use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        out: IO[bytes],
        err: IO[bytes],
        seconds: float,
    ) -> int:
        """Run a command in a folder, and return its exit code.

        `out` and `err` are files and not pipes, which a process that it leaves behind could keep
        open. Raises GitError after `close`, and subprocess.TimeoutExpired when its time is up.
        """
        with self._lock:
            if self._is_closed:
                raise GitError("the command was stopped")
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                # So that nothing in it, such as ssh, can ask on our terminal, and all of it ends.
                start_new_session=True,
            )
            self._running.add(process)
        try:
            return process.wait(seconds)
        finally:
            with self._lock:
                _end(process)
                self._running.discard(process)

    def close(self) -> None:
        """End everything that still runs. After that, nothing can be run."""
        with self._lock:
            self._is_closed = True
            for process in self._running:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    # macOS raises PermissionError for a group whose processes have all ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
