"""Each command on work in progress: what it changes, what it keeps, and where the rest is saved."""

import itertools
import shutil
from pathlib import Path

import copier
import pytest
from workshop.moving import moves

from extensions.steps import STEPS
from tests.conftest import git
from tests.workshop.moving.conftest import (
    CODE,
    MINE,
    NUMBERS,
    CopyAt,
    branches,
    files,
    half_done,
    lost,
    step_of,
)

OWN = {"staged.md", "notes/ideas ü.md"}
"""Files of the trainee's that the template knows nothing of."""


def state_of_git(workshop: Path) -> tuple[str, ...]:
    """HEAD, where it points, and the index."""
    return (
        git(workshop, "rev-parse", "HEAD"),
        (workshop / ".git" / "HEAD").read_text(),
        git(workshop, "ls-files", "--stage"),
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(
            *(start, end),
            # Each step to its neighbors, and from one end to the other.
            marks=[] if abs(end - start) in (1, len(NUMBERS) - 1) else pytest.mark.thorough,
        )
        for start, end in itertools.permutations(NUMBERS, 2)
    ],
)
def test_goto_gives_the_reference_and_saves_the_work(
    at: CopyAt, pristine: CopyAt, start: int, end: int
) -> None:
    workshop = at(start)
    lines = half_done(workshop)
    before = state_of_git(workshop)
    moved = moves.go_to(workshop, end)

    now = files(workshop)
    assert {name: now[name] for name in now.keys() - OWN} == files(pristine(end))
    assert now.keys() >= OWN
    assert step_of(workshop) == moved.step == end
    assert moved.saved
    assert branches(workshop) == [moved.saved]
    assert moved.saved.startswith(f"my/step-{start}-")
    assert lost(workshop, lines) == []
    assert state_of_git(workshop) == before


@pytest.mark.parametrize("step", NUMBERS)
def test_reset_gives_the_start_and_saves_the_work(at: CopyAt, pristine: CopyAt, step: int) -> None:
    workshop = at(step)
    lines = half_done(workshop)
    assert moves.reset(workshop, None).saved
    now = files(workshop)
    assert {name: now[name] for name in now.keys() - OWN} == files(pristine(step))
    assert lost(workshop, lines) == []


@pytest.mark.parametrize("step", NUMBERS)
def test_reset_of_a_file_leaves_the_others(at: CopyAt, pristine: CopyAt, step: int) -> None:
    workshop = at(step)
    lines = half_done(workshop)
    before = files(workshop)
    moved = moves.reset(workshop, workshop / "app.py")
    assert moved.changed == ["app.py"]
    assert files(workshop) == {**before, "app.py": files(pristine(step))["app.py"]}
    assert lost(workshop, lines) == []


