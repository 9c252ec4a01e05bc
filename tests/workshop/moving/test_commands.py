"""What the commands print: differences, hints, and what becomes of the work."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from workshop import settings
from workshop.check import unchanged
from workshop.moving import hints

from extensions.steps import STEPS, Step
from tests.conftest import git
from tests.workshop.moving.conftest import CODE, CopyAt, branches, files, step_of

CHECK = """
from workshop.check.report import Report, Requirement
from workshop.settings import steps

def check_steps(settings, numbers):
    passed = (settings.root / ".workshop" / "green").exists()
    step = steps(settings.root)[numbers[0] - 1]
    return [Report(step, [Requirement("it is done", "pass" if passed else "fail")])]
"""


def workshop_says(workshop: Path, *arguments: str, code: int = 0) -> str:
    """Run `workshop …`, and give what it prints, errors as well."""
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        env={**os.environ, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def test_next_waits_for_the_check_and_says_what_else_there_is(at: CopyAt) -> None:
    workshop = at(2)
    check = workshop / "workshop" / "check" / "runner.py"
    check.write_text(check.read_text() + CHECK)  # the real one has tests of its own
    before = files(workshop)
    said = workshop_says(workshop, "next", code=1)
    assert "Step 2 is not done yet." in said
    for other in ("workshop check", "workshop hint", "workshop next --force", "workshop goto 3"):
        assert other in said
    assert files(workshop) == before

    (workshop / ".workshop" / "green").touch()
    said = workshop_says(workshop, "next")
    assert "You are at step 3: Drill down into the route (steps/03-drill-down.md)." in said
    assert "Your code stays as it is." in said
    (branch,) = branches(workshop)
    assert f"saved on the branch {branch}." in said
    assert f"git restore --source={branch} app.py" in said

    (workshop / ".workshop" / "green").unlink()
    workshop_says(workshop, "next", "--force")
    assert step_of(workshop) == 4


def test_next_does_not_check_again_what_passed(at: CopyAt) -> None:
    workshop = at(2)
    check = workshop / "workshop" / "check" / "runner.py"
    check.write_text(check.read_text() + CHECK)  # it never passes
    here = settings.load(workshop)
    unchanged.record(here, unchanged.state(here), True)
    code = (workshop / "app.py").read_text()
    (workshop / "app.py").write_text(code + "# an edit\n")
    assert "Step 2 is not done yet." in workshop_says(workshop, "next", code=1)
    (workshop / "app.py").write_text(code)
    workshop_says(workshop, "next")
    assert step_of(workshop) == 3
    assert "Step 3 is not done yet." in workshop_says(workshop, "next", code=1)


def test_a_caller_s_variables_do_not_lead_git_astray(
    at: CopyAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = at(3)
    head = git(workshop, "rev-parse", "HEAD")
    (workshop / "app.py").write_text("# mine\n")
    monkeypatch.setenv("GIT_DIR", str(workshop / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(workshop))
    workshop_says(workshop, "next", "--force")
    assert step_of(workshop) == 4
    assert git(workshop, "rev-parse", "HEAD") == head
    assert len(branches(workshop)) == 1


def test_the_way_back_leads_to_what_was_overwritten(at: CopyAt) -> None:
    workshop = at(4)
    for name, reset in (("timing.py", ["reset"]), ("models.py", ["reset", "models.py"])):
        (workshop / "models.py").write_text("# mine\n")
        (workshop / name).write_text("# mine\n")
        said = workshop_says(workshop, *reset)
        (way,) = re.findall(r"Get a file back: +(git restore .*)", said)
        subprocess.run(way, shell=True, cwd=workshop, check=True)
        assert (workshop / name).read_text() == "# mine\n"


def test_the_way_back_to_committed_work_is_its_commit(at: CopyAt) -> None:
    workshop = at(4)
    (workshop / "timing.py").write_text("# mine\n")
    git(workshop, "commit", "--quiet", "--all", "--message", "Correlate")
    commit = git(workshop, "rev-parse", "--short", "HEAD").strip()
    said = workshop_says(workshop, "goto", "6")
    assert branches(workshop) == []
    assert f"Your work so far is in the commit {commit}." in said
    (way,) = re.findall(r"Get a file back: +(git restore .*)", said)
    subprocess.run(way.replace("app.py", "timing.py"), shell=True, cwd=workshop, check=True)
    assert (workshop / "timing.py").read_text() == "# mine\n"

    git(workshop, "commit", "--quiet", "--all", "--message", "On")
    said = workshop_says(workshop, "next", "--force")
    assert "the commit" not in said  # the code stays as it is: nothing to get back


def test_next_after_conflicts_says_where_they_are(at: CopyAt) -> None:
    workshop = at(3)
    readme = workshop / "README.md"
    readme.write_text(readme.read_text().replace("**[step 3: ", "**[my step: "))
    said = workshop_says(workshop, "next", "--force")
    assert re.search(r"^  README\.md, lines \d+ to \d+$", said, re.MULTILINE)
    assert "delete the lines with" in said
    again = workshop_says(workshop, "next", "--force", code=1)
    assert "There are conflicts to resolve first" in again
    assert "README.md, lines" in again


def test_wrong_words_are_explained(at: CopyAt) -> None:
    workshop = at(len(STEPS))
    assert f"There are 1 to {len(STEPS)}." in workshop_says(workshop, "goto", "12", code=1)
    assert "app.py" in workshop_says(workshop, "reset", "application.py", code=1)
    assert "no file .env" in workshop_says(workshop, "reset", ".env", code=1)
    assert "changes no code" in workshop_says(workshop, "diff", code=1)
    assert f"Step {len(STEPS)} is the last one." in workshop_says(workshop, "next")
    (workshop / ".copier-answers.yml").write_text("nonsense")
    assert "git restore .copier-answers.yml" in workshop_says(workshop, "goto", "2", code=1)


def test_files_that_were_broken_are_named(at: CopyAt) -> None:
    workshop = at(9)
    (workshop / "checks" / "questions.toml").write_text("[[question]")
    assert "workshop reset checks/questions.toml" in workshop_says(workshop, "check", code=1)
    answers = workshop / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("step: 9", "step: 12"))
    for command in ("next", "hint"):
        said = workshop_says(workshop, command, code=1)
        assert "step 12, but there are 1 to 9" in said
        assert "git restore .copier-answers.yml" in said


def test_the_solution_is_the_page_s_and_git_takes_it(at: CopyAt, pristine: CopyAt) -> None:
    workshop = at(4)
    shown = workshop_says(workshop, "solution")
    (page,) = re.findall(
        r"```diff\n(.*?)```", (workshop / "steps/04-correlate.md").read_text(), re.DOTALL
    )
    assert changed_lines(shown) == changed_lines(page)
    (workshop / "solution.diff").write_text(workshop_says(workshop, "solution"))
    git(workshop, "apply", "solution.diff")
    for name in CODE:
        assert files(workshop)[name] == files(pristine(5))[name]
    assert workshop_says(workshop, "diff") == "Your code is the solution.\n"


def test_the_diff_leads_from_mine_to_the_solution(at: CopyAt) -> None:
    workshop = at(4)
    app = workshop / "app.py"
    app.write_text(app.read_text().replace("def ping():", "def ping():  # mine"))
    shown = workshop_says(workshop, "diff")
    assert "-def ping():  # mine\n+def ping():\n" in shown
    assert "--- yours/app.py\n+++ solution/app.py\n" in shown
    assert "\x1b" not in shown  # no colours but in a terminal


def changed_lines(diff: str) -> set[str]:
    return {
        line
        for line in diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    }


def test_hints_come_one_by_one(at: CopyAt) -> None:
    workshop = at(3)
    texts = hints.hints(workshop)["drill-down"]
    for number, text in enumerate(texts, 1):
        said = workshop_says(workshop, "hint")
        assert said.startswith(f"Hint {number} of {len(texts)}\n{text}\n")
        left = len(texts) - number
        assert (f"{left} more" if left else "That was the last one.") in said
    assert f"Hint {len(texts)} of {len(texts)}" in workshop_says(workshop, "hint")
    (workshop / ".workshop" / "hints.json").write_text("[")
    assert "Hint 1 of" in workshop_says(workshop, "hint")
    assert git(workshop, "status", "--porcelain") == ""


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.slug)
def test_hints_go_from_a_pointer_to_nearly_the_line(pristine: CopyAt, step: Step) -> None:
    start = pristine(step.number)
    texts = hints.hints(start)[step.slug]
    assert len(texts) >= 3
    if not step.files:
        return
    page = (start / step.page).read_text()
    (diff,) = re.findall(r"```diff\n(.*?)```", page, re.DOTALL)
    bonus = " ".join(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    added = " ".join(line[1:] for line in diff.splitlines() if line.startswith("+"))
    changed = " ".join(line[1:] for line in diff.splitlines())

    def lines_of(text: str) -> list[str]:
        quoted = re.findall(r"`([^`]+)`", text)
        return [code for code in quoted if len(code) > 15 and not re.fullmatch(r"\w+", code)]

    told = [code for text in texts for code in lines_of(text)]
    assert told, "no hint comes near the line"
    for code in told:  # what a hint quotes is what the solution says, or the bonus
        assert code in changed + bonus, code
    assert not [code for code in lines_of(texts[0]) if code in added], "the first gives it away"


def test_hints_are_of_the_catalogue(pristine: CopyAt) -> None:
    data = tomllib.loads((pristine(1) / "steps" / "hints.toml").read_text())
    assert list(data) == [step.slug for step in STEPS]


def test_status_says_if_an_update_is_there(at: CopyAt, template: Path, tmp_path: Path) -> None:
    workshop = at(3)
    said = workshop_says(workshop, "status")
    assert "newer version" not in said
    newer = tmp_path / "newer"
    git(tmp_path, "clone", "--quiet", str(template), str(newer))
    git(newer, "commit", "--quiet", "--allow-empty", "--message", "News")
    git(newer, "tag", "v1.2.0")
    answers = workshop / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(template), str(newer)))
    assert "(v1.2.0): workshop update" in workshop_says(workshop, "status")


def test_every_step_knows_its_files(pristine: CopyAt) -> None:
    found = settings.steps(pristine(1))
    assert [step.files for step in found] == [step.files for step in STEPS]
