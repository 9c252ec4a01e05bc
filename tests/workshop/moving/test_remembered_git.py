"""What git said for one folder is used for the next only where git would say the same."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from workshop.moving import first_commit, git_environment
from workshop.moving.remembered_git import IDENTITY, INIT, LIST, RememberedGit

from tests.workshop.moving.test_first_commit import ENVIRONMENT, another_repository, git, usual


class Counted:
    """Git, and the first word of each command that it ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def __call__(
        self, folder: Path, *arguments: str, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        self.ran.append(arguments[0])
        return git_environment.run(folder, *arguments, environment=environment)


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_the_second_folder_needs_no_git(tmp_path: Path, counted: Counted) -> None:
    run = RememberedGit(counted)
    made = []
    noise = os.urandom(10)
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        usual(folder)
        (folder / os.fsdecode(b"latin-\xe9")).write_bytes(noise)
        first_commit.make(folder, "Start", run, ENVIRONMENT)
        git(folder, "fsck", "--strict", "--full")
        assert git(folder, "status", "--porcelain", "--ignored") == "!! ignored\n"
        made.append(
            {
                "config": (folder / ".git" / "config").read_bytes(),
                "names": sorted(path.name for path in (folder / ".git").iterdir()),
                "tree": git(folder, "ls-tree", "-r", "-z", "HEAD"),
                "author": git(folder, "log", "--format=%an|%ae|%cn|%ce|%ad", "--date=format:%z"),
            }
        )
        assert abs(int(git(folder, "log", "--format=%at")) - time.time()) < 600
    assert counted.ran == ["init", "ls-files", "var"]
    assert made[0] == made[1]


def test_other_rules_and_other_people_are_asked_about(tmp_path: Path, counted: Counted) -> None:
    run = RememberedGit(counted)
    listed = []
    for name, rules in (("one", "a\n"), ("two", "b\n"), ("three", "a\n")):
        folder = tmp_path / name
        (folder / "below").mkdir(parents=True)
        for file in ("a", "b", "below/a", "below/b"):
            (folder / file).touch()
        (folder / "below" / ".gitignore").write_text(rules)
        run(folder, *INIT, environment=ENVIRONMENT)
        listed.append(run(folder, *LIST, environment=ENVIRONMENT).stdout)
    assert [("below/a" in said, "below/b" in said) for said in listed] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert counted.ran == ["init", "ls-files", "ls-files"]
    bob = {**ENVIRONMENT, "GIT_AUTHOR_NAME": "Bob"}
    assert run(tmp_path / "two", *IDENTITY, environment=bob).stdout.startswith("Bob <ada@")
    set_by_folder = {name: value for name, value in bob.items() if "AUTHOR" not in name}
    git(tmp_path / "two", "config", "user.name", "Carol")
    git(tmp_path / "two", "config", "user.email", "carol@example.org")
    said = run(tmp_path / "two", *IDENTITY, environment=set_by_folder).stdout
    assert said.startswith("Carol <carol@")
    dated = {**bob, "GIT_AUTHOR_DATE": "1000000000 +0530"}
    assert run(tmp_path / "two", *IDENTITY, environment=dated).stdout.endswith("1000000000 +0530\n")


def test_what_is_unusual_is_for_git(tmp_path: Path, counted: Counted) -> None:
    run = RememberedGit(counted)
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        another_repository(folder)
        run(folder, *INIT, environment=ENVIRONMENT)
        theirs = git(folder, *LIST)
        assert run(folder, *LIST, environment=ENVIRONMENT).stdout == theirs
    run(folder, *INIT, environment=ENVIRONMENT)  # it has a repository now, and git keeps that
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text("file\n")
    assert run(folder, *LIST, environment=ENVIRONMENT).stdout == "other/\0"
    assert counted.ran == ["init", "ls-files", "ls-files", "init", "ls-files"]
