"""Where one trainee is, as far as their record says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workshop.catalog import Step
from workshop.record.form import Record, StepRecord
from workshop.record.pace import BREAK_SECONDS

from matchmaker.progress.known import Known

QUIET_SECONDS = 20 * 60
"""After this long without a sign, we say so. A step has quiet minutes, but not this many."""

Standing = Literal["unknown", "waiting", "red", "working", "green", "finished"]
"""`unknown`: there is no record that can be used. `waiting`: the trainee hasn't begun. `red`: the
last check of the step isn't green. `working`: it hasn't been checked. `green`: it's done."""


@dataclass(frozen=True)
class Person:
    """One trainee at one moment. Times are in seconds since the epoch, on this machine's clock."""

    number: int
    """The place in the roster, from 0 on. It doesn't say who this is."""
    known: Known
    standing: Standing
    place: int | None = None
    """The place of the current step in the catalog. None if the trainee is at none of its steps."""
    worked: float = 0.0
    """The seconds of work on the current step, until its check passed or until now."""
    seen: float = 0.0
    """The last sign of the trainee. 0 if there is none."""
    passed: float = 0.0
    """When the current step's check passed. 0 if it hasn't."""
    is_quiet: bool = False
    """Whether the last sign is long ago."""
    stopped_at: str = ""
    """The requirement that stopped the last check of the current step."""

    @property
    def record(self) -> Record | None:
        """What the trainee's machine wrote."""
        return self.known.record

    @property
    def has_begun(self) -> bool:
        """Whether we know that the trainee has done something."""
        return self.standing not in ("unknown", "waiting")

    @property
    def is_at_it(self) -> bool:
        """Whether the trainee is at a step whose check hasn't passed."""
        return self.standing in ("red", "working")

    def at(self, step: Step) -> StepRecord:
        """What is known about one step."""
        return self.record.of(step.slug) if self.record else StepRecord(step.slug)

    def is_through(self, place: int, step: Step) -> bool:
        """Whether the check of a step passed, or the trainee went on without it."""
        return bool(self.at(step).passed) or (self.place is not None and self.place > place)


def person(number: int, known: Known, catalog: Sequence[Step], now: float) -> Person:
    """What the record of a trainee says at a moment."""
    record = known.record
    if record is None:
        return Person(number, known, "unknown" if known.problem else "waiting")
    # The trainee's clock can be ahead. Nothing happens in the future.
    seen = min(now, _seconds(record.seen or record.at))
    place = next((i for i, one in enumerate(catalog) if one.slug == record.step), None)
    step = record.of(record.step)
    check = record.check if record.check and record.check.step == record.step else None
    standing: Standing = "working"
    if _has_finished(record, catalog):
        standing = "finished"
    elif step.passed:
        standing = "green"
    elif check and not check.passed:
        standing = "red"
    since = now - seen
    # Like the record, this doesn't count a break: `record/pace.py`.
    goes_on = standing in ("red", "working") and since <= BREAK_SECONDS
    return Person(
        number,
        known,
        standing,
        place,
        worked=step.seconds + (since if goes_on else 0.0),
        seen=seen,
        passed=min(now, _seconds(step.passed)) if step.passed else 0.0,
        is_quiet=standing != "finished" and since > QUIET_SECONDS,
        stopped_at=check.stopped_at if check and standing == "red" else "",
    )


def _has_finished(record: Record, catalog: Sequence[Step]) -> bool:
    """Whether all is done: the last step, or what the trainee did before they made their sheet."""
    if catalog and record.of(catalog[-1].slug).passed:
        return True
    check = record.check.at if record.check else ""
    return bool(record.finished) and _seconds(check) <= _seconds(record.finished)


def _seconds(moment: str) -> float:
    """A time of a record in seconds since the epoch; 0 for none."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
