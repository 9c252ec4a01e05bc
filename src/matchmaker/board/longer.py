"""Who takes longer than the others at the same step: whom to visit first, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from workshop.catalog import Step

from matchmaker.board.person import Person

FEWEST = 3
"""With fewer trainees to compare with, we compare with the minutes in the catalog."""
MOST_OF_THEM = 0.75
"""The share of the others who were much quicker."""
FACTOR = 1.5
"""How many times as long is long. A sentence below says it in words."""
LEAST_SECONDS = 180.0
"""Nobody is stuck sooner, however quick the others are."""
REPEATED = 5
"""How often one requirement has to stop the checks of a step."""


@dataclass(frozen=True)
class Visit:
    """One trainee to visit."""

    person: Person
    why: tuple[str, ...]
    """The reasons, in sentences without anything from the record."""
    urgency: float
    """How many times as long as usual it takes them."""


def visits(people: Sequence[Person], catalog: Sequence[Step]) -> list[Visit]:
    """Whom to visit, in this order: those who take longer than others at the same step.

    Also those whom the same requirement stops again and again.
    """
    found = []
    times_of = [_Times.at(people, place, step) for place, step in enumerate(catalog)]
    for one in people:
        if not one.is_at_it or one.place is None:
            continue
        step = catalog[one.place]
        why, times = _longer(one, times_of[one.place], step)
        repeated = max((c.times for c in one.at(step).stopped), default=0)
        if repeated >= REPEATED:
            why = [*why, f"The same requirement stopped {repeated} checks."]
        if why:
            found.append(Visit(one, tuple(why), times))
    return sorted(found, key=lambda visit: (-visit.urgency, visit.person.number))


@dataclass(frozen=True)
class _Times:
    """How long the trainees needed for one step, in seconds: those who did it, and those at it."""

    done: list[float]
    so_far: list[float]

    @classmethod
    def at(cls, people: Sequence[Person], place: int, step: Step) -> "_Times":
        records = [one.at(step) for one in people]
        return cls(
            [record.seconds for record in records if record.passed],
            [one.worked for one in people if one.place == place and one.is_at_it],
        )


def _longer(one: Person, times: _Times, step: Step) -> tuple[list[str], float]:
    """Why somebody has been at a step for long, and how many times as long as usual.

    Of the others, we ask how many were done in a fraction of that time. Those who are still there,
    and came later than that, don't say anything about it yet, so they don't count. Those who have
    been there for almost as long do: a hard step, or a talk, makes nobody slow.
    """
    fraction = one.worked / FACTOR
    sooner = sum(seconds <= fraction for seconds in times.done)
    still = sum(seconds >= fraction for seconds in times.so_far) - 1  # without this one
    others = len(times.done) + still
    planned = step.minutes * 60.0
    if others < FEWEST:
        is_long = fraction >= planned
        why = f"{step.minutes} minutes are planned for this step."
    else:
        is_long = sooner >= MOST_OF_THEM * others
        why = f"{sooner} of {others} others needed less than two thirds of that."
    usual = median(times.done) if len(times.done) >= FEWEST else planned
    is_long = is_long and one.worked >= LEAST_SECONDS
    return ([why] if is_long else []), one.worked / max(usual, 1.0)
