"""Git, as the moving commands run it: quietly, and failing with a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from workshop.problem import Problem

# Messages are in one language, since some are read here; and only looking writes nothing.
ALWAYS = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}

# A hook, or an alias in a worktree, sets these; git would go by them instead of by its folder.
MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)

# For what asks a server: a question that nobody sees would wait forever.
UNATTENDED = {"GIT_TERMINAL_PROMPT": "0"}

# Whoever has not told git a name yet can save all the same.
NOBODY = {"user.name": "Matchmaker", "user.email": "matchmaker@localhost"}


def run(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` to its end, for at most `seconds`; the caller looks how it went.

    Raises Problem when there is no git, and subprocess.TimeoutExpired.
    """
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**os.environ, **ALWAYS, **(variables or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # file names need not be text
            timeout=seconds,
            check=False,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise Problem(
            "git is not installed, or not on the PATH. Nothing was changed.",
            "https://git-scm.com says how to install it.",
        ) from error


def git(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run git in `folder`, and give what it prints. Raises Problem when it fails."""
    done = run(folder, *arguments, variables=variables)
    if done.returncode:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        raise Problem(f"`git {arguments[0]}` failed: {said}", "Put that right, and try again.")
    return done.stdout.strip("\n")


def succeeds(folder: Path, *arguments: str) -> bool:
    """Whether git ends with 0."""
    return run(folder, *arguments).returncode == 0


def configured(settings: Mapping[str, str]) -> list[str]:
    """Git's arguments for settings that hold for one command."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def names(folder: Path, *arguments: str) -> list[str]:
    """The names that a git command prints with `-z`."""
    return [name for name in git(folder, *arguments).split("\0") if name]
