"""Records how long a trainee works on each step, in `.workshop/pace.json`.

Nobody presses a button at the start of a step or before a break. So this adds up the time between
signs of the trainee: commands, checks, and pages of the console. It counts a time for the step at
which it began, until that step's check has passed once. A pause of more than BREAK_SECONDS doesn't
count. So lunch, a laptop that sleeps, and a clock that jumps add nothing.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from workshop import state_file
from workshop.problem import Problem
from workshop.settings import Settings, steps

FILE = "pace.json"
LOCK = "pace.lock"
BREAK_SECONDS = 30 * 60
WAIT_SECONDS = 2.0
"""How long to wait for another command that is writing the file, which takes milliseconds."""


@dataclass
class Pace:
    """What is known about one step."""

    seconds: float = 0.0
    """How long the trainee worked on it, until its check passed."""
    passed: str = ""
    """When its check passed for the first time (ISO 8601). Empty if it hasn't."""
    bonus: bool = False
    """Whether its bonus passed, too."""
    began: str = ""
    """When the first sign at this step was (ISO 8601). Empty if that is unknown."""
    checks: int = 0
    """How often its check ran."""
    stopped: dict[str, int] = field(default_factory=dict)
    """By the name of a requirement: how many of its checks that was the first unmet one of."""


@dataclass
class _Journal:
    at: str = ""
    """The slug of the step at the last sign."""
    last: float = 0.0
    """When that was, in seconds since the epoch."""
    steps: dict[str, Pace] = field(default_factory=dict)


def read(run_dir: Path) -> dict[str, Pace]:
    """What is known, by the slug of each step. Steps without a sign are missing."""
    return _read(run_dir).steps


def last_sign(run_dir: Path) -> str:
    """When the last sign of the trainee was (ISO 8601). Empty if there was none."""
    try:
        last = _read(run_dir).last
        return _iso(last) if last else ""
    except (OSError, OverflowError, ValueError):  # no time of this world
        return ""


def is_own(run_dir: Path) -> bool:
    """Whether the folder exists, and belongs to the user who runs this.

    Somebody else's command, such as an instructor's as root, is no sign of the trainee.
    """
    return run_dir.is_dir() and run_dir.stat().st_uid == os.geteuid()


def note(settings: Settings) -> None:
    """Note a sign of the trainee at the current step. Does nothing if the file can't be written."""
    with contextlib.suppress(Problem, OSError, StopIteration):
        slug = next(one.slug for one in steps(settings.root) if one.number == settings.step)
        with _changing(settings.run_dir) as journal:
            _add(journal, slug)


def checked(settings: Settings, slug: str, passed: bool, bonus: bool, stopped_at: str) -> None:
    """Note the result of a step's check: whether it and its bonus passed, and what stopped it."""
    with contextlib.suppress(Problem, OSError), _changing(settings.run_dir) as journal:
        _add(journal, journal.at or slug)
        pace = journal.steps.setdefault(slug, Pace(began=_iso(journal.last)))
        pace.checks += 1
        if stopped_at:
            pace.stopped[stopped_at] = pace.stopped.get(stopped_at, 0) + 1
        if passed:
            pace.passed = pace.passed or _iso(time.time())
            pace.bonus = pace.bonus or bonus


def _add(journal: _Journal, slug: str) -> None:
    """Add the time since the last sign to the step where that was. `slug` is the step now."""
    now = time.time()
    pace = journal.steps.get(journal.at)
    if pace and not pace.passed and 0 < now - journal.last <= BREAK_SECONDS:
        pace.seconds = round(pace.seconds + now - journal.last, 1)
    journal.steps.setdefault(slug, Pace(began=_iso(now)))
    journal.at, journal.last = slug, now


def _read(run_dir: Path) -> _Journal:
    data = state_file.mapping(run_dir / FILE)
    found = data.get("steps")
    entries = found.items() if isinstance(found, dict) else ()
    known = state_file.known(_Journal, {**data, "steps": {}})
    return _Journal(**known | {"steps": {k: Pace(**state_file.known(Pace, v)) for k, v in entries}})


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


@contextlib.contextmanager
def _changing(run_dir: Path) -> Iterator[_Journal]:
    """The journal, which is saved at the end of the block. Raises Problem if that's impossible."""
    if not is_own(run_dir):
        raise Problem(f"{run_dir} belongs to somebody else.")
    with alone(run_dir):
        journal = _read(run_dir)
        yield journal
        state_file.write(run_dir / FILE, asdict(journal))


@contextlib.contextmanager
def alone(run_dir: Path) -> Iterator[None]:
    """Keep other commands from changing what is noted during the block. Raises Problem."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (lock := state_file.lock(run_dir / LOCK)) is None:
        if time.monotonic() > deadline:
            raise Problem(f"{run_dir / FILE} is in use.", "Try again in a moment.")
        time.sleep(0.01)
    with lock:
        yield
