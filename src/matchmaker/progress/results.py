"""What came of a session: what each trainee did, and what was hard for many.

A record is the trainee's own claim. One of them can't change what we say of all: we count people
before times, take medians, and count nothing of a step that this version of the tool doesn't have.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from workshop.record.form import Count, Record, StepRecord

from matchmaker.progress.known import Known
from matchmaker.progress.steps import catalogue, step_of

_MOST_TIMES = 20
"""How often one trainee's wrong answers, or stopped checks, count."""
_AHEAD = 600.0
"""How many seconds a trainee's clock may be ahead before we say so."""


@dataclass(frozen=True)
class Result:
    """What one trainee did."""

    known: Known
    steps: tuple[StepRecord, ...]
    """Those of the catalogue that the trainee worked on, in its order."""
    unknown: tuple[str, ...]
    """The slugs of other steps in the record."""

    @property
    def done(self) -> list[StepRecord]:
        """The steps whose checks passed."""
        return [one for one in self.steps if one.passed]

    @property
    def seconds(self) -> float:
        """How long the trainee worked on all steps that are done."""
        return sum(one.seconds for one in self.done)

    @property
    def hints(self) -> int:
        """How many hints the trainee took."""
        return sum(one.hints for one in self.steps)

    @property
    def bonus(self) -> int:
        """How many bonuses are done."""
        return sum(one.bonus for one in self.steps)

    @property
    def remarks(self) -> str:
        """What is odd about the record, and why there may be none."""
        found = []
        if self.unknown:
            found.append(f"steps that are not in this version: {', '.join(self.unknown)}")
        if self.known.record and _ahead(self.known.record) > _AHEAD:
            found.append("times in the future: the clock there is ahead")
        return "; ".join(filter(None, [*found, self.known.problem]))


@dataclass(frozen=True)
class StepResult:
    """What all trainees did at one step."""

    slug: str
    began: int
    done: int
    minutes: float | None
    """The median of those who are done. None if nobody is, or nobody's time is known."""
    hints: int
    """How many trainees took hints."""
    bonus: int


@dataclass(frozen=True)
class Hard:
    """A question or a requirement that was hard."""

    step: str
    what: str
    people: int
    """How many trainees got it wrong, or were stopped by it."""
    times: int


@dataclass(frozen=True)
class Results:
    """A whole session."""

    session: str
    trainees: list[Result]
    steps: list[StepResult]
    questions: list[Hard]
    """What got wrong answers, from most people first."""
    requirements: list[Hard]
    """What stopped checks, of most people first."""


def results_of(session: str, found: Sequence[Known]) -> Results:
    """Add up what the records say."""
    trainees = [_result(one) for one in found]
    return Results(
        session,
        trainees,
        [_step(step.slug, trainees) for step in catalogue()],
        _hardest(trainees, lambda one: one.wrong),
        _hardest(trainees, lambda one: one.stopped),
    )


def _result(known: Known) -> Result:
    record = known.record
    if record is None:
        return Result(known, (), ())
    there = {one.slug: one for one in record.steps}
    ours = tuple(there[step.slug] for step in catalogue() if step.slug in there)
    return Result(known, ours, tuple(slug for slug in there if step_of(slug) is None))


def _step(slug: str, trainees: Iterable[Result]) -> StepResult:
    all_ = [one for result in trainees for one in result.steps if one.slug == slug]
    done = [one for one in all_ if one.passed]
    seconds = [one.seconds for one in done if one.seconds > 0]
    return StepResult(
        slug,
        len(all_),
        len(done),
        round(statistics.median(seconds) / 60, 1) if seconds else None,
        sum(one.hints > 0 for one in all_),
        sum(one.bonus for one in all_),
    )


def _hardest(trainees: Iterable[Result], of: Callable[[StepRecord], list[Count]]) -> list[Hard]:
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    for trainee in trainees:
        for step in trainee.steps:
            own: dict[str, int] = defaultdict(int)
            for one in of(step):
                own[one.what] += one.times
            for what, count in own.items():
                times[step.slug, what].append(min(count, _MOST_TIMES))
    found = [Hard(slug, what, len(own), sum(own)) for (slug, what), own in times.items()]
    return sorted(found, key=lambda one: (-one.people, -one.times, one.step, one.what))


def _ahead(record: Record) -> float:
    """How far the newest time in a record is in the future, in seconds."""
    times = [record.at, record.seen, record.finished]
    times += [when for one in record.steps for when in (one.began, one.passed)]
    now = datetime.now(UTC)
    return max((datetime.fromisoformat(when) - now).total_seconds() for when in times if when)
