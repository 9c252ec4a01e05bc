"""The record of what a trainee did: `.workshop/record.json`.

It says which checks passed and when, what the last check said, how many hints the trainee took, how
long each step took, and how a pairing looked before and after. It never contains code or a key. Of
a check, it has what that expected, and not what it saw. The instructor's command reads it, too.
There, it's a file from somebody else's machine, so `parse` accepts only what this module could have
written: known entries with the right types, in small numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from workshop import state_file
from workshop.traces.bars import Bar

FILE = "record.json"
VERSION = 2
"""Of the form. A reader refuses a record whose version it doesn't know."""
KNOWN = (1, VERSION)
"""The versions that this module reads. In version 1, a record lacks what has a default here."""
LARGEST = 300_000
"""Of the file, in bytes. With the most and longest bars, in any script, it has about 200,000."""
MOST_STEPS = 50
MOST_BARS = 60
"""In one waterfall."""
DEEPEST = 50
LONGEST_TEXT = 100
LONGEST_SENTENCE = 500
"""Of what a check says, in characters."""
MOST_LINES = 50
"""Of a check, and of what it said over time."""
LONGEST_MILLISECONDS = 3_600_000.0
LONGEST_SECONDS = 1_000_000.0
MOST = 100_000
"""Of anything else that is counted."""

T = TypeVar("T")


class Unusable(ValueError):
    """Why a record can't be used, in a few words."""


@dataclass(frozen=True)
class Picture:
    """The median one of some pairings."""

    milliseconds: float
    pairings: int
    spans: int
    """How many spans the trace has. The waterfall leaves out the framework's own."""
    bars: list[Bar]


@dataclass(frozen=True)
class Line:
    """What a check says about one requirement, without what it saw, which may be code."""

    name: str
    """What has to be true, in one sentence."""
    outcome: str
    """`pass`, `fail`, or `open`."""
    expected: str = ""
    hint: str = ""
    is_bonus: bool = False


@dataclass(frozen=True)
class Check:
    """The last check."""

    step: str
    """The slug of the step that it checked."""
    at: str
    """When it ran (ISO 8601)."""
    passed: bool
    lines: list[Line] = field(default_factory=list)
    problem: str = ""
    """Why nothing could be tested, in one sentence without code. Empty if something was."""

    @property
    def stopped_at(self) -> str:
        """The first requirement that isn't met. Empty if all are."""
        needed = [line for line in self.lines if not line.is_bonus]
        unmet = [line for line in needed if line.outcome == "fail"]
        unmet += [line for line in needed if line.outcome == "open"]
        return self.problem or (unmet[0].name if unmet else "")


@dataclass(frozen=True)
class Count:
    """How often something happened."""

    what: str
    """A requirement that stopped a check, or a question that got a wrong answer."""
    times: int


@dataclass(frozen=True)
class StepRecord:
    """One step. Steps that nobody worked on are missing."""

    slug: str
    passed: str = ""
    """When its check passed for the first time (ISO 8601). Empty if it isn't done."""
    seconds: float = 0.0
    """How long the trainee worked on it until then, as `record/pace.py` measures it."""
    hints: int = 0
    bonus: bool = False
    """Whether its bonus is done, too."""
    began: str = ""
    """When the trainee first did something at this step (ISO 8601). Empty if that is unknown."""
    checks: int = 0
    """How often its check ran."""
    stopped: list[Count] = field(default_factory=list)
    """Which requirement stopped how many of its checks: of each check, the first unmet one."""
    wrong: list[Count] = field(default_factory=list)
    """Which of its questions got how many wrong answers."""


@dataclass(frozen=True)
class Record:
    """Everything about one trainee."""

    version: int
    slug: str
    """The trainee's."""
    session: str
    at: str
    """When this was written (ISO 8601)."""
    step: str
    """The slug of the step where the trainee is."""
    steps: list[StepRecord] = field(default_factory=list)
    before: Picture | None = None
    """A pairing with the code from the start of the workshop."""
    after: Picture | None = None
    """A pairing with the trainee's code, measured at the same time."""
    finished: str = ""
    """When the trainee ran `workshop finish` last (ISO 8601). Empty if they haven't."""
    seen: str = ""
    """The last sign of the trainee (ISO 8601). Empty if that is unknown."""
    check: Check | None = None

    def of(self, slug: str) -> StepRecord:
        """What is known about a step."""
        return next((one for one in self.steps if one.slug == slug), StepRecord(slug))


