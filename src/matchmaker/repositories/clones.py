"""The clones of a template: where they are, who can read them, and which versions are published."""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import plumbum
from workshop.moving import git_environment, template_bundle

from matchmaker.repositories.git import GitError, git

# Where a template of ours has the module that makes its bundle.
_BUNDLES = Path("template", "workshop", "moving", "template_bundle.py")


@contextmanager
def scratch() -> Iterator[Path]:
    """During the block, use a folder of our own for temporary files.

    It holds clones and what Copier writes during updates. Its name has the number of our process,
    so that the next run can remove what a killed run left.
    """
    for left in Path(tempfile.gettempdir()).glob("matchmaker-*-*"):
        # Other programs may use similar names. Ours contain the number of a process.
        pid = re.fullmatch(r"matchmaker-(\d{1,9})-\w{8}", left.name)
        if pid and not _is_running(int(pid[1])):
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


def _is_running(process: int) -> bool:
    import psutil  # most runs don't need it

    return psutil.pid_exists(process)


def add_bundle(clone: Path, version: str | None) -> None:
    """Make the bundle that each workshop gets, so that not every copy makes its own.

    Without it, the template's tasks make the same one.
    """
    is_ours = clone.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())
    if version is None or not is_ours or not (clone / _BUNDLES).is_file():
        return
    if os.path.lexists(clone / template_bundle.IN_CLONE):
        return
    # Our own code makes it: at this point, nobody has decided to trust the clone's.
    with suppress(OSError):
        alone = git_environment.alone(os.environ)
        content = template_bundle.make(clone, version, git_environment.run, alone)
        # Only a new file: a name in the clone could be a link to anywhere.
        with (clone / template_bundle.IN_CLONE).open("xb") as file:
            file.write(content)


def let_others_read(clone: Path) -> None:
    """Let the owners of the repositories read root's clones (see owner.py).

    Only those who know the names of the clones can find them.
    """
    if os.geteuid() == 0:
        for path, _, files in os.walk(clone):
            Path(path).chmod(0o755)
            for name in files:
                file = f"{path}/{name}"  # there are hundreds, and nearly all are readable
                mode = os.lstat(file).st_mode
                if stat.S_ISREG(mode) and mode & 0o444 != 0o444:
                    Path(file).chmod(stat.S_IMODE(mode) | 0o444)


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
