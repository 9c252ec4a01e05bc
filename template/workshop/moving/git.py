"""Runs git for the moving commands: quietly, and with a message if it fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from workshop.moving import git_environment
from workshop.problem import Problem

CONFIGURATION = Path(__file__).with_name("gitconfig")


def asking() -> dict[str, str]:
    """The environment for git that asks a server. It never prompts, which nobody might see."""
    return {**git_environment.asking(os.environ), "GIT_TERMINAL_PROMPT": "0"}


def own() -> dict[str, str]:
    """The environment for git in the workshop, where its output is the same for everybody."""
    return git_environment.alone(os.environ, str(CONFIGURATION))


def author(folder: Path) -> dict[str, str]:
    """Git's variables for the author: the trainee, or us if git doesn't know their name."""
    return git_environment.author(folder, os.environ)


def run(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    given: str | int = "",
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` for at most `seconds`. The caller checks the result.

    Its environment is `environment`, by default `own`, plus `variables`. It reads `given`, which is
    a text or the descriptor of a file.

    Raises Problem if git isn't installed, and subprocess.TimeoutExpired.
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
            "Install it from https://git-scm.com.",
        ) from error


def git(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    given: str | int = "",
) -> str:
    """Run git in `folder`, and return its output. Raises Problem if it fails."""
    done = run(folder, *arguments, variables=variables, given=given)
    if done.returncode:
        reason = done.stderr.strip() or f"exit code {done.returncode}"
        raise Problem(f"`git {arguments[0]}` failed: {reason}", "Fix that, and try again.")
    return done.stdout.strip("\n")


def succeeds(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether git exits with 0."""
    return run(folder, *arguments, environment=environment).returncode == 0


def names(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> list[str]:
    """The names that a git command prints with `-z`, or its lines that contain a name."""
    return [name for name in git(folder, *arguments, variables=variables).split("\0") if name]