def write(run_dir: Path, record: Record) -> None:
    """Save the record. Raises Problem."""
    state_file.write(run_dir / FILE, asdict(record))


def read(run_dir: Path) -> Record | None:
    """This trainee's own record. None if there is none, or it isn't usable."""
    try:
        return parse((run_dir / FILE).read_bytes())
    except (OSError, Unusable):
        return None


def parse(content: bytes) -> Record:
    """Read a record from anywhere. Raises Unusable."""
    if len(content) > LARGEST:
        raise Unusable(f"it has more than {LARGEST:,} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise Unusable("it isn't JSON") from None
    if isinstance(data, dict) and data.get("version") not in (*KNOWN, None):
        raise Unusable("another version of the workshop wrote it")
    record = _built(Record, data, "it")
    steps = [_step(one) for one in record.steps]
    before, after = (_picture(data.get(name)) for name in ("before", "after"))
    check = _check(data.get("check"))
    _require(all((record.slug, *(one.slug for one in steps))), "a slug is empty")
    times = [record.at, record.finished, record.seen, check.at if check else record.at]
    times += [when for one in steps for when in (one.passed, one.began)]
    _require(all(is_time(when) for when in times if when), "a time isn't one")
    _require(bool(record.at), "it has no time")
    _require(len(steps) <= MOST_STEPS, "it has too many steps")
    _require(len({one.slug for one in steps}) == len(steps), "it has a step twice")
    for one in steps:
        _require(0 <= one.seconds <= LONGEST_SECONDS, "a step took impossibly long")
        _require(0 <= one.hints <= MOST, "a step has impossibly many hints")
    # Only `workshop finish` wrote the first version.
    finished = record.at if record.version == 1 else record.finished
    return replace(record, steps=steps, before=before, after=after, check=check, finished=finished)


def _step(data: object) -> StepRecord:
    step = _built(StepRecord, data, "a step")
    stopped, wrong = (
        [_built(Count, one, "a count") for one in some] for some in (step.stopped, step.wrong)
    )
    _require(max(len(stopped), len(wrong)) <= MOST_LINES, "a step has too many counts")
    _require(all(0 < one.times <= MOST for one in (*stopped, *wrong)), "a number is impossible")
    _require(0 <= step.checks <= MOST, "a number is impossible")
    return replace(step, stopped=stopped, wrong=wrong)


def _check(data: object) -> Check | None:
    if data is None:
        return None
    check = _built(Check, data, "a check")
    lines = [_built(Line, one, "a line of a check") for one in check.lines]
    _require(bool(check.step and check.at), "a check has no step, or no time")
    _require(len(lines) <= MOST_LINES, "a check has too many lines")
    _require(all(one.outcome in ("pass", "fail", "open") for one in lines), "an outcome isn't one")
    return replace(check, lines=lines)


def _picture(data: object) -> Picture | None:
    if data is None:
        return None
    picture = _built(Picture, data, "a waterfall")
    bars = [_built(Bar, one, "a bar") for one in picture.bars]
    _require(0 < len(bars) <= MOST_BARS, "a waterfall has no bars, or too many")
    _require(0 < picture.milliseconds <= LONGEST_MILLISECONDS, "a pairing took impossibly long")
    _require(0 < picture.pairings <= MOST and 0 < picture.spans <= MOST, "a number is impossible")
    for bar in bars:
        fits = 0 <= bar.length <= LONGEST_MILLISECONDS and abs(bar.start) <= LONGEST_MILLISECONDS
        _require(fits and 0 <= bar.depth <= DEEPEST, "a bar is out of place")
    return Picture(picture.milliseconds, picture.pairings, picture.spans, bars)


def _built(kind: Callable[..., T], data: Any, what: str) -> T:
    """An object of a dataclass, without its parts. Raises Unusable if something is missing."""
    known = state_file.known(kind, data)  # type: ignore[arg-type]
    _require(isinstance(data, dict) and {*data} == {*known}, f"{what} has unexpected entries")
    longest = LONGEST_SENTENCE if kind in (Check, Count, Line) else LONGEST_TEXT
    for value in known.values():
        if isinstance(value, str):
            _require(len(value) <= longest and value.isprintable(), "a text is too long, or odd")
    try:
        return kind(**known)
    except TypeError:
        raise Unusable(f"{what} lacks an entry") from None


def is_time(text: str) -> bool:
    """Whether a text is a time that a record may have (ISO 8601, with a zone)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return False
    return found.tzinfo is not None and 2000 < found.year < 2200


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Unusable(otherwise)
