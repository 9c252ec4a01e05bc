"""Did you measure the cost of instrumentation, and look at the result?"""

from collections.abc import Callable

from workshop import settings
from workshop.check import replies
from workshop.check.quiz import questions
from workshop.check.requirement import require
from workshop.cost import result
from workshop.cost.result import Cost


def measured() -> Cost:
    """The last result. Raises Unmet if there is none."""
    found = result.read(settings.load().run_dir)
    require(
        found,
        expected="a result of `workshop cost`",
        seen="none",
        hint="Did you forget to run it? It takes half a minute: workshop cost",
    )
    assert found
    return found


def test_the_cost_was_measured(record_property: Callable[[str, object], None]) -> None:
    """You measured what instrumentation costs"""
    found = measured()
    record_property(
        "seen",
        f"{found.requests} requests to each: hand-timed {found.ratio('hand-timed'):.2f}, traced "
        f"{found.ratio('traced'):.2f} times as long as bare.",
    )


def test_the_result_was_looked_at(record_property: Callable[[str, object], None]) -> None:
    """You looked at the result"""
    measured()
    chosen = settings.load()
    step = next(s for s in settings.steps(chosen.root) if s.slug == "step-back")
    (question,) = questions(chosen, step)
    given = replies.read(chosen.run_dir).answers.get(step.slug, "-")
    require(
        given == question.right,
        expected=f"an answer to: {question.text}",
        seen="none" if given == "-" else "not the one in the table",
        hint="Did you forget to look? The number is in the column `to bare` of the table. "
        "In a terminal, `workshop check` asks you for it.",
    )
    record_property("seen", question.why)
