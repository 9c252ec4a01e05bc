"""The clones of a template: where they are, who may read them, and which versions are published."""

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
    """A folder of our own for temporary files, for as long as the block takes.

    Clones and what Copier's updates write go there. Its name tells whose it is: the next run
    removes what a killed run has left.
    """
    for left in Path(tempfile.gettempdir()).glob("matchmaker-*-*"):
        # Others may have folders with such a name, too: ours has the number of a process in it.
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
    """Make a clone ready for those who copy from it: small, and readable by other users."""
    _pack(clone)
    _let_others_read(clone)


def _pack(clone: Path) -> None:
    """Put the objects of a clone into one file: each workshop keeps a copy of it."""
    # A local repository is cloned object by object, those that nothing names any more among them.
    # Of any other, Copier has made a worktree of its own cache, which is packed.
    directory = clone / ".git"
    if directory.is_dir() and clone.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        for command in (["repack", "-d", "-l", "--quiet"], ["prune", "--expire=now"]):
            subprocess.run(["git", f"--git-dir={directory}", *command], capture_output=True)


def _let_others_read(clone: Path) -> None:
    """Let the owners of the repositories read root's clones: see owner.py.

    Nobody finds them who was not told their names.
    """
    if os.geteuid() == 0:
        for path, _, files in os.walk(clone):
            Path(path).chmod(0o755)
            for name in files:
                if not Path(path, name).is_symlink():
                    Path(path, name).chmod(Path(path, name).stat().st_mode | 0o444)


@lru_cache
def is_published(clone: Path, newest: str, commit: str) -> bool:
    """Whether a commit leads to the commit `newest`, or is on a branch or below a tag of a clone.

    A repository says itself which version it was made from, and the code of that version is run.
    Some hosts keep in a repository what anybody has proposed for it, under other names.
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
