"""How far the room is, and whether to go on."""

from collections.abc import Sequence
from typing import Any

from workshop.catalog import Step

from matchmaker.board.person import Person


def pace(people: Sequence[Person], catalog: Sequence[Step]) -> dict[str, Any]:
    """What to tell the room, in two sentences without anything from a record.

    `next` is the place of the step that the room is at: the first one that fewer than two thirds of
    those who have begun are through. It's None if there is none, or if it's too early to tell.
    """
    begun = [one for one in people if one.has_begun]
    if not begun:
        return _told("Nobody has begun.", "")
    if 2 * len(begun) < len(people):
        return _told(
            f"{_of(len(begun), len(people))} begun.", "Less than half: it's too early to tell."
        )
    needed = -(-2 * len(begun) // 3)
    through = [sum(one.is_through(at, step) for one in begun) for at, step in enumerate(catalog)]
    numbers = [step.number for step in catalog]
    front = next((at for at, count in enumerate(through) if count < needed), len(catalog))
    told = [
        f"{_of(through[at], len(begun), 'is')} through step {numbers[at]}"
        for at in (front - 1, front)
        if 0 <= at < len(catalog)
    ]
    if front == len(catalog):
        return _told("Two thirds are through all steps.", f"{told[0]}.")
    told[-1] += f"; two thirds would be {needed}"
    detail = " ".join(f"{sentence}." for sentence in told)
    if front == 0:
        headline = f"Fewer than two thirds are through step {numbers[0]}: wait."
    else:
        who = "Everybody is" if through[front - 1] == len(begun) else "Two thirds are"
        headline = f"{who} through step {numbers[front - 1]}: go on to step {numbers[front]}."
    return _told(headline, detail, front)


def _told(headline: str, detail: str, at: int | None = None) -> dict[str, Any]:
    return {"headline": headline, "detail": detail, "next": at}


def _of(count: int, total: int, verb: str = "has") -> str:
    plural = {"has": "have", "is": "are"}
    return f"{count} of {total} {verb if count == 1 else plural[verb]}"
