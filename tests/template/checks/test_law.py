"""The law: red before the step, for the reason that the check names; green after it."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from workshop import settings
from workshop.check import progress, runner
from workshop.check.runner import held_steps
from workshop.moving.conflicts import files

from extensions.steps import STEPS
from tests.conftest import Render

CODE_STEPS = {step.number: step.slug for step in STEPS if step.files}

# Why the code at a step is not yet that of the next one: the beginning of each requirement that
# fails, and a part of its hint. All others pass, or could not be looked at because of these.
REASONS = {
    "time-a-route": {"Each pairing adds one line `function pair": "put the decorator on `pair`"},
    "drill-down": {
        "Each pairing adds one line `operation beer.query": "a `with TimingContextManager(…)`",
        "Each pairing adds one line `operation donuts.query": "a `with TimingContextManager(…)`",
        "Each pairing adds one line `operation match": "a `with TimingContextManager(…)`",
    },
    "correlate": {"Each line that `web` writes": "one of the log lines in timing.py"},
    "trace": {
        "The agent gets a trace of each pairing": "the client's import",
        "The hand-written timing is gone": "to remove what the tracer does now",
    },
    "read-a-span": {
        "The app's log lines are on standard output": "to choose the stream for the logs",
        "The log line of a request has the IDs": "the IDs in the format of the log lines",
        "Each finished span of `web`": "a processor that prints them",
    },
    "span-metadata": {
        "The span of the function `pair` has the tag": "to tag it in `pair`",
        "The request's span says which error": "to put the exception on the root span",
    },
}

# The same for a bonus: its requirement, and its hint.
BONUS = {
    "Bonus: a span `match` below `pair` contains the search for the best match": (
        "Did you forget `with tracer.trace(…)`, in `pair`?"
    )
}

STATES = [
    {"step": step, "log_to_stdout": to_stdout, "inject_errors": faults}
    for step, to_stdout, faults in itertools.product(
        range(2, len(STEPS) + 1), (False, True), (False, True)
    )
]


def name_of(answers: dict[str, Any]) -> str:
    return "-".join([f"step{answers['step']}", *(k for k, v in answers.items() if v is True)])


def what_a_check_reads(workshop: Path) -> tuple[dict[str, str], settings.Settings]:
    """The code that runs, the checks, and the settings, but for where traces go in the end."""
    code = {
        str(path.relative_to(workshop)): path.read_text()
        for path in files(workshop)
        if path.suffix == ".py"
    }
    loaded = replace(
        settings.load(workshop),
        root=Path(),
        run_dir=Path(),
        backend="",
        site="",
        app_url="",
    )
    return code, loaded


@pytest.mark.parametrize(
    "state",
    [
        # Both answers at once at every second step, and neither at the others, show whether the law
        # holds; what breaks it, the rest say.
        pytest.param(
            state,
            marks=[]
            if state["log_to_stdout"] == state["inject_errors"] == (state["step"] % 2 == 0)
            else pytest.mark.thorough,
        )
        for state in STATES
    ],
    ids=name_of,
)
def test_red_before_the_step_and_green_after_it(render: Render, state: dict[str, Any]) -> None:
    workshop = render(**state, backend="local")
    # Where traces go in the end is nothing to a check, which has an agent of its own: for the
    # other backend everything that it reads is the same, and so is its result.
    assert what_a_check_reads(workshop) == what_a_check_reads(
        render(**state, backend="datadog", dd_api_key="0" * 32)
    )

    loaded = settings.load(workshop)
    at = loaded.step
    held = set(held_steps(settings.steps(workshop), at - 1)) & set(CODE_STEPS)
    numbers = sorted(held | ({at} & set(CODE_STEPS)))
    assert at - 1 in held or at - 1 not in CODE_STEPS
    reports = runner.check_steps(loaded, numbers)

    assert [report.step.number for report in reports] == numbers
    for report in reports:
        assert report.problem is None
        assert report.notes == []
        reasons = REASONS[report.step.slug] if report.step.number == at else {}
        if report.step.slug == "read-a-span":
            # With that answer, the logs are there; without it, no line is there to have an ID.
            met = "The app's log" if state["log_to_stdout"] else "The log line of a request"
            reasons = {k: v for k, v in reasons.items() if not k.startswith(met)}
        bonus = {line.name: line for line in report.requirements if line.is_bonus}
        failed = {
            line.name: line.hint
            for line in report.requirements
            if line.outcome == "fail" and line.name not in bonus
        }
        assert len(failed) == len(reasons), failed
        for beginning, hint in reasons.items():
            (name,) = [name for name in failed if name.startswith(beginning)]
            assert hint in failed[name]
        assert report.passed == (report.step.number != at)
        # Nobody has done a bonus, and no later code contains it.
        for name, line in bonus.items():
            assert (line.outcome, line.hint) == (
                ("open", "") if report.step.number == at else ("fail", BONUS[name])
            )
    done = {CODE_STEPS[number] for number in numbers if number != at}
    assert set(progress.done(loaded.run_dir)) == done


def test_the_law_is_about_every_step_that_changes_code() -> None:
    assert set(REASONS) == set(CODE_STEPS.values())
    assert {s["step"] for s in STATES} >= {n + d for n in CODE_STEPS for d in (0, 1)}


def test_every_step_has_a_check(render: Render) -> None:
    workshop = render()
    catalogue = settings.steps(workshop)
    there = {str(p.relative_to(workshop)) for p in workshop.glob("checks/test_*.py")}
    assert there == {step.check for step in catalogue}


@pytest.mark.parametrize(
    ("until", "held"),
    [(1, [1]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 4, 5]), (6, [1, 5, 6]), (9, [1, 5, 6, 7, 8, 9])],
)
def test_checks_of_what_was_replaced_are_not_held(
    render: Render, until: int, held: list[int]
) -> None:
    assert held_steps(settings.steps(render()), until) == held
