"""Does the app answer? How slow is a pairing: your guess, and the measurement."""

import statistics
import time
from collections.abc import Callable

import pytest

from workshop import settings
from workshop.check import replies
from workshop.check.requirement import require
from workshop.check.stack import Stack, pairing

PAIRINGS, MOST_PAIRINGS = 5, 20
WIDE = 1.5
"""If the slowest pairing takes more than this many times as long as the quickest, go on."""


@pytest.mark.parametrize(
    "path", ["/beers", "/donuts", "/beers/ipa", "/donuts/jelly", "/pair/beer?name=ipa"]
)
def test_routes(stack: Stack, path: str) -> None:
    """GET {path} gets an answer"""
    stack.ask(path, hint="Did you already change something? `git diff` shows it.")


def test_the_guess_is_recorded(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    """You guessed how long a pairing takes, and the check measured it"""
    chosen = settings.load()
    known = replies.read(chosen.run_dir)
    require(
        known.guess is not None,
        expected="your own guess, in milliseconds",
        seen="none",
        hint="Did you forget to guess? You still can: workshop check --guess 20",
    )
    stack.pair()  # the first one also fills DonutDB
    quickest, slowest, known.measured = typical(lambda: _milliseconds(stack))
    replies.write(chosen.run_dir, known)
    said = f"You said {known.guess:.0f} ms; it took {quickest:.0f} to {slowest:.0f} ms."
    if slowest > WIDE * quickest:
        said += " That's a wide range: this machine is busy with something else, too."
    record_property("seen", said)


def typical(measure: Callable[[], float]) -> tuple[float, float, float]:
    """The quickest, the slowest, and the median of some measurements.

    A single slow one says little. So while they differ a lot, it measures again, up to
    MOST_PAIRINGS, and leaves out the quickest and the slowest quarter.
    """
    found: list[float] = []
    while len(found) < MOST_PAIRINGS:
        found.append(measure())
        middle = sorted(found)[len(found) // 4 : len(found) - len(found) // 4]
        if len(found) >= PAIRINGS and middle[-1] <= WIDE * middle[0]:
            break
    return middle[0], middle[-1], statistics.median(found)


def _milliseconds(stack: Stack) -> float:
    begin = time.perf_counter()
    stack.get(pairing())
    return (time.perf_counter() - begin) * 1000
