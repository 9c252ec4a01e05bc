"""Runs one of the instructor's commands for one trainee."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workshop.moving import git_environment

from matchmaker.repositories.git import said_by, users_environment
from matchmaker.roster.masking import tame

SECONDS = 60.0
"""How long a command may take. Several run at once, and none can ask a person."""

_MOST = 1 << 14  # in bytes
_MOST_LINES = 5
_LINE = 300
_LOGIN = re.compile(r"(?<=://)[^/\s@]+(?=@)")


@dataclass(frozen=True)
class Outcome:
    """How a command ended. In the state `unknown`, it may have done its work or not."""

    state: Literal["done", "failed", "unknown"]
    said: str = ""
    """Why it isn't done, with what it printed, and without anything that looks like a secret."""


def run(words: Sequence[str], folder: Path) -> Outcome:
    """Run a command in a folder, in the user's own environment, without a terminal.

    When its time is up, we kill it and everything that it started.
    """
    users = users_environment()
    environment = {n: v for n, v in users.items() if n not in git_environment.MISLEADING}
    # A file and not a pipe, which a process that it leaves behind could keep open.
    with tempfile.TemporaryFile() as printed:
        try:
            process = subprocess.Popen(
                words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,  # so that it can't ask for a password in our terminal
            )
        except (OSError, ValueError) as error:
            return Outcome("failed", f"it cannot be run: {said_by(error)}")
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            said = f"it took longer than {SECONDS:.0f} seconds, and was stopped"
            return Outcome("unknown", said + _printed(printed.fileno()))
        if code == 0:
            return Outcome("done")
        if code < 0:
            return Outcome("unknown", f"it was ended by signal {-code}{_printed(printed.fileno())}")
        return Outcome("failed", f"it ended with exit code {code}{_printed(printed.fileno())}")


def _printed(file: int) -> str:
    """What it printed last, for the end of a message."""
    size = os.fstat(file).st_size
    end = os.pread(file, _MOST, max(0, size - _MOST))
    if size > _MOST:
        end = end.partition(b"\n")[2]  # because we couldn't recognize half of a secret
    text = tame(end)
    lines = [line.strip()[:_LINE] for line in text.splitlines() if line.strip()]
    said = _LOGIN.sub("…", " / ".join(lines[-_MOST_LINES:]))
    return f". It said: {said}" if said else ""
