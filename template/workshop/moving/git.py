"""Git, as the moving commands run it: quietly, and failing with a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from workshop.moving import git_environment
from workshop.problem import Problem

CONFIGURATION = Path(__file__).with_name("gitconfig")


def asking() -> dict[str, str]:
    """The environment for git that asks a server, but never the trainee, who might not see it."""
    return {**git_environment.asking(os.environ), "GIT_TERMINAL_PROMPT": "0"}


def own() -> dict[str, str]:
    """The environment for git in the workshop: what comes out is the same for everybody."""
    return git_environment.alone(os.environ, str(CONFIGURATION))


def author(folder: Path) -> dict[str, str]:
    """Git's variables for who commits: the trainee, or us where git was told no name."""
    return git_environment.author(folder, os.environ)


def run(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    given: str | int = "",
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` to its end, for at most `seconds`; the caller looks how it went.

    `variables` are added to its `environment`, which is `own` if nothing else is said; `given` is
    what it reads, or a descriptor of a file that it reads.

    Raises Problem when there is no git, and subprocess.TimeoutExpired.
    """
    try:
        return git_environment.run(
            folder,
            *arguments,
            environment={**(environment or own()), **(variables or {})},
            given=given if isinstance(given, int) else given.encode("utf-8", "surrogateescape"),
            seconds=seconds,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise Problem(
            "git is not installed, or not on the PATH. Nothing was changed.",
            "https://git-scm.com says how to install it.",
        ) from error


def git(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    given: str | int = "",
) -> str:
    """Run git in `folder`, and give what it prints. Raises Problem when it fails."""
    done = run(folder, *arguments, variables=variables, given=given)
    if done.returncode:
        reason = done.stderr.strip() or f"exit code {done.returncode}"
        raise Problem(f"`git {arguments[0]}` failed: {reason}", "Put that right, and try again.")
    return done.stdout.strip("\n")


def succeeds(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether git ends with 0."""
    return run(folder, *arguments, environment=environment).returncode == 0


def names(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """The names, or lines with a name, that a git command prints with `-z`."""
    return [name for name in git(folder, *arguments, variables=variables).split("\0") if name]
