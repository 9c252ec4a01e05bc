"""A command that is killed, at any moment, loses nothing; and a second run completes it."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from workshop.moving.conflicts import conflicts

from tests.conftest import git
from tests.workshop.moving.conftest import CODE, CopyAt, files, half_done, lost, step_of

# Runs `workshop …`, and kills it just before its nth git command, or before it has put its nth file
# into place: Python's own audit says when.
RUN = """
import os, signal, sys
from workshop.cli import main

kind, number = sys.argv.pop(1), int(sys.argv.pop(1))

def watch(event, arguments):
    global number
    is_git = event == "subprocess.Popen" and arguments[0] == "git"
    is_file = event == "os.rename" and str(arguments[0]).endswith("draft")
    if (kind == "git" and is_git) or (kind == "file" and is_file):
        number -= 1
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
main()
"""


@dataclass
class Trainee:
    """A workshop at step 3, with work in it that nobody committed."""

    root: Path
    lines: list[str]

    def start(self, *arguments: str, kill: str = "never", at: int = 0) -> subprocess.Popen[str]:
        """Run a command in a process of its own, which is killed at a moment, or never."""
        temporary = self.root.parent / "temporary"  # whoever is killed cannot tidy up
        temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-c", RUN, kill, str(at), *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def check_nothing_is_lost(self) -> None:
        """Every line is somewhere, and git works as before."""
        assert lost(self.root, self.lines) == []
        git(self.root, "fsck", "--no-dangling")
        assert not list((self.root / ".git").rglob("index.lock"))


COMMANDS = {
    "next": ("next", "--force"),
    "goto": ("goto", "7"),
    "reset": ("reset",),
    "update": ("update",),
}


@pytest.fixture
def newer(template: Path, tmp_path: Path) -> Path:
    """The template, one version later."""
    source = tmp_path / "newer"
    git(tmp_path, "clone", "--quiet", str(template), str(source))
    for name in ("README.md.jinja", "donutdb.py", "compose.yaml.jinja", "models.py"):
        path = source / "template" / name
        path.write_text(f"# News.\n{path.read_text()}")
    git(source, "commit", "--quiet", "--all", "--message", "News")
    git(source, "tag", "v1.1.0")
    return source


@pytest.fixture
def trainee(at: CopyAt, newer: Path) -> Trainee:
    workshop = at(3)
    answers = workshop / ".copier-answers.yml"
    lines = answers.read_text().splitlines()
    changed = [f"_src_path: {newer}" if line.startswith("_src_path") else line for line in lines]
    answers.write_text("\n".join([*changed, ""]))
    return Trainee(workshop, half_done(workshop))


def complete(trainee: Trainee, name: str, pristine: CopyAt) -> None:
    """Give the command again, and look whether all of it is done then."""
    code = {file: files(trainee.root).get(file) for file in CODE}
    again = trainee.start(*COMMANDS[name])
    _, error = again.communicate()
    assert again.returncode == 0, error
    now = files(trainee.root)
    if name == "next":
        assert step_of(trainee.root) == 4
        assert {file: now.get(file) for file in CODE} == code
        assert now["compose.yaml"] == files(pristine(4))["compose.yaml"]
    elif name == "update":
        assert step_of(trainee.root) == 3
        assert now["compose.yaml"].startswith(b"# News.\n")
        assert now["donutdb.py"].startswith(b"# News.\n")
        assert b"# mine, committed" in now["donutdb.py"]
        assert conflicts(trainee.root) == []
    else:
        expected = files(pristine(7 if name == "goto" else 3))
        del expected[".copier-answers.yml"]  # which says where this template is
        assert {file: now[file] for file in expected} == expected
        assert step_of(trainee.root) == (7 if name == "goto" else 3)


MOMENTS = [("git", 3), ("git", 9), ("file", 1), ("file", 3)]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param(
            kind, number, marks=[] if (kind, number) == ("file", 3) else [pytest.mark.thorough]
        )
        for kind, number in MOMENTS
    ],
    ids=[f"{k}{n}" for k, n in MOMENTS],
)
@pytest.mark.parametrize(  # the others write their files in the same way as one of these
    "name",
    [
        pytest.param(name, marks=[] if name in ("next", "goto") else pytest.mark.thorough)
        for name in COMMANDS
    ],
)
def test_killed_at_a_known_moment(
    trainee: Trainee, pristine: CopyAt, name: str, kind: str, number: int
) -> None:
    killed = trainee.start(*COMMANDS[name], kill=kind, at=number)
    _, error = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, error
    trainee.check_nothing_is_lost()
    complete(trainee, name, pristine)
    trainee.check_nothing_is_lost()


@pytest.mark.thorough
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_time(trainee: Trainee, pristine: CopyAt, name: str) -> None:
    running = trainee.start(*COMMANDS[name])
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(random.uniform(0, 4))
    running.kill()
    running.communicate()
    trainee.check_nothing_is_lost()
    if step_of(trainee.root) == 3:  # else it was too quick, and there is nothing to complete
        complete(trainee, name, pristine)
        trainee.check_nothing_is_lost()
