"""Runs git with other machines in the background, where nobody can end it if they don't answer."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from matchmaker.repositories.git import GitError, asking, reason_in
from matchmaker.repositories.hosts import Hosts


class Unanswered(GitError):
    """The other machine didn't answer in time. The text says how long that was."""


class Failed(GitError):
    """Git ended with an error. `printed` is everything that it printed about that."""

    def __init__(self, printed: str) -> None:
        super().__init__(reason_in(printed))
        self.printed = printed


class Limited:
    """Runs git from several threads, and ends everything that still runs when the block ends."""

    def __init__(self, at_once: int) -> None:
        """`at_once` is the number of threads."""
        self._hosts = Hosts(at_once)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def __enter__(self) -> "Limited":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_over = True
            for process in self._running:
                _end(process)

    def git(
        self, folder: Path, *arguments: str, url: str, variables: Mapping[str, str], seconds: float
    ) -> str:
        """Run git as the user would, and return its output. `variables` keep it from prompting.

        When its time is up, we kill it and everything that it started. Raises Failed, Unanswered,
        and GitError if the host of `url` didn't answer before.
        """
        with self._hosts.asked(url):
            return self._git(folder, arguments, variables, seconds)

    def _git(
        self, folder: Path, arguments: Sequence[str], variables: Mapping[str, str], seconds: float
    ) -> str:
        # Files and not pipes, which a process that it leaves behind could keep open.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with self._lock:
                if self._is_over:
                    raise GitError("the command was stopped")
                process = subprocess.Popen(
                    ["git", *arguments],
                    cwd=folder,
                    env={**asking(), **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,  # so that we can end ssh and git's helpers with it
                )
                self._running.add(process)
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise Unanswered(f"no answer within {seconds:.0f} seconds") from None
            finally:
                with self._lock:
                    _end(process)
                    self._running.discard(process)
            out.seek(0)
            err.seek(0)
            said = out.read().decode("utf-8", "surrogateescape")
            if code:
                raise Failed(err.read().decode("utf-8", "surrogateescape") + said)
            return said


def _end(process: subprocess.Popen[bytes]) -> None:
    # macOS raises PermissionError for a group whose processes have all ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
