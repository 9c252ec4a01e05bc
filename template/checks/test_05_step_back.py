"""Did you measure the cost of instrumentation, and look at the result?"""

from collections.abc import Callable

from workshop import settings
from workshop.check import replies
from workshop.check.quiz import questions, require_right
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
    traced = measured().variants["traced"]
    guess = replies.read(settings.load().run_dir).cost_guess
    yours = "" if guess is None else f" You said {guess:g}."
    record_property(
        "seen",
        f"Traced, it takes {traced.lowest_ratio:.2f} to {traced.highest_ratio:.2f} times as long "
        f"as bare.{yours}",
    )


def test_the_result_was_looked_at(record_property: Callable[[str, object], None]) -> None:
    """You looked at the result"""
    measured()
    chosen = settings.load()
    step = next(s for s in settings.steps(chosen.root) if s.slug == "step-back")
    (question,) = questions(chosen, step)
    why = require_right(
        question,
        replies.read(chosen.run_dir).chosen.get(step.slug, {}),
        expected=f"an answer to: {question.text}",
        hint="Did you forget to look? The range is the last column of the table. In a terminal, "
        "`workshop check` asks you about it.",
    )
    record_property("seen", why)
