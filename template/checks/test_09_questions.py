"""Did you answer the questions? Bonus: is a pairing fast, with one request to the taster?"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workshop import settings
from workshop.check import replies
from workshop.check.quiz import questions, require_right
from workshop.check.requirement import after, require
from workshop.check.stack import Look, Stack

SLOW = Path(__file__).parent / "reference"
"""The slow code from the start of the workshop."""

CHOSEN = settings.load()
STEP = next(step for step in settings.steps(CHOSEN.root) if step.slug == "questions")
QUESTIONS = {question.text: question for question in questions(CHOSEN, STEP)}

FASTER = 3
BEERS = ("ipa", "pale-ale", "pilsner", "porter", "wheat")
"""One for each number of hops."""
# Longer than usual, so that the rest of the request and other load on this machine matter less.
TASTING_SECONDS = "0.4"


@pytest.mark.parametrize("text", QUESTIONS)
def test_questions(text: str, record_property: Callable[[str, object], None]) -> None:
    """{text}"""
    why = require_right(
        QUESTIONS[text],
        replies.read(CHOSEN.run_dir).chosen.get(STEP.slug, {}),
        expected="an answer",
        hint="Did you forget to answer? In a terminal, `workshop check` asks you.",
    )
    record_property("seen", why)


def asked(look: Look) -> int:
    """How many requests to the taster one pairing makes."""
    spans = look.trace.spans() if look.trace else []
    return sum((span.name, span.service) == ("flask.request", "taster") for span in spans)


@pytest.mark.bonus
def test_the_taster_is_asked_once(look: Look) -> None:
    """Bonus: a pairing calls the taster once, for all candidates"""
    apart = [t for t in look.others if t.roots[0].name == "requests.request"]
    require(
        asked(look),
        expected="a span flask.request of the service taster in the trace of a pairing",
        seen=f"{len(apart)} traces of their own" if apart else look.describe(),
        hint="Did you start threads? A plain one doesn't take the trace along."
        if apart
        else "Did you forget the tracer's import in one of the two files?",
    )
    require(
        asked(look) == 1,
        expected="one span flask.request of the service taster in the trace of a pairing",
        seen=f"{asked(look)} of them",
        hint="Look at a trace: what happens again and again, one after another?",
    )


@pytest.mark.bonus
def test_a_pairing_is_faster(look: Look, stack: Stack) -> None:
    """Bonus: with the same matches, it's at least 3 times as fast as before"""
    after(test_the_taster_is_asked_once, look)
    with (
        stack.beside(MATCHMAKER_TASTING_SECONDS=TASTING_SECONDS) as yours,
        stack.beside(SLOW, MATCHMAKER_TASTING_SECONDS=TASTING_SECONDS) as slow,
    ):
        times: dict[str, list[float]] = {"yours": [], "slow": []}
        for beer in BEERS:
            matches = {}
            for name, one in (("yours", yours), ("slow", slow)):
                begin = time.perf_counter()
                matches[name] = one.match(beer)
                times[name].append(time.perf_counter() - begin)
            require(
                matches["yours"] == matches["slow"],
                expected=f"the same match for {beer} as before",
                seen=f"{matches['yours']}, and not {matches['slow']}",
                hint="Did you forget a candidate, or the score of one? Compare them one by one.",
            )
    ratio = statistics.median(times["slow"]) / statistics.median(times["yours"])
    require(
        ratio >= FASTER,
        expected=f"at least {FASTER} times as fast as the slow version next to it",
        seen=f"{ratio:.1f} times",
        hint="Does the taster sleep once for each donut? Once for the whole plate is enough.",
    )
