"""The tool, `workshop/`: an update replaces it whole, and one that is broken can be put back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
from workshop.moving import tool_files
from workshop.moving.conflicts import conflicts

from tests.conftest import git
from tests.workshop.moving.conftest import CopyAt, branches, files, lost
from tests.workshop.moving.test_update import copy

MINE = "def status(  # mine"
OLD = 1_000_000_000  # seconds
STRAY = "x = 'mine, beside the tool'\n"
LINES = [MINE, STRAY.strip(), "web = 5050"]


@pytest.fixture
def source(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "source"))


def publish(source: Path) -> None:
    """A new version of the tool: a line changed that trainees change too, a file more, one less."""
    folder = source / "template" / "workshop"
    tables = folder / "commands" / "tables.py"
    tables.write_text(tables.read_text().replace("def status(", "def status(  # theirs"))
    (folder / "fresh.py").write_text("y = 1\n")
    (folder / "stack" / "exits.py").rename(folder / "stack" / "endings.py")
    for path in folder.rglob("*.py"):
        text = path.read_text()
        text = text.replace("import exits", "import endings as exits")
        path.write_text(text.replace("workshop.stack.exits", "workshop.stack.endings"))
    settings = folder / "settings.toml.jinja"
    settings.write_text(settings.read_text() + "\n[news]\nhello = true\n")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "News")
    git(source, "tag", "v1.1.0")


def change(workshop: Path) -> None:
    """What somebody does who wants the tool to be another."""
    show = workshop / "workshop" / "commands" / "tables.py"
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
    return {name: text for name, text in files(workshop).items() if tool_files.is_of_tool(name)}


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
@pytest.mark.sample(2)
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
    assert "as a whole" in said
    for name in (
        "workshop/commands/tables.py",
        "workshop/console/load.py",
        "workshop/mine/stray.py",
    ):
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
@pytest.mark.sample(4)
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
@pytest.mark.sample(2)
def test_a_broken_tool_without_a_copy_of_the_template(
    source: Path, tmp_path: Path, is_committed: bool
) -> None:
    repository = tmp_path / "around"
    repository.mkdir()
    git(repository, "init", "--quiet")
    workshop = repository / "mine"  # a folder of another repository
    data = {"step": 3}
    copier.run_copy(str(source), workshop, data=data, defaults=True, unsafe=True, quiet=True)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "All")
    (workshop / "workshop" / "template.bundle").unlink()
    cli = workshop / "workshop" / "cli.py"
    cli.write_text(BROKEN + cli.read_text())
    (workshop / "workshop" / "stray.py").write_text("mine")
    if is_committed:
        git(repository, "commit", "--all", "--quiet", "--message", "Broken")
    done = run(workshop, "reset")
    assert done.returncode == 0, done.stderr
    assert "again. What it contained is on the branch my/workshop-" in done.stderr
    assert conflicts(workshop) == []
    (branch, *_) = (b for b in branches(repository) if b.startswith("my/workshop-"))
    assert git(repository, "show", f"{branch}:mine/workshop/stray.py") == "mine"
    assert BROKEN in git(repository, "show", f"{branch}:mine/workshop/cli.py")


def test_a_tool_that_cannot_even_heal_says_what_to_do(at: CopyAt) -> None:
    workshop = at(3)
    for name in ("cli.py", "moving/healing.py"):
        (workshop / "workshop" / name).write_text(BROKEN)
    said = run(workshop, "reset")
    assert said.returncode == 1
    assert "git checkout COMMIT -- workshop" in said.stderr


def test_a_package_that_is_missing_is_named(at: CopyAt) -> None:
    workshop = at(3)
    cli = workshop / "workshop" / "cli.py"
    cli.write_text(cli.read_text().replace("import typer\n", "import typer_of_old\n"))
    said = run(workshop, "reset")
    assert said.returncode == 1
    assert "typer_of_old is not installed" in said.stderr
    assert "uv sync" in said.stderr


def test_the_settings_are_all_of_the_tool_that_answers_make(template: Path) -> None:
    made = (template / "template" / "workshop").rglob("*.jinja")
    assert [path.name for path in made] == ["settings.toml.jinja"]


def test_what_is_put_back_is_the_template_s_whatever_git_is_told(
    source: Path, tmp_path: Path
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\ncat\n')
    program.chmod(0o755)
    hooks = workshop / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    shutil.copy(program, hooks / "reference-transaction")
    shutil.copy(program, hooks / "post-index-change")
    for setting in ("filter.mine.clean", "filter.mine.smudge", "core.fsmonitor"):
        git(workshop, "config", setting, str(program))
    git(workshop, "config", "core.autocrlf", "true")
    attributes = "*.py filter=mine\n*.js export-ignore\n"
    (workshop / ".git" / "info" / "attributes").write_text(attributes)
    show = workshop / "workshop" / "commands" / "tables.py"
    mine = show.read_bytes().replace(b"\n", b"\r\n") + b"# mine\r\n"
    show.write_bytes(mine)
    for is_kept in (True, False):
        (workshop / "workshop" / "cli.py").write_text(BROKEN)
        ran.unlink(missing_ok=True)
        if not is_kept:
            shutil.rmtree(workshop / ".workshop" / "template.git")
            (workshop / "workshop" / "template.bundle").unlink()
        # As old as the files, so that git looks at each of them again: it counts in seconds.
        os.utime(workshop / ".git" / "index", (OLD, OLD))
        done = heal(workshop)
        assert done.returncode == 0, done.stderr
        assert not ran.exists(), ran.read_text()
        assert of_tool(workshop) == of_tool(copy(source, tmp_path / f"theirs {is_kept}", 3))
    saved = [
        subprocess.run(
            ["git", "cat-file", "blob", f"{branch}:workshop/commands/tables.py"],
            cwd=workshop,
            capture_output=True,
            check=True,
        ).stdout
        for branch in branches(workshop)
    ]
    assert mine in saved


def heal(workshop: Path) -> subprocess.CompletedProcess[str]:
    """Have the tool put itself back, and nothing else: the command itself would do so as well."""
    script = (
        "import sys; sys.argv[1:] = ['reset']; from workshop.moving import healing; "
        "healing.os.execv = lambda *_: sys.exit(0)\n"
        "try:\n    import workshop.cli\nexcept SyntaxError as error:\n    healing.heal(error)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=workshop,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_nothing_is_put_back_through_a_link(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    folder = workshop / "workshop"
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder / "check", elsewhere)
    (elsewhere / "runner.py").write_text("mine, and elsewhere")
    before = {path: path.read_text() for path in elsewhere.iterdir() if path.is_file()}
    shutil.rmtree(folder / "check")
    (folder / "check").symlink_to(elsewhere)
    (folder / "stack" / "exits.py").unlink()
    (folder / "stack" / "exits.py").symlink_to(elsewhere / "runner.py")
    (folder / "notes").symlink_to(elsewhere / "runner.py")
    (folder / "cli.py").write_text(BROKEN)
    done = run(workshop, "reset")
    assert done.returncode == 0, done.stderr
    assert {path: path.read_text() for path in elsewhere.iterdir() if path.is_file()} == before
    assert of_tool(workshop) == of_tool(copy(source, tmp_path / "theirs", 3))
    assert not (folder / "check").is_symlink()
    (branch, *_) = (b for b in branches(workshop) if b.startswith("my/workshop-"))
    listed = git(workshop, "ls-tree", "-r", branch, "workshop")
    links = [line.split("\t")[1] for line in listed.splitlines() if line.startswith("120000")]
    assert links == ["workshop/check", "workshop/notes", "workshop/stack/exits.py"]


def test_a_tool_that_is_a_link_is_not_put_back(source: Path, tmp_path: Path) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    elsewhere = tmp_path / "elsewhere"
    (workshop / "workshop").rename(elsewhere)
    (workshop / "workshop").symlink_to(elsewhere)
    (elsewhere / "cli.py").write_text(BROKEN)
    done = run(workshop, "reset")
    assert done.returncode == 1
    assert "workshop/ is a symbolic link" in done.stderr
    assert (elsewhere / "cli.py").read_text() == BROKEN


KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".key/datadog", f"{KEY}\n"),
        (".key/datadog", f'\ufeffDD_API_KEY="{KEY}"\r\n'),
        (".env", f"export DD_API_KEY='{KEY}' # mine\n"),
    ],
)
@pytest.mark.sample(2)
def test_a_key_in_a_broken_tool_reaches_no_branch(
    source: Path, tmp_path: Path, file: str, text: str
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    folder = workshop / "workshop"
    (workshop / file).write_text(text)
    (folder / ".env.bak").write_text(f"DD_API_KEY={KEY}\n")
    (folder / "cli.py").write_text(f"{BROKEN}# {KEY}\n")
    done = run(workshop, "reset")
    assert done.returncode == 1
    assert "workshop/cli.py: your API key is in there" in done.stderr
    assert branches(workshop) == []
    (folder / "cli.py").write_text(BROKEN)
    done = run(workshop, "reset")
    assert done.returncode == 0, done.stderr
    assert (folder / ".env.bak").read_text() == f"DD_API_KEY={KEY}\n"
    assert lost(workshop, ["<<<<<<< before updating"]) == []
    assert lost(workshop, [KEY]) == [KEY]


def test_where_the_key_is_hidden_what_looks_like_one_in_a_broken_tool_reaches_no_branch(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = copy(source, tmp_path / "mine", 3)
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    (workshop / "workshop" / "cli.py").write_text(f'{BROKEN}DD_API_KEY = "{KEY}"\n')
    done = run(workshop, "reset")
    assert done.returncode == 1
    assert "workshop/cli.py: your API key is in there" in done.stderr
