"""The catalogue of steps, and what it says about the code."""

import filecmp
import re
from pathlib import Path

import pytest

from extensions.steps import STEPS, Step, done_before, parse_step
from tests.conftest import REPOSITORY, Render, git

# Written anew for each step, and by nobody but Copier.
BOOKKEEPING = {".copier-answers.yml", "README.md", "compose.yaml", "workshop/settings.toml"}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_steps_are_numbered_from_one_without_a_gap() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert len({step.slug for step in STEPS}) == len(STEPS)


def test_a_step_s_number_is_typed_in_the_catalogue_alone() -> None:
    """A page about numbers, and what is made from the catalogue, may have some."""
    may = {
        "docs/write-a-step/add-a-step.md",
        "dev/benchmarks/session.py",
        "src/matchmaker/roster/roster.schema.json",
    }
    houses = ("README.md", "copier.yml", "docs", "extensions", "src", "template")
    for name in git(REPOSITORY, "ls-files", "-z", *houses, "dev").split("\0"):
        path = REPOSITORY / name
        if path.suffix not in {".patch", ".png"} and name not in may and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert re.findall(r"(?i)\bsteps?\s\d|\bnine\b", text) == [], name


def test_done_is_what_comes_before() -> None:
    done = done_before(4)
    assert (done.explore, done.time_a_route, done.drill_down) == (True, True, True)
    assert (done.correlate, done.trace, done.questions) == (False, False, False)
    assert not any(vars(done_before(1)).values())
    assert not done_before(9).questions


@pytest.mark.parametrize(
    ("answer", "step"), [(3, 3), ("9", 9), (None, 1), (len(STEPS) + 1, 1), ("x", 1), (0, 1)]
)
def test_step_of_a_raw_answer(answer: object, step: int) -> None:
    assert parse_step(answer) == step


@pytest.mark.parametrize(
    ("to_stdout", "faults"),
    [
        (False, False),
        (True, True),
        *(pytest.param(one, not one, marks=pytest.mark.thorough) for one in (False, True)),
    ],
)
def test_a_step_changes_the_files_that_the_catalogue_names(
    render: Render, to_stdout: bool, faults: bool
) -> None:
    folders = [
        render(step=step.number, log_to_stdout=to_stdout, inject_errors=faults) for step in STEPS
    ]
    for step, before, after in zip(STEPS, folders, folders[1:], strict=False):
        assert files(before) == files(after)
        _, changed, errors = filecmp.cmpfiles(before, after, files(before), shallow=False)
        assert not errors
        assert set(changed) - BOOKKEEPING == set(step.files), step.title


@pytest.mark.parametrize("faults", [False, True])
@pytest.mark.parametrize("to_stdout", [False, True])
@pytest.mark.parametrize("step", [step for step in STEPS if step.files], ids=lambda step: step.slug)
def test_the_change_on_a_page_makes_the_next_step(
    render: Render, step: Step, to_stdout: bool, faults: bool
) -> None:
    """Apply what the page shows to the code at the step: that gives the code at the next one."""
    answers = {"log_to_stdout": to_stdout, "inject_errors": faults}
    before = render(step=step.number, **answers)
    after = render(step=step.number + 1, **answers)
    page = (before / step.page).read_text()
    (change,) = [block.split("```")[0] for block in page.split("```diff\n")[1:]]
    (before / "change.diff").write_text(change)
    git(before, "apply", "change.diff")
    for name in step.files:
        assert (before / name).read_text() == (after / name).read_text()
