"""Moving on: an update gives what a copy gives, and loses nothing of the trainee's."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from extensions.steps import STEPS
from tests.conftest import Render, copied_once, git, update

NUMBERS = [step.number for step in STEPS]

pytestmark = pytest.mark.xdist_group("update")  # all start from the same nine copies


def tracked(workshop: Path) -> dict[str, bytes]:
    return {
        name: (workshop / name).read_bytes()
        for name in git(workshop, "ls-files", "-z").split("\0")
        if name
    }


def commit(workshop: Path, message: str = "Mine") -> None:
    git(workshop, "commit", "--all", "--quiet", "--message", message)


@pytest.fixture(scope="session")
def copies(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """One repository at each step, to be copied and never changed."""
    return {step: copied_once(template, step, tmp_path_factory) for step in NUMBERS}


SOME = ((5, 6),)
"""Of the moves to the next step. `make test-all` has all of them."""


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(
            *(start, end),
            marks=[] if (start, end) in (*SOME, (1, len(NUMBERS))) else pytest.mark.thorough,
        )
        for start, end in itertools.combinations(NUMBERS, 2)
    ],
)
def test_an_update_gives_what_a_copy_gives(
    copies: dict[int, Path], tmp_path: Path, start: int, end: int
) -> None:
    workshop = shutil.copytree(copies[start], tmp_path / "workshop")
    update(workshop, step=end)
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert tracked(workshop) == tracked(copies[end])
    assert git(workshop, "ls-files", "--others", "--exclude-standard") == ""


@pytest.mark.parametrize(("start", "end"), [(9, 1), (7, 3)])
@pytest.mark.sample(2)
def test_going_back_gives_what_a_copy_gives(
    copies: dict[int, Path], tmp_path: Path, start: int, end: int
) -> None:
    workshop = shutil.copytree(copies[start], tmp_path / "workshop")
    update(workshop, step=end)
    assert tracked(workshop) == tracked(copies[end])


@pytest.mark.parametrize("step", NUMBERS)
@pytest.mark.sample(9)
def test_an_update_to_nothing_new_changes_nothing(
    copies: dict[int, Path], tmp_path: Path, step: int
) -> None:
    workshop = shutil.copytree(copies[step], tmp_path / "workshop")
    update(workshop)
    assert git(workshop, "status", "--porcelain") == ""


@pytest.mark.parametrize("step", NUMBERS[:-1])
@pytest.mark.sample(8)
def test_edits_and_new_files_survive_the_next_step(
    copies: dict[int, Path], tmp_path: Path, step: int
) -> None:
    workshop = shutil.copytree(copies[step], tmp_path / "workshop")
    app = workshop / "app.py"
    app.write_text(
        app.read_text().replace(
            'if __name__ == "__main__":',
            '@app.get("/mine")\ndef mine():\n    return "mine"\n\n\nif __name__ == "__main__":',
        )
    )
    (workshop / "notes.md").write_text("What I found out\n")
    git(workshop, "add", "notes.md")
    commit(workshop)
    update(workshop, step=step + 1)
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert 'return "mine"' in app.read_text()
    assert (workshop / "notes.md").read_text() == "What I found out\n"


@pytest.mark.parametrize("step", [step.number for step in STEPS if step.files])
@pytest.mark.sample(8)
def test_who_did_the_step_by_the_page_moves_on_without_a_conflict(
    copies: dict[int, Path], tmp_path: Path, step: int
) -> None:
    workshop = shutil.copytree(copies[step], tmp_path / "workshop")
    for name in STEPS[step - 1].files:
        shutil.copy(copies[step + 1] / name, workshop / name)
    commit(workshop)
    update(workshop, step=step + 1)
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert tracked(workshop) == tracked(copies[step + 1])


def test_two_who_changed_the_same_line_are_both_kept(
    copies: dict[int, Path], tmp_path: Path
) -> None:
    workshop = shutil.copytree(copies[2], tmp_path / "workshop")
    app = workshop / "app.py"
    app.write_text(app.read_text().replace('@app.get("/pair/beer")', '@app.get("/pair/beer")  # !'))
    commit(workshop)
    update(workshop, step=3)
    assert git(workshop, "ls-files", "--unmerged") != ""
    assert '@app.get("/pair/beer")  # !' in app.read_text()
    assert "@timing_decorator" in app.read_text()


def test_fault_injection_goes_and_comes_back(copies: dict[int, Path], tmp_path: Path) -> None:
    workshop = shutil.copytree(copies[4], tmp_path / "workshop")
    update(workshop, inject_errors=False)
    assert not (workshop / "faults.py").exists()
    commit(workshop)
    git(workshop, "add", "--all")
    update(workshop, inject_errors=True)
    git(workshop, "add", "--all")
    commit(workshop)
    assert tracked(workshop) == tracked(copies[4])


@pytest.mark.parametrize("tagged", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_copy_is_one_commit_and_updates_at_once(
    template: Path, tmp_path: Path, tagged: bool
) -> None:
    source = tmp_path / "source"
    git(tmp_path, "clone", "--quiet", str(template), str(source))
    if not tagged:
        git(source, "tag", "--delete", "v1.0.0")
    workshop = tmp_path / "workshop"
    copy_by_command(tmp_path, "copy", "source", "workshop")
    assert git(workshop, "log", "--format=%s").splitlines() == ["Start the workshop"]
    assert git(workshop, "status", "--porcelain") == ""
    copy_by_command(workshop, "update", "--data", "step=4")
    git(workshop, "commit", "--all", "--quiet", "--message", "Step 4")
    copy_by_command(workshop, "update", "--vcs-ref=:current:", "--data", "step=5")
    assert "step: 5" in (workshop / ".copier-answers.yml").read_text()


def copy_by_command(folder: Path, command: str, *arguments: str) -> None:
    """Run Copier as a person does, from a folder, with relative paths."""
    done = subprocess.run(
        [Path(sys.executable).parent / "copier", command, "--trust", "--defaults", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_copy_into_a_repository_leaves_it_to_its_owner(copy: Render, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    workshop = copy()
    assert not (workshop / ".git").exists()
    assert git(tmp_path, "status", "--porcelain") == "?? workshop/\n"


def test_a_copy_without_a_name_in_git_is_committed_all_the_same(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    copy_by_command(tmp_path, "copy", str(template), "workshop")
    assert git(tmp_path / "workshop", "log", "--format=%an").strip() == "Matchmaker"


@pytest.mark.thorough  # so it does in tests/workshop/moving/test_template_bundle.py
def test_the_next_version_of_the_template_comes_without_a_conflict(
    template: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    git(tmp_path, "clone", "--quiet", str(template), str(source))
    workshop = tmp_path / "workshop"
    copy_by_command(tmp_path, "copy", "--data", "step=3", str(source), "workshop")
    app = workshop / "app.py"
    app.write_text(app.read_text() + "\n# mine\n")
    commit(workshop)

    readme = source / "template" / "README.md.jinja"
    readme.write_text(readme.read_text() + "\nNews.\n")
    commit(source)
    git(source, "tag", "v1.1.0")
    copy_by_command(workshop, "update")
    assert (workshop / "README.md").read_text().endswith("\nNews.\n")
    assert app.read_text().endswith("\n# mine\n")
    assert "step: 3" in (workshop / ".copier-answers.yml").read_text()
