"""The tool, `workshop/`: an update replaces it whole, and one that is broken can be put back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workshop.conflicts import conflicts
from workshop.moving import tool

from tests.conftest import git
from tests.moving.conftest import CopyAt, branches, files, lost
from tests.moving.test_update import copy

MINE = "def status(  # mine"
STRAY = "x = 'mine, beside the tool'\n"
LINES = [MINE, STRAY.strip(), "web = 5050"]


@pytest.fixture
def source(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "source"))


def publish(source: Path) -> None:
    """A new version of the tool: a line changed that trainees change too, a file more, one less."""
    folder = source / "template" / "workshop"
    show = folder / "show.py"
    show.write_text(show.read_text().replace("def status(", "def status(  # theirs"))
    (folder / "fresh.py").write_text("y = 1\n")
    (folder / "exits.py").rename(folder / "endings.py")
    for path in folder.glob("*.py"):
        text = path.read_text()
        text = text.replace("import exits", "import endings as exits")
        path.write_text(text.replace("workshop.exits", "workshop.endings"))
    settings = folder / "settings.toml.jinja"
    settings.write_text(settings.read_text() + "\n[news]\nhello = true\n")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "News")
    git(source, "tag", "v1.1.0")


def change(workshop: Path) -> None:
    """What somebody does who wants the tool to be another."""
    show = workshop / "workshop" / "show.py"
    show.write_text(show.read_text().replace("def status(", MINE))
    (workshop / "workshop" / "mine").mkdir()
    (workshop / "workshop" / "mine" / "stray.py").write_text(STRAY)
    (workshop / "workshop" / "console" / "load.py").unlink()
    settings = workshop / "workshop" / "settings.toml"
    settings.write_text(settings.read_text().replace("web = 5000", "web = 5050"))
    app = workshop / "app.py"
    app.write_text(app.read_text() + "\n# mine, in the app\n")


def run(workshop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        env={**os.environ, "COLUMNS": "400"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def of_tool(workshop: Path) -> dict[str, bytes]:
    return {name: text for name, text in files(workshop).items() if tool.is_of_tool(name)}


@pytest.mark.parametrize(
    ("command", "is_committed"),
    [
        ("copier update", True),
        ("update", True),
        ("update", False),
        ("next --force", False),
        ("goto 4", True),
        ("reset", False),
    ],
)
def test_the_tool_is_replaced_and_mine_is_saved(
    source: Path, tmp_path: Path, command: str, is_committed: bool
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    change(workshop)
    if is_committed:
        git(workshop, "add", "--all")
        git(workshop, "commit", "--quiet", "--message", "Mine")
    if "update" in command:
        publish(source)
    is_moved = command in ("next --force", "goto 4")
    expected = copy(source, tmp_path / "theirs", 4 if is_moved else 3)
    if command == "copier update":
        done = subprocess.run(
            [Path(sys.executable).parent / "copier", "update", "--trust", "--defaults"],
            cwd=workshop,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert "my/workshop-" in done.stderr
    else:
        done = run(workshop, *command.split())
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "replaced as a whole" in said
    for name in ("workshop/show.py", "workshop/console/load.py", "workshop/mine/stray.py"):
        assert name in said
    assert of_tool(workshop) == of_tool(expected)
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert lost(workshop, LINES) == []
    if command not in ("goto 4", "reset"):
        assert "# mine, in the app" in (workshop / "app.py").read_text()
    assert run(workshop, "status").returncode == 0


def test_an_update_of_an_untouched_tool_says_nothing_about_it(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    publish(source)
    done = run(workshop, "update")
    assert done.returncode == 0
    assert "as a whole" not in done.stdout
    assert of_tool(workshop) == of_tool(copy(source, tmp_path / "theirs", 3))
    assert branches(workshop) == []


BROKEN = "<<<<<<< before updating\nmine\n=======\ntheirs\n>>>>>>> after updating\n"


def break_tool(workshop: Path, name: str) -> None:
    """What an update by an old version left: conflict markers, and git asks about the file."""
    path = workshop / "workshop" / name
    path.write_text(BROKEN + path.read_text())
    blob = git(workshop, "hash-object", "-w", f"workshop/{name}").strip()
    entries = "".join(f"100644 {blob} {stage}\tworkshop/{name}\n" for stage in (1, 2, 3))
    subprocess.run(
        ["git", "update-index", "--index-info"],
        cwd=workshop,
        input=f"0 {'0' * 40}\tworkshop/{name}\n{entries}",
        text=True,
        check=True,
    )


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("cli.py", "reset"),
        ("problem.py", "goto 4"),
        ("steps.toml", "goto 4"),
        ("settings.toml", "reset"),
        ("settings.toml", "update"),
    ],
)
def test_a_broken_tool_is_put_back_by_its_own_commands(
    source: Path, tmp_path: Path, name: str, command: str
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    publish(source)
    break_tool(workshop, name)
    said = run(workshop, "status")
    assert said.returncode == 1
    assert f"workshop/{name}" in said.stderr
    assert "workshop reset" in said.stderr
    done = run(workshop, *command.split())
    assert done.returncode == 0, done.stderr
    assert conflicts(workshop) == []
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert lost(workshop, ["<<<<<<< before updating"]) == []
    assert run(workshop, "status").returncode == 0


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_broken_tool_without_a_copy_of_the_template(
    source: Path, tmp_path: Path, is_committed: bool
) -> None:
    repository = tmp_path / "around"
    repository.mkdir()
    git(repository, "init", "--quiet")
    workshop = copy(source, repository / "mine", 3)  # a folder of another repository
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "All")
    shutil.rmtree(workshop / ".workshop" / "template.git")
    cli = workshop / "workshop" / "cli.py"
    cli.write_text(BROKEN + cli.read_text())
    (workshop / "workshop" / "stray.py").write_text("mine")
    if is_committed:
        git(repository, "commit", "--all", "--quiet", "--message", "Broken")
    done = run(workshop, "reset")
    assert done.returncode == 0, done.stderr
    assert "it again; what was there is on the branch my/workshop-" in done.stderr
    assert conflicts(workshop) == []
    (branch, *_) = (b for b in branches(repository) if b.startswith("my/workshop-"))
    assert git(repository, "show", f"{branch}:mine/workshop/stray.py") == "mine"
    assert BROKEN in git(repository, "show", f"{branch}:mine/workshop/cli.py")


def test_a_tool_that_cannot_even_heal_says_what_to_do(at: CopyAt) -> None:
    workshop = at(3)
    for name in ("cli.py", "healing.py"):
        (workshop / "workshop" / name).write_text(BROKEN)
    said = run(workshop, "reset")
    assert said.returncode == 1
    assert "git checkout COMMIT -- workshop" in said.stderr


def test_a_package_that_is_missing_is_named(at: CopyAt) -> None:
    workshop = at(3)
    cli = workshop / "workshop" / "cli.py"
    cli.write_text(cli.read_text().replace("import psutil", "import psutil_of_old"))
    said = run(workshop, "reset")
    assert said.returncode == 1
    assert "psutil_of_old is not installed" in said.stderr
    assert "uv sync" in said.stderr


def test_the_settings_are_all_of_the_tool_that_answers_make(template: Path) -> None:
    made = (template / "template" / "workshop").rglob("*.jinja")
    assert [path.name for path in made] == ["settings.toml.jinja"]
