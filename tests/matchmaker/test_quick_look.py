"""A quick look at a repository says what git would say, or leaves it to git."""

import subprocess
from pathlib import Path

import pytest

from matchmaker.repositories import quick_look
from tests.conftest import git

BOTH = ("mine", "theirs")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a conflict in two of its files."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    names = [f"{'x' * length}.txt" for length in range(1, 20)] + ["ä b.txt"]
    for name in names:
        (tmp_path / name).write_text("both\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Start")
    for branch in BOTH:
        git(tmp_path, "checkout", "--quiet", "-b", branch, "main")
        for name in names[-2:]:
            (tmp_path / name).write_text(f"{branch}\n")
        git(tmp_path, "commit", "--quiet", "--all", "--message", branch)
    return tmp_path


def conflict(repository: Path) -> None:
    merge = ["git", "merge", "--quiet", "mine"]
    assert subprocess.run(merge, cwd=repository, capture_output=True).returncode == 1


def test_it_finds_conflicts(repository: Path) -> None:
    assert quick_look.unresolved(repository) == []
    conflict(repository)
    assert quick_look.unresolved(repository) == ["x" * 19 + ".txt", "ä b.txt"]
    (repository / "new").write_text("new\n")
    git(repository, "add", "--intent-to-add", "new")  # makes longer entries
    assert quick_look.unresolved(repository) == ["x" * 19 + ".txt", "ä b.txt"]


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD").strip()


def test_it_finds_the_commit_whatever_git_does_to_it(repository: Path) -> None:
    assert quick_look.commit(repository) == head(repository)
    git(repository, "commit", "--quiet", "--amend", "--message", "Again")
    assert quick_look.commit(repository) == head(repository)
    git(repository, "switch", "--quiet", "--create", "ä/b")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "New")
    assert quick_look.commit(repository) == head(repository)
    git(repository, "pack-refs", "--all")
    assert quick_look.commit(repository) is None
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Newer than packed")
    assert quick_look.commit(repository) == head(repository)


@pytest.mark.parametrize(
    "command",
    [
        "git checkout --quiet --detach",
        "git config extensions.objectFormat sha1",
        "git switch --quiet --orphan empty",
        "git symbolic-ref refs/heads/x refs/heads/main && git symbolic-ref HEAD refs/heads/x",
        "mv .git/refs/heads/theirs .git/x && ln -s ../../x .git/refs/heads/theirs",
        "mv .git/refs/heads/theirs .git/x && printf 'ref: refs/heads/../../x\\n' > .git/HEAD",
        "printf 'x\\n' > .git/refs/heads/theirs",
    ],
)
def test_it_leaves_an_unusual_head_to_git(command: str, repository: Path) -> None:
    subprocess.run(command, shell=True, cwd=repository, check=True)
    assert quick_look.commit(repository) is None


@pytest.mark.parametrize(
    "command",
    [
        "git update-index --index-version 4",
        "git update-index --split-index",
        "git config core.worktree ..",
        "git config extensions.objectFormat sha1",
        "git config include.path elsewhere",
        "git config core.bare true",
        "echo '[core' >> .git/config",
        "echo nothing > .git/HEAD",
        "rm .git/HEAD",
        "rm .git/index",
        "printf x >> .git/index",
        "mv .git/index .git/i && ln -s i .git/index",
    ],
)
def test_it_leaves_the_unusual_to_git(command: str, repository: Path) -> None:
    conflict(repository)
    subprocess.run(command, shell=True, cwd=repository, check=True)
    assert quick_look.unresolved(repository) is None
