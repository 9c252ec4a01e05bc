"""The first real migration: from the template before its files had folders to today's.

`template-before-folders.bundle` is a git bundle of that template: one commit, tagged v0.9.0, with
copier.yml, extensions/, includes/, tasks/ and template/ as they were the day before the move.
Today's state is committed on top of it and tagged v1.0.0, as in the template repository of somebody
who follows along.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from workshop.check import replies
from workshop.cost import result
from workshop.stack.measurements import MeasuredLog

from extensions.steps import STEPS
from tests.conftest import git
from tests.workshop.moving.conftest import branches, files, lost

BUNDLE = Path(__file__).with_name("template-before-folders.bundle")
BEFORE, AFTER = "v0.9.0", "v1.0.0"
NUMBERS = [step.number for step in STEPS]
BIN = Path(sys.executable).parent

OWN = {"donutdb.py": b"# mine, committed\n", "app.py": b"# mine, not committed\n"}
NOTES = b"mine, in a new file\n"
IN_TOOL = "# mine, in the tool\n"
STRAY = "mine = 'beside the tool'\n"
LINES = [line.strip() for line in (*(b.decode() for b in (*OWN.values(), NOTES)), IN_TOOL, STRAY)]

CopyAt = Callable[[int], Path]

pytestmark = pytest.mark.xdist_group("migration")  # both versions are made once for all


@pytest.fixture(scope="module")
def source(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template's repository with both versions."""
    folder = tmp_path_factory.mktemp("versions") / "matchmaker"
    git(folder.parent, "clone", "--quiet", str(BUNDLE), str(folder))
    git(folder, "rm", "-r", "--quiet", ".")
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Give each file its folder")
    git(folder, "tag", AFTER)
    return folder


@pytest.fixture(scope="module")
def before(source: Path, tmp_path_factory: pytest.TempPathFactory) -> CopyAt:
    """What `copier copy` made at a step before; nobody changes it."""
    folder = tmp_path_factory.mktemp("before")

    @functools.cache
    def at(step: int) -> Path:
        return copy(source, folder / str(step), BEFORE, step=step)

    return at


def copy(source: Path, folder: Path, version: str, **answers: Any) -> Path:
    copier.run_copy(
        str(source),
        folder,
        data=answers,
        vcs_ref=version,
        defaults=True,
        unsafe=True,
        quiet=True,
    )
    return folder


def fresh(workshop: Path, folder: Path) -> Path:
    """What a copy of today's version is for the answers of a workshop."""
    answers = yaml.safe_load((workshop / ".copier-answers.yml").read_text())
    template = Path(answers["_src_path"])
    given = {name: answer for name, answer in answers.items() if not name.startswith("_")}
    return copy(template, folder, AFTER, **given)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def edit(workshop: Path) -> None:
    """What a trainee does, and one who looks into the tool: in commits, in files, in a new one."""
    for name, line in OWN.items():
        append(workshop / name, line.decode())
    git(workshop, "commit", "--quiet", "--message", "Mine", "donutdb.py")
    (workshop / "notes.md").write_bytes(NOTES)
    append(workshop / "workshop" / "show.py", IN_TOOL)  # today there is no such file
    append(workshop / "workshop" / "cli.py", IN_TOOL)  # and this one has others' lines
    (workshop / "workshop" / "mine.py").write_text(STRAY)


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as in a terminal; it has to say nothing about its own code."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "COLUMNS": "400"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done


