"""What the board shows at a moment, as JSON: all of it, one trainee, and what the room sees."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from workshop.catalog import Step
from workshop.record.form import Check

from matchmaker.board.longer import visits
from matchmaker.board.pace import pace
from matchmaker.board.person import Person, person
from matchmaker.progress.known import Known

MOST_STOPS = 3
"""How many requirements to name at a step."""
LONGEST = 160
"""Of what the board quotes from a record, in characters. The details have the whole text."""


def people_of(known: Sequence[Known], catalog: Sequence[Step], now: float) -> list[Person]:
    """Where everybody is at a moment, in seconds since the epoch."""
    return [person(number, one, catalog, now) for number, one in enumerate(known)]


def state(people: Sequence[Person], catalog: Sequence[Step]) -> dict[str, Any]:
    """What the instructor sees. It changes only if something happens, not with each second."""
    return {
        "steps": [
            {**_step(step), **_counts(people, at, step), "stopped": _stops(people, at)}
            for at, step in enumerate(catalog)
        ],
        "people": [_row(one) for one in people],
        "visits": [
            {"number": visit.person.number, "why": list(visit.why)}
            for visit in visits(people, catalog)
        ],
        "pace": pace(people, catalog),
    }


def room(people: Sequence[Person], catalog: Sequence[Step]) -> dict[str, Any]:
    """What the room sees: counts, the titles of the steps, and sentences of ours.

    Nothing in it comes from the roster or a record. So there is no name in it, even if somebody
    writes one where a record has other texts.
    """
    steps = []
    for at, step in enumerate(catalog):
        counts = _counts(people, at, step)
        at_it = counts["red"] + counts["working"]
        steps.append(
            {**_step(step), "through": counts["through"], "green": counts["green"], "at_it": at_it}
        )
    begun = [one for one in people if one.has_begun]
    return {
        "steps": steps,
        "all": len(people),
        "begun": len(begun),
        "finished": sum(one.standing == "finished" for one in begun),
        "pace": pace(people, catalog),
    }


def details(one: Person, catalog: Sequence[Step]) -> dict[str, Any]:
    """Everything that the record of one trainee says about checks, hints, and times."""
    record = one.record
    return {
        **_row(one),
        "slug": one.known.slug,
        "source": one.known.source,
        "check": _check(record.check, catalog) if record and record.check else None,
        "steps": [
            {
                **_step(step),
                "is_done": bool(of.passed),
                "is_here": at == one.place,
                "seconds": round(one.worked if at == one.place else of.seconds),
                "hints": of.hints,
                "checks": of.checks,
                "bonus": of.bonus,
            }
            for at, step in enumerate(catalog)
            for of in (one.at(step),)
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    return {"number": step.number, "title": step.title, "minutes": step.minutes}


def _counts(people: Sequence[Person], at: int, step: Step) -> dict[str, int]:
    """How many are through a step, and how many are at it."""
    here = Counter(one.standing for one in people if one.place == at)
    return {
        "through": sum(one.is_through(at, step) for one in people),
        **{standing: here[standing] for standing in ("green", "red", "working")},
    }


def _stops(people: Sequence[Person], at: int) -> list[dict[str, Any]]:
    """The requirements that stop more than one trainee at a step now, the most frequent first."""
    found = Counter(one.stopped_at for one in people if one.place == at and one.stopped_at)
    return [
        {"what": what[:LONGEST], "people": count}
        for what, count in found.most_common(MOST_STOPS)
        if count > 1
    ]


def _row(one: Person) -> dict[str, Any]:
    """One trainee among the others. The page adds the time since `seen` to `worked`."""
    record = one.record
    return {
        "number": one.number,
        "name": one.known.shown,
        "standing": one.standing,
        "place": one.place,
        # As of the last sign. So this doesn't change with each second.
        "worked": round(record.of(record.step).seconds) if record else 0,
        "seen": round(one.seen),
        "passed": round(one.passed),
        "is_quiet": one.is_quiet,
        "hints": record.of(record.step).hints if record else 0,
        "stopped_at": one.stopped_at[:LONGEST],
        "problem": one.known.problem,
    }


def _check(check: Check, catalog: Sequence[Step]) -> dict[str, Any]:
    step = next((one for one in catalog if one.slug == check.step), None)
    return {
        "step": f"{step.number}. {step.title}" if step else check.step,
        "at": check.at,
        "passed": check.passed,
        "problem": check.problem,
        "lines": [
            {
                "name": line.name,
                "outcome": line.outcome,
                "expected": line.expected,
                "hint": line.hint,
                "is_bonus": line.is_bonus,
            }
            for line in check.lines
        ],
    }
