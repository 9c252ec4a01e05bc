"""Sharing the record: what reaches the remote `origin`, and what it never disturbs."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import copier
import pytest
from workshop import settings, state_file
from workshop.problem import Problem
from workshop.record import form, push, share
from workshop.record.form import Record, parse
from workshop.settings import SHARE_PROGRESS, Settings

from tests.conftest import git
from tests.stack import until
from tests.workshop.conftest import Workshop, move_to_free_ports

SECRET = "hunter2hunter2"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A remote on this machine."""
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture(scope="session")
def sharing(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workshop whose answers share the progress, as `copier copy` makes it."""
    root = tmp_path_factory.mktemp("sharing") / "workshop"
    answers = {"share_progress": True, "trainee_name": "Zoë"}
    copier.run_copy(str(template), root, data=answers, defaults=True, unsafe=True, quiet=True)
    move_to_free_ports(root)
    (root / "app.py").write_text("1 /\n")
    git(root, "commit", "--all", "--quiet", "--message", "An app that doesn't start")
    return root


@pytest.fixture
def trainee(sharing: Path, bare: Path, tmp_path: Path) -> Iterator[Workshop]:
    """A trainee's repository with a remote, and an app that doesn't start: a check is quick."""
    root = Path(shutil.copytree(sharing, tmp_path / "workshop", symlinks=True))
    git(root, "remote", "add", "origin", str(bare))
    yield Workshop(root)
    until(lambda: is_idle(root))


def is_idle(root: Path) -> bool:
    """Whether nothing is being pushed."""
    lock = state_file.lock(root / ".workshop" / share.LOCK)
    if lock:
        lock.close()
    return lock is not None


def shared(root: Path) -> share.Shared:
    return share.read(root / ".workshop")


def arrived(bare: Path) -> Record:
    """The record at a remote."""
    return parse(git(bare, "cat-file", "blob", f"{share.REF}:{form.FILE}").encode())


def has_arrived(bare: Path) -> bool:
    return share.REF in git(bare, "for-each-ref")


def hooked(bare: Path, script: str) -> None:
    """Give a remote a hook that decides about pushes."""
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def state_of(root: Path) -> list[object]:
    """Everything that git knows about a trainee's repository."""
    asked = (
        ["status", "--porcelain", "--ignored=no"],
        ["for-each-ref"],
        ["reflog", "show", "--all"],
        ["count-objects", "-v"],
        ["symbolic-ref", "HEAD"],
    )
    return [(root / ".git" / "config").read_text(), *(git(root, *words) for words in asked)]


def test_a_check_says_what_it_shares_and_then_shares_it(trainee: Workshop, bare: Path) -> None:
    before = state_of(trainee.root)
    assert trainee.run("hint").returncode == 0  # nothing leaves before a check has said so
    assert is_idle(trainee.root)
    assert "The next `workshop check` begins with it." in trainee.run("status").stdout
    done = trainee.run("check")
    assert done.returncode == 1
    assert done.stdout.count(f"It goes to {share.REF} of {bare}") == 1
    assert f"{SHARE_PROGRESS}=false" in done.stdout
    until(lambda: has_arrived(bare))
    found = arrived(bare)
    assert found == form.read(trainee.root / ".workshop")
    assert found.check
    assert found.check.problem
    assert found.of("explore").hints == 1
    commit = git(bare, "log", "--format=%an %ae %cn %P|", share.REF).strip()
    assert commit == "Matchmaker matchmaker@localhost Matchmaker |"
    assert git(bare, "ls-tree", "-r", "--name-only", share.REF).split() == [form.FILE]
    until(lambda: bool(shared(trainee.root).at))
    assert "Your progress was shared less than a minute ago." in trainee.run("status").stdout
    assert "From now on" not in trainee.run("check").stdout
    assert state_of(trainee.root) == before
    assert not [*(trainee.root / ".workshop").glob("*.new")]


def test_a_slow_remote_keeps_nobody_waiting_and_gets_the_last_record(
    trainee: Workshop, bare: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    hooked(bare, f"while ! [ -e {go} ]; do sleep 0.1; done; echo x >>{tmp_path}/pushes")
    trainee.run("check")
    until(lambda: not is_idle(trainee.root))
    for _ in range(3):
        trainee.run("hint")
    assert not has_arrived(bare)
    go.touch()
    until(lambda: has_arrived(bare) and arrived(bare).of("explore").hints == 3)
    until(lambda: is_idle(trainee.root))
    assert arrived(bare) == form.read(trainee.root / ".workshop")
    assert (tmp_path / "pushes").read_text() == "x\nx\n"


def test_a_remote_that_refuses_or_is_away_is_tried_again(
    trainee: Workshop, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked(bare, "echo Not here. >&2; exit 1")
    done = trainee.run("check")
    until(lambda: bool(shared(trainee.root).problem))
    assert "Not here." not in done.stdout + done.stderr
    said = trainee.run("status").stdout
    assert "Your progress couldn't be shared: remote: Not here." in said
    until(lambda: is_idle(trainee.root))
    moved = bare.rename(bare.with_name("away.git"))
    once_more(trainee)
    until(lambda: "does not appear to be a git repository" in shared(trainee.root).problem)
    assert "warning Your progress couldn't be shared" in trainee.run("doctor").stdout
    (moved / "hooks" / "pre-receive").unlink()
    moved.rename(bare)
    once_more(trainee)
    until(lambda: has_arrived(bare))
    until(lambda: not shared(trainee.root).problem)


def once_more(trainee: Workshop) -> None:
    """Give a sign, as if the last attempt was a while ago."""
    until(lambda: is_idle(trainee.root))
    share.note(trainee.root / ".workshop", tried=0.0)
    assert trainee.run("hint").returncode == 0