def workshop_command(
    workshop: Path, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run the tool that is in a workshop, whatever its version."""
    done = run(sys.executable, "-m", "workshop", *arguments, folder=workshop)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def move(workshop: Path, way: str) -> None:
    """Bring today's version in one of the ways that a trainee has."""
    if way == "workshop update":
        workshop_command(workshop, "update")
    else:
        git(workshop, "add", "--all")  # Copier refuses what is not committed
        git(workshop, "commit", "--quiet", "--message", "All of mine")
        done = run(BIN / "copier", "update", "--trust", "--defaults", folder=workshop)
        assert done.returncode == 0, done.stderr


def assert_is_moved(workshop: Path, expected: Path, step: int) -> None:
    """All files are those of a fresh copy, with the trainee's lines; and nothing is lost."""
    wanted = files(expected)
    mine = {name: wanted[name] + line for name, line in OWN.items()} | {"notes.md": NOTES}
    assert files(workshop) == wanted | mine
    assert git(workshop, "ls-files", "--unmerged") == ""
    assert lost(workshop, LINES) == []
    assert f"Step {step} of " in workshop_command(workshop, "status").stdout


@pytest.mark.parametrize(
    ("way", "step"),
    [
        pytest.param(
            *(way, step),
            marks=[] if (way, step) == ("workshop update", 3) else pytest.mark.thorough,
        )
        for way in ("workshop update", "copier update")
        for step in NUMBERS
    ],
)
def test_an_edited_workshop_moves(before: CopyAt, tmp_path: Path, way: str, step: int) -> None:
    workshop = Path(shutil.copytree(before(step), tmp_path / "mine", symlinks=True))
    edit(workshop)
    move(workshop, way)
    assert_is_moved(workshop, fresh(workshop, tmp_path / "theirs"), step)
    assert len(branches(workshop)) == 1  # with what was in the tool
    # And on from there, with the tool that came.
    workshop_command(workshop, "goto", str(step % len(NUMBERS) + 1))
    assert lost(workshop, LINES) == []


@pytest.mark.parametrize(
    "way", ["workshop update", pytest.param("copier update", marks=pytest.mark.thorough)]
)
def test_a_line_that_the_move_changed_too_is_a_conflict_with_both(
    before: CopyAt, tmp_path: Path, way: str
) -> None:
    workshop = Path(shutil.copytree(before(5), tmp_path / "mine", symlinks=True))
    spans = workshop / "spans.py"
    text, count = re.subn(r"^(from workshop.*)$", r"\1  # mine", spans.read_text(), flags=re.M)
    assert count
    spans.write_text(text)
    move(workshop, way)
    assert "# mine" in spans.read_text()
    marked = [n for n, text in files(workshop).items() if re.search(rb"^<<<<<<< ", text, re.M)]
    assert marked == ["spans.py"]
    said = workshop_command(workshop, "status").stdout
    assert "Step 5 of " in said


@pytest.mark.parametrize(
    "numbers",
    # test_a_session_moves_its_keys moves a session, too, and each trainee's way is above.
    [pytest.param(numbers, marks=pytest.mark.thorough) for numbers in (NUMBERS[::4], NUMBERS)],
)
def test_a_session_moves_at_every_step(source: Path, tmp_path: Path, numbers: list[int]) -> None:
    template = tmp_path / "template"
    git(tmp_path, "clone", "--quiet", str(source), str(template))
    git(template, "tag", "--delete", AFTER)
    git(template, "reset", "--quiet", "--hard", BEFORE)
    lines = ["[session]", 'name = "spring"', f"template = {json.dumps(str(template))}"]
    for step in numbers:
        lines += ["[[trainee]]", f'trainee_name = "At {step}"', f"step = {step}"]
    (tmp_path / "roster.toml").write_text("\n".join(lines) + "\n")

    def generate() -> dict[str, str]:
        words = ("generate", "roster.toml", "--out", "out")
        done = run(BIN / "matchmaker", *words, folder=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        found = json.loads((tmp_path / "out" / "session.json").read_text())["trainees"]
        return {slug: entry["did"] for slug, entry in found.items()}

    workshops = {step: tmp_path / "out" / f"at-{step}" for step in numbers}
    assert set(generate().values()) == {"created"}
    assert (workshops[1] / "workshop" / "show.py").exists()
    for workshop in workshops.values():
        edit(workshop)
    git(template, "pull", "--quiet", "--tags", str(source), AFTER)
    assert set(generate().values()) == {"updated"}
    for step, workshop in workshops.items():
        assert_is_moved(workshop, fresh(workshop, tmp_path / f"fresh-{step}"), step)
    assert set(generate().values()) == {"unchanged"}


OLD_STATE = """
import time
from pathlib import Path
from workshop import cost_result, progress
from workshop.check import told
from workshop.measured import MeasuredLog, Result
from workshop.moving import hints

folder = Path(".workshop")
progress.record(folder, "explore", True)
progress.record_last(folder, "time-a-route", False)
told.write(folder, told.Told(guess=300.0, measured=240.0, answers={"questions": "abc"}))
times = cost_result.Times(1.0, 2.0, 100.0, 1.0, 1.0)
variants = dict.fromkeys(cost_result.VARIANTS, times)
cost_result.write(folder, cost_result.Cost("/beers", 10, 2, variants))
MeasuredLog(folder).write(Result("/pair/beer", 240.0, "", time.time()))
hints.following(Path.cwd(), "time-a-route")
"""


@pytest.mark.thorough  # nothing writes this any more, and tests/workshop/test_endings.py reads all
def test_what_the_old_tool_has_noted_is_read(before: CopyAt, tmp_path: Path) -> None:
    workshop = Path(shutil.copytree(before(2), tmp_path / "mine", symlinks=True))
    assert run(sys.executable, "-c", OLD_STATE, folder=workshop).returncode == 0
    move(workshop, "workshop update")
    assert re.search(r"^Done, .*: .*\b1\b", workshop_command(workshop, "status").stdout, re.M)
    assert "Hint 2 of" in workshop_command(workshop, "hint").stdout
    folder = workshop / ".workshop"
    assert replies.read(folder) == replies.Told(guess=300.0, measured=240.0)  # no letters
    cost = result.read(folder)
    assert cost
    assert cost.path == "/beers"
    assert [one.milliseconds for one in MeasuredLog(folder).look()] == [240.0]


@pytest.mark.thorough  # tests/workshop/test_endings.py has the same of the version before this one
def test_a_stack_that_the_old_version_left_running_is_named_and_stopped(
    source: Path, tmp_path: Path
) -> None:
    # Above all ports that other tests take, and below those that the system takes.
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
    offset = 17000 + 20 * worker
    workshop = copy(source, tmp_path / "mine", BEFORE, step=6, port_offset=offset)
    workshop_command(workshop, "up", "--detach")
    try:
        move(workshop, "workshop update")
        said = workshop_command(workshop, "status").stdout
        assert f"Another version of the workshop started this ({BEFORE}); it is {AFTER} now" in said
        checked = workshop_command(workshop, "check", code=1)
        assert "Step 6" in checked.stdout
    finally:
        stopped = workshop_command(workshop, "down").stdout
    assert stopped == "All services are stopped.\n"
    workshop_command(workshop, "up", "--detach")
    try:
        assert "Another version" not in workshop_command(workshop, "status").stdout
    finally:
        workshop_command(workshop, "down")


KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
MINE = b"# mine\r\nMATCHMAKER_ERROR_RATE=0.5\r\n"


def with_key_in_dotenv(workshop: Path) -> None:
    """What the old version wrote, in a file that the trainee edited on Windows."""
    text = (workshop / ".env").read_text()
    assert f"DD_API_KEY={KEY}" in text
    (workshop / ".env").write_bytes(text.replace("\n", "\r\n").encode() + MINE)


def assert_has_the_key_once(workshop: Path, before: bytes) -> None:
    assert (workshop / ".key" / "datadog").read_text() == f"{KEY}\n"
    assert (workshop / ".key" / "datadog").stat().st_mode & 0o777 == 0o600
    assert (workshop / ".env").read_bytes() == before.replace(f"DD_API_KEY={KEY}\r\n".encode(), b"")
    assert git(workshop, "status", "--porcelain", "--untracked-files=all", "--", ".key") in (
        "",
        "A  .key/.gitignore\n",
        "?? .key/.gitignore\n",
    )
    assert KEY not in git(workshop, "cat-file", "--batch", "--batch-all-objects")


@pytest.mark.parametrize(
    "way", ["workshop update", pytest.param("copier update", marks=pytest.mark.thorough)]
)
def test_the_key_moves_once_with_an_update(source: Path, tmp_path: Path, way: str) -> None:
    workshop = copy(source, tmp_path / "mine", BEFORE, step=3, backend="datadog", dd_api_key=KEY)
    with_key_in_dotenv(workshop)
    before = (workshop / ".env").read_bytes()
    (workshop / "notes.md").write_bytes(NOTES)
    move(workshop, way)
    if way == "workshop update":  # the old tool did that; the new one moves the key when it comes
        assert (workshop / ".env").read_bytes() == before
        said = workshop_command(workshop, "update").stdout
        assert "Your API key has moved from .env to .key/datadog" in said
    assert_has_the_key_once(workshop, before)
    # A key that comes into .env later is not the old version's, and never replaces the other one.
    append(workshop / ".env", f"DD_API_KEY={OTHER_KEY}\n")
    git(workshop, "add", "--all")
    git(workshop, "commit", "--quiet", "--message", "Moved")
    done = run(
        *(BIN / "copier", "update", "--trust", "--defaults", "--vcs-ref", AFTER),
        *("--data", "step=4"),
        folder=workshop,
    )
    assert done.returncode == 0, done.stderr
    assert ".env has another API key than .key/datadog" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert OTHER_KEY in (workshop / ".env").read_text()
    assert (workshop / ".key" / "datadog").read_text() == f"{KEY}\n"


def test_a_session_moves_its_keys(source: Path, tmp_path: Path) -> None:
    template = tmp_path / "template"
    git(tmp_path, "clone", "--quiet", str(source), str(template))
    git(template, "tag", "--delete", AFTER)
    git(template, "reset", "--quiet", "--hard", BEFORE)
    (tmp_path / "keys").write_text(f"DD_API_KEY={KEY}\n")
    (tmp_path / "keys").chmod(0o600)
    roster = [
        "[session]",
        'name = "spring"',
        f"template = {json.dumps(str(template))}",
        'api_key = {file = "keys"}',
        "[answers]",
        'backend = "datadog"',
        *('[[trainee]]\ntrainee_name = "Ada"', '[[trainee]]\ntrainee_name = "Own"'),
    ]
    path = tmp_path / "roster.toml"
    path.write_text("\n".join(roster) + "\n")

    def generate() -> set[str]:
        done = run(BIN / "matchmaker", "generate", "roster.toml", "--out", "out", folder=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert KEY not in done.stdout + done.stderr
        found = json.loads((tmp_path / "out" / "session.json").read_text())["trainees"]
        return {entry["did"] for entry in found.values()}

    workshops = [tmp_path / "out" / slug for slug in ("ada", "own")]
    assert generate() == {"created"}
    for workshop in workshops:
        with_key_in_dotenv(workshop)
    before = (workshops[0] / ".env").read_bytes()
    # From now on, this one sets the key alone.
    path.write_text(path.read_text() + 'api_key = "later"\n')
    git(template, "pull", "--quiet", "--tags", str(source), AFTER)
    assert generate() == {"updated"}
    for workshop in workshops:
        assert_has_the_key_once(workshop, before)
    assert generate() == {"unchanged"}