def test_reset_takes_a_path_from_where_the_trainee_is(
    at: CopyAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = at(3)
    page = workshop / "steps" / "03-drill-down.md"
    before = page.read_text()
    page.write_text("gone")
    monkeypatch.chdir(workshop / "steps")
    moves.reset(workshop, Path("03-drill-down.md"))
    assert page.read_text() == before


@pytest.mark.parametrize("step", NUMBERS[:-1])
@pytest.mark.sample(4)
def test_next_keeps_the_code_and_merges_the_rest(at: CopyAt, pristine: CopyAt, step: int) -> None:
    workshop = at(step)
    lines = half_done(workshop)
    before = files(workshop)
    git_before = state_of_git(workshop)
    moved = moves.advance(workshop, CODE)

    assert (moved.step, step_of(workshop), moved.conflicts) == (step + 1, step + 1, [])
    now, new = files(workshop), files(pristine(step + 1))
    assert {name: now[name] for name in CODE} == {name: before[name] for name in CODE}
    notes = b"\nMy notes, not staged\n"
    assert now["README.md"] == new["README.md"] + notes
    for name in (".copier-answers.yml", "compose.yaml", "workshop/settings.toml"):
        assert now[name] == new[name]
    assert "spans.py" not in now
    kept = before.keys() - set(moved.changed)
    assert {name: now[name] for name in kept} == {name: before[name] for name in kept}
    assert moved.saved
    assert lost(workshop, lines) == []
    assert state_of_git(workshop) == git_before


@pytest.mark.parametrize("step", [step.number for step in STEPS if step.files])
@pytest.mark.sample(3)
def test_next_after_the_page_s_own_solution_is_a_copy_of_the_next_step(
    at: CopyAt, pristine: CopyAt, step: int
) -> None:
    workshop = at(step)
    for name in STEPS[step - 1].files:
        shutil.copy(pristine(step + 1) / name, workshop / name)
    git(workshop, "commit", "--all", "--quiet", "--message", "Done")
    moved = moves.advance(workshop, CODE)
    assert files(workshop) == files(pristine(step + 1))
    assert moved.saved is None  # all of it was committed
    assert branches(workshop) == []


def test_next_with_both_changing_a_line_keeps_both_and_says_where(at: CopyAt) -> None:
    workshop = at(3)
    readme = workshop / "README.md"
    (line,) = [one for one in readme.read_text().splitlines() if one.startswith("**[step 3: ")]
    mine = line.replace("step 3: ", "my step: ")
    readme.write_text(readme.read_text().replace(line, mine))
    moved = moves.advance(workshop, CODE)
    (conflict,) = moved.conflicts
    lines = readme.read_text().splitlines()[conflict.first - 1 : conflict.last]
    assert conflict.path == "README.md"
    assert [line.partition(": ")[0] for line in lines] == [
        "<<<<<<< before updating",
        "**[my step",
        "=======",
        "**[step 4",
        ">>>>>>> after updating",
    ]
    assert step_of(workshop) == 4


def test_going_where_one_is_changes_nothing(at: CopyAt) -> None:
    workshop = at(4)
    before = files(workshop)
    moved = moves.go_to(workshop, 4)
    assert (moved.changed, moved.saved) == ([], None)
    assert files(workshop) == before


def test_what_was_saved_comes_back_as_the_message_says(at: CopyAt) -> None:
    workshop = at(5)
    half_done(workshop)
    before = files(workshop)
    moved = moves.go_to(workshop, 2)
    git(workshop, "restore", f"--source={moved.saved}", "app.py")
    assert MINE.encode() in files(workshop)["app.py"]
    git(workshop, "restore", f"--source={moved.saved}", ".")
    assert files(workshop) == before


def test_there_and_back_saves_each_time(at: CopyAt) -> None:
    workshop = at(5)
    for step in (2, 5, 2):
        (workshop / "app.py").write_text(f"# mine, before {step}\n")
        moves.go_to(workshop, step)
    assert len(set(branches(workshop))) == 3
    assert lost(workshop, [f"# mine, before {step}" for step in (2, 5)]) == []


def test_a_name_with_everything_in_it_survives(template: Path, tmp_path: Path) -> None:
    workshop = tmp_path / "a folder with a long name, and spaces: and a colon # and more of it"
    source = tmp_path / "the template's folder, which has a name that YAML has to break into lines"
    shutil.copytree(template, source)
    name = 'O\'Brien "Bob" 李雷: #1 {{ 7*7 }}'
    copier.run_copy(
        str(source),
        workshop,
        data={"step": 2, "trainee_name": name, "inject_errors": False},
        defaults=True,
        unsafe=True,
        quiet=True,
    )
    answers = (workshop / ".copier-answers.yml").read_text()
    moves.go_to(workshop, 3)
    moves.advance(workshop, CODE)
    expected = answers.replace("step: 2", "step: 4")
    assert (workshop / ".copier-answers.yml").read_text() == expected
    assert not (workshop / "faults.py").exists()
    moves.go_to(workshop, 2)
    assert git(workshop, "status", "--porcelain") == ""
