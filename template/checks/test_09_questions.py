"""Are the questions answered? And the bonus: is a pairing fast, with one request to the taster?"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workshop import settings
from workshop.check import replies
from workshop.check.quiz import LETTERS, questions
from workshop.check.requirement import after, require
from workshop.check.stack import Look, Stack

SLOW = Path(__file__).parent / "reference"
"""The code as it was when the workshop began: slow."""

CHOSEN = settings.load()
STEP = next(step for step in settings.steps(CHOSEN.root) if step.slug == "questions")
QUESTIONS = {question.text: question for question in questions(CHOSEN, STEP)}

FASTER = 3
PAIRINGS = 5
# Longer than usual: then the rest of a request, and what else this machine does, matter less.
TASTING_SECONDS = "0.4"


@pytest.mark.parametrize("text", QUESTIONS)
def test_questions(text: str, record_property: Callable[[str, object], None]) -> None:
    """{text}"""
    question = QUESTIONS[text]
    answers = replies.read(CHOSEN.run_dir).answers.get(STEP.slug, "")
    given = answers[list(QUESTIONS).index(text) :][:1].strip("-")
    require(
        given,
        expected="an answer",
        seen="none",
        hint="Did you forget to answer? `workshop check` asks you, on a terminal.",
    )
    require(
        given == question.right,
        expected=question.answer,
        seen=question.choices[LETTERS.index(given)],
        hint=question.why,
    )
    record_property("seen", question.why)


def asked(look: Look) -> int:
    """How often the taster is asked for one pairing."""
    spans = look.trace.spans() if look.trace else []
    return sum((span.name, span.service) == ("flask.request", "taster") for span in spans)


@pytest.mark.bonus
def test_the_taster_is_asked_once(look: Look) -> None:
    """Bonus: a pairing asks the taster once, about all candidates"""
    require(
        asked(look),
        expected="a span flask.request of the service taster in the trace of a pairing",
        seen=look.describe(),
        hint="Did you forget the tracer's import in one of the two files?",
    )
    require(
        asked(look) == 1,
        expected="one span flask.request of the service taster in the trace of a pairing",
        seen=f"{asked(look)} of them",
        hint="Look at a trace: what is done again and again, one after the other?",
    )


@pytest.mark.bonus
def test_a_pairing_is_faster(look: Look, stack: Stack) -> None:
    """Bonus: with the same matches, it is at least 3 times as fast as before"""
    after(test_the_taster_is_asked_once, look)
    beers = [beer["name"] for beer in stack.json("/beers")]
    with (
        stack.beside(MATCHMAKER_TASTING_SECONDS=TASTING_SECONDS) as yours,
        stack.beside(SLOW, MATCHMAKER_TASTING_SECONDS=TASTING_SECONDS) as slow,
    ):
        times: dict[str, list[float]] = {"yours": [], "slow": []}
        for beer in [*beers, *beers][:PAIRINGS]:
            matches = {}
            for name, one in (("yours", yours), ("slow", slow)):
                begin = time.perf_counter()
                matches[name] = one.match(beer)
                times[name].append(time.perf_counter() - begin)
            require(
                matches["yours"] == matches["slow"],
                expected=f"the match {matches['slow']} for {beer}, as before",
                seen=f"{matches['yours']}",
                hint="Did you forget a candidate, or the score of one? Compare them one by one.",
            )
    ratio = statistics.median(times["slow"]) / statistics.median(times["yours"])
    require(
        ratio >= FASTER,
        expected=f"at least {FASTER} times as fast as the slow version beside it",
        seen=f"{ratio:.1f} times",
        hint="Does the taster take its time once for each donut? Once for the whole plate is "
        "enough.",
    )
