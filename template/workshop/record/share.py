"""Shares the record with the instructor, if the trainee's answers say so.

It goes to REF on the remote `origin`, as a commit without a parent that has one file. Another
process pushes it (push.py), so no command waits for a network. Nothing is sent before a check has
said so.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from workshop import state_file
from workshop.moving.git import run
from workshop.problem import Problem
from workshop.record import form, pace
from workshop.settings import SHARE_PROGRESS, Settings, dotenv

REF = "refs/workshop/progress"
FILE = "shared.json"
LOCK = "share.lock"
YES = ("1", "on", "true", "yes")
"""The values of SHARE_PROGRESS that don't switch sharing off."""


@dataclass
class Shared:
    """What became of sharing so far."""

    announced: list[str] = field(default_factory=list)
    """The addresses that a check named to the trainee."""
    at: str = ""
    """When the record arrived last (ISO 8601). Empty if it never did."""
    tried: float = 0.0
    """When the last attempt began, in seconds since the epoch."""
    problem: str = ""
    """Why the last attempt failed. Empty if it didn't."""


def announcement(settings: Settings) -> str:
    """What to print after the first check that shares the record. It begins to share it, too.

    Empty after other checks, and if this workshop shares nothing.
    """
    with contextlib.suppress(Problem, OSError):
        if not (addresses := _where(settings)) or _are_announced(settings, addresses):
            return ""
        note(settings.run_dir, announced=_shown(addresses))
        with contextlib.suppress(Problem, OSError):  # the next command tries again, without a word
            _start(settings)
        return (
            "From now on, this workshop tells your instructor how far you are: which steps are "
            "done and when, how many hints you took, and what the last check expected. Your code "
            f"isn't in it. It goes to {REF} of {' and '.join(_shown(addresses))}, and you can "
            f"read it in .workshop/{form.FILE}. To stop it, add a line to .env: "
            f"{SHARE_PROGRESS}=false"
        )
    return ""


def send(settings: Settings) -> None:
    """Share the newest record in the background. Never fails a command."""
    with contextlib.suppress(Problem, OSError):
        if (addresses := _where(settings)) and _are_announced(settings, addresses):
            _start(settings)


def state(settings: Settings) -> tuple[bool, str]:
    """Whether all is well with sharing, and a sentence about it.

    The sentence is empty if this workshop shares nothing.
    """
    if not settings.share_progress or not pace.is_own(settings.run_dir):
        return True, ""
    try:
        if _is_switched_off(settings):
            return True, f"Your progress isn't shared: {SHARE_PROGRESS} is off."
        if not (addresses := _where(settings)):
            return True, ""
        shared = read(settings.run_dir)
        if not _are_announced(settings, addresses):
            return True, "Your progress isn't shared yet. The next `workshop check` begins with it."
        ago = _ago(shared.at)
        if shared.problem:
            since = f" It arrived last {ago}." if ago else ""
            return False, f"Your progress couldn't be shared: {shared.problem}{since}"
        if ago:
            return True, f"Your progress was shared {ago}."
        return True, "Your progress is being shared for the first time."
    except Problem as problem:  # in .env, for example
        return False, f"Your progress couldn't be shared: {problem.what}"


def addresses_of(settings: Settings) -> list[str]:
    """Where the record goes now. Empty if it isn't shared. Raises Problem."""
    addresses = _where(settings)
    return addresses if _are_announced(settings, addresses) else []


def read(run_dir: Path) -> Shared:
    """What became of sharing so far."""
    return Shared(**state_file.known(Shared, state_file.mapping(run_dir / FILE)))


def note(run_dir: Path, **news: object) -> None:
    """Change what is known about sharing. Raises Problem."""
    known = asdict(read(run_dir))
    state_file.write(run_dir / FILE, {**known, **news})


def _where(settings: Settings) -> list[str]:
    """The addresses of `origin`. Empty if the trainee doesn't share, or there are none."""
    is_meant = settings.share_progress and pace.is_own(settings.run_dir)
    if not is_meant or _is_switched_off(settings):
        return []
    # In a folder of a larger repository, `origin` is something else's.
    if not (settings.root / ".git").exists():
        return []
    # Read the addresses alone. The rest of the repository's settings can name programs to run.
    said = run(
        settings.root, "config", "--local", "-z", "--get-regexp", r"^remote\.origin\.(push)?url$"
    ).stdout
    entries = [entry.partition("\n") for entry in said.split("\0") if entry]
    pushed_to = [address for name, _, address in entries if name.endswith("pushurl")]
    found = pushed_to or [address for _, _, address in entries]
    return [_absolute(settings.root, address) for address in dict.fromkeys(found) if address]


def _absolute(root: Path, address: str) -> str:
    """The address, as git understands it in any folder."""
    is_local = ":" not in address.partition("/")[0]
    return os.path.normpath(root / address) if is_local else address


def _is_switched_off(settings: Settings) -> bool:
    """Whether the shell or `.env` says so. Any other word than a yes counts as a no."""
    said: list[Mapping[str, str]] = [os.environ, dotenv(settings.root)]
    values = [one[SHARE_PROGRESS] for one in said if one.get(SHARE_PROGRESS)]
    return any(value.strip().lower() not in YES for value in values)


def _are_announced(settings: Settings, addresses: list[str]) -> bool:
    return bool(addresses) and read(settings.run_dir).announced == _shown(addresses)


def _shown(addresses: list[str]) -> list[str]:
    """The addresses without passwords and tokens."""
    return [tame(address) for address in addresses]


def tame(text: str) -> str:
    """A text without what an address has for logging in, and without control characters."""
    plain = re.sub(r"(?<=://)[^/\s]*@", "", text)
    return "".join(sign if sign.isprintable() else " " for sign in plain)


def _start(settings: Settings) -> None:
    """Start the process that pushes, unless it runs and will see the new record by itself."""
    lock = state_file.lock(settings.run_dir / LOCK)
    if lock is None:
        return
    lock.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "workshop.record.push"],
        cwd=settings.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so it outlives this command, and has no terminal to ask on
    )
    threading.Thread(target=process.wait, daemon=True).start()  # the console lives on


def _ago(at: str) -> str:
    """How long ago a time was, in words. Empty if it isn't one."""
    if not form.is_time(at):
        return ""
    seconds = max(0.0, time.time() - datetime.fromisoformat(at).timestamp())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "less than a minute ago"
