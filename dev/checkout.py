"""This checkout as its users get it: in a clean repository with a tag, or as a workshop."""

import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import copier
from copier.errors import DirtyLocalWarning

REPOSITORY = Path(__file__).resolve().parent.parent
TAG = "v1.0.0"


def files(*wanted: str) -> list[Path]:
    """The checkout's files, new ones included, but without what git ignores.

    With `wanted`, only these files and folders of its top level.
    """
    listed = _git(REPOSITORY, "ls-files", "-co", "--exclude-standard", "-z", "--", *wanted)
    paths = [REPOSITORY / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def copy_files(folder: Path, *wanted: str) -> None:
    """Copy the checkout's files, as they are now, to `folder`. See `files` for `wanted`."""
    for path in files(*wanted):
        copied = folder / path.relative_to(REPOSITORY)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)


def tagged_clone(folder: Path) -> Path:
    """Copy the checkout's files, including edits, to `folder`, and commit and tag them there."""
    copy_files(folder)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    identity = ("-c", "user.name=Matchmaker", "-c", "user.email=matchmaker@localhost")
    _git(folder, *identity, "commit", "--quiet", "--message", "The template")
    _git(folder, "tag", TAG)
    _git(folder, "repack", "-adq")  # as a clone has it: one file instead of many hundreds to copy
    return folder


def render(folder: Path, *, only: str = "", **answers: Any) -> None:
    """Write a workshop as `copier copy` does, with the checkout's edits.

    With `only`, write only that file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DirtyLocalWarning)  # the contributor's edits are the point
        copier.run_copy(
            str(REPOSITORY),
            folder,
            data=answers,
            vcs_ref="HEAD",
            defaults=True,
            unsafe=True,
            quiet=True,
            exclude=["*", f"!{only}"] if only else (),
            skip_tasks=bool(only),
        )


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout
