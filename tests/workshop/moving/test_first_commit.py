"""The first commit is the one that git itself would make, of whatever files."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from workshop.moving import first_commit, git_environment

ENVIRONMENT = {
    **git_environment.alone(os.environ),
    **{
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in {"NAME": " Ada <Lovelace>, ", "EMAIL": "ada@example.org"}.items()
    },
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape")


def usual(folder: Path) -> None:
    (folder / "empty").touch()
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("nowhere")
    # In a tree, a folder's name is sorted as if it ended with a slash.
    for name in ("a.b", "a/b", "a-b", "a0", "a/c/d", "Ünïcode ☃", "with\nnewline", "b/.gitignore"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{name}\n")
    (folder / os.fsdecode(b"latin-\xe9")).write_bytes(os.urandom(100_000))
    (folder / ("n" * 200)).mkdir()
    (folder / ("n" * 200) / ("m" * 200)).write_text("long\n")
    (folder / ".gitignore").write_text("ignored\n")
    (folder / "ignored").write_text("not in git\n")
    (folder / ".gitattributes").write_text("# no filter\n* text=auto eol=lf\n/a.b binary\n")


def crlf(folder: Path) -> None:
    (folder / ".gitattributes").write_text("* text=auto\n")
    (folder / "dos.txt").write_bytes(b"one\r\ntwo\r\n")


def converted(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / ".gitattributes").write_text("*.txt working-tree-encoding=UTF-16LE\n")
    (folder / "below" / "wide.txt").write_text("wide\n", encoding="utf-16-le")


def another_repository(folder: Path) -> None:
    (folder / "file").write_text("mine\n")
    (folder / "other").mkdir()
    git(folder / "other", "init", "--quiet")
    (folder / "other" / "file").write_text("other\n")
    git(folder / "other", "add", "file")
    git(folder / "other", "commit", "--quiet", "-m", "Other")


def nothing(folder: Path) -> None:
    (folder / ".gitignore").write_text("*\n")


@pytest.mark.parametrize("fill", [usual, crlf, converted, another_repository, nothing])
def test_it_is_what_git_would_make(fill: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    fill(folder)
    first_commit.make(folder, "Start\n\nHere", git_environment.run, ENVIRONMENT)
    git(folder, "fsck", "--strict", "--full")
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "diff-files") == "", "git would have to read every file again"
    said = git(folder, "log", "--format=%an|%ae|%cn|%ce|%B|%D", "--all").strip()
    assert (
        said
        == "Ada Lovelace|ada@example.org|Ada Lovelace|ada@example.org|Start\n\nHere\n|HEAD -> main"
    )
    assert git(folder, "count-objects", "-v").splitlines()[0] == "count: 0"
    made = git(folder, "ls-tree", "-r", "-t", "-z", "HEAD"), git(folder, "ls-files", "-s", "-z")
    assert git(folder, "reflog").startswith(git(folder, "rev-parse", "--short", "HEAD").strip())

    os.rename(folder / ".git", tmp_path / "ours")  # noqa: PTH104
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "Start\n\nHere")
    theirs = git(folder, "ls-tree", "-r", "-t", "-z", "HEAD"), git(folder, "ls-files", "-s", "-z")
    assert made == theirs


def test_a_disk_without_modes_gets_none(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)

    def run(folder: Path, *arguments: str, **more: object) -> object:
        done = git_environment.run(folder, *arguments, **more)  # type: ignore[arg-type]
        if arguments[0] == "init":  # as git itself does where each file can be executed
            git(folder, "config", "core.fileMode", "false")
        return done

    first_commit.make(tmp_path, "Start", run, ENVIRONMENT)
    assert git(tmp_path, "ls-files", "-s").startswith("100644")
    assert git(tmp_path, "status", "--porcelain") == ""


@pytest.mark.parametrize("is_larger", [True, False])
def test_a_large_file_is_for_git(
    is_larger: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_commit, "_LARGEST", 10)
    (tmp_path / "file").write_bytes(b"x" * (11 if is_larger else 10))
    ran = []

    def run(folder: Path, *arguments: str, **more: object) -> object:
        ran.append(arguments[0])
        return git_environment.run(folder, *arguments, **more)  # type: ignore[arg-type]

    first_commit.make(tmp_path, "Start", run, ENVIRONMENT)
    assert ("add" in ran) == is_larger
    assert git(tmp_path, "status", "--porcelain") == ""


def test_git_says_why_it_cannot(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("no repository\n")
    with pytest.raises(OSError, match=r"git init says: .*invalid gitfile"):
        first_commit.make(tmp_path, "Start", git_environment.run, ENVIRONMENT)
