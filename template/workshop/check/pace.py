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


def note(settings: Settings) -> None:
    """Note a sign of the trainee at the current step. Does nothing if the file can't be written."""
    with contextlib.suppress(Problem, OSError, StopIteration):
        slug = next(one.slug for one in steps(settings.root) if one.number == settings.step)
        with _changing(settings.run_dir) as journal:
            _add(journal, slug)


def passed(settings: Settings, slug: str, bonus: bool) -> None:
    """Record that a step's check passed, and whether its bonus did."""
    with contextlib.suppress(Problem, OSError), _changing(settings.run_dir) as journal:
        _add(journal, journal.at or slug)
        pace = journal.steps.setdefault(slug, Pace())
        pace.passed = pace.passed or datetime.now().astimezone().isoformat(timespec="seconds")
        pace.bonus = pace.bonus or bonus


def _add(journal: _Journal, slug: str) -> None:
    """Add the time since the last sign to the step where that was. `slug` is the step now."""
    now = time.time()
    pace = journal.steps.get(journal.at)
    if pace and not pace.passed and 0 < now - journal.last <= BREAK_SECONDS:
        pace.seconds = round(pace.seconds + now - journal.last, 1)
    journal.steps.setdefault(slug, Pace())
    journal.at, journal.last = slug, now


def _read(run_dir: Path) -> _Journal:
    data = state_file.mapping(run_dir / FILE)
    found = data.get("steps")
    entries = found.items() if isinstance(found, dict) else ()
    known = state_file.known(_Journal, {**data, "steps": {}})
    return _Journal(**known | {"steps": {k: Pace(**state_file.known(Pace, v)) for k, v in entries}})


@contextlib.contextmanager
def _changing(run_dir: Path) -> Iterator[_Journal]:
    """The journal, which is saved at the end of the block. Raises Problem if that's impossible."""
    # Somebody else's command, such as an instructor's as root, is no sign of the trainee.
    if not run_dir.is_dir() or run_dir.stat().st_uid != os.geteuid():
        raise Problem(f"{run_dir} belongs to somebody else.")
    deadline = time.monotonic() + WAIT_SECONDS
    while (lock := state_file.lock(run_dir / LOCK)) is None:
        if time.monotonic() > deadline:
            raise Problem(f"{run_dir / FILE} is in use.")
        time.sleep(0.01)
    with lock:
        journal = _read(run_dir)
        yield journal
        state_file.write(run_dir / FILE, asdict(journal))
