"""Does the app answer? How slow is a pairing: your guess, and the measurement."""

import statistics
import time
from collections.abc import Callable

import pytest

from workshop import settings
from workshop.check import replies
from workshop.check.requirement import require
from workshop.check.stack import Stack, pairing

PAIRINGS = 5


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
    known.measured = statistics.median(_milliseconds(stack) for _ in range(PAIRINGS))
    replies.write(chosen.run_dir, known)
    record_property("seen", f"You said {known.guess:.0f} ms; it took {known.measured:.0f} ms.")


def _milliseconds(stack: Stack) -> float:
    begin = time.perf_counter()
    stack.get(pairing())
    return (time.perf_counter() - begin) * 1000
