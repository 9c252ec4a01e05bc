"""The clones of a template: where they are, who can read them, and which versions are published."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import plumbum
import psutil

from matchmaker.repositories.git import GitError, git


@contextmanager
def scratch() -> Iterator[Path]:
    """During the block, use a folder of our own for temporary files.

    It holds clones and what Copier writes during updates. Its name has the number of our process,
    so that the next run can remove what a killed run left.
    """
    for left in Path(tempfile.gettempdir()).glob("matchmaker-*-*"):
        # Other programs may use similar names. Ours contain the number of a process.
        pid = re.fullmatch(r"matchmaker-(\d{1,9})-\w{8}", left.name)
        if pid and not psutil.pid_exists(int(pid[1])):
            shutil.rmtree(left, ignore_errors=True)
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    folder = tempfile.mkdtemp(prefix=f"matchmaker-{os.getpid()}-")
    if os.geteuid() == 0:
        Path(folder).chmod(0o711)
    tempfile.tempdir = folder
    with plumbum.local.env(TMPDIR=folder):
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before[0]
            shutil.rmtree(folder, ignore_errors=True)


def prepare(clone: Path) -> None:
    """Make a clone ready to be copied: small, and readable by other users."""
    _pack(clone)
    _let_others_read(clone)


def _pack(clone: Path) -> None:
    """Put the objects of a clone into one file, because each workshop keeps a copy of it."""
    # Git clones a local repository object by object, including objects that nothing refers to.
    # For a remote one, Copier makes a worktree of its own cache, which is already packed.
    directory = clone / ".git"
    if directory.is_dir() and clone.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        for command in (["repack", "-d", "-l", "--quiet"], ["prune", "--expire=now"]):
            subprocess.run(["git", f"--git-dir={directory}", *command], capture_output=True)


def _let_others_read(clone: Path) -> None:
    """Let the owners of the repositories read root's clones (see owner.py).

    Only those who know the names of the clones can find them.
    """
    if os.geteuid() == 0:
        for path, _, files in os.walk(clone):
            Path(path).chmod(0o755)
            for name in files:
                if not Path(path, name).is_symlink():
                    Path(path, name).chmod(Path(path, name).stat().st_mode | 0o444)


@lru_cache
def is_published(clone: Path, newest: str, commit: str) -> bool:
    """Whether a commit is an ancestor of `newest`, or reachable from a branch or a tag of a clone.

    A repository says which version it was made from, and an update runs the code of that version.
    Some hosts also keep in a repository what anybody proposes, such as pull requests, under other
    names. We don't run that code.
    """
    before = ("merge-base", "--is-ancestor", "--end-of-options", commit, newest)
    refs = ("refs/heads", "refs/remotes", "refs/tags")
    try:
        git(clone, *before, asks=True)
        return True
    except GitError:
        with suppress(GitError):
            return bool(git(clone, "for-each-ref", f"--contains={commit}", *refs, asks=True))
    return False
