"""Checks whether git knows the trainee's name. On a new machine it doesn't, and can't commit."""

from __future__ import annotations

import os
from pathlib import Path

from workshop.moving.git_environment import run

COMMANDS = (
    'git config --global user.name "Your Name"',
    "git config --global user.email you@example.com",
)
WHAT_TO_TYPE = "\n".join(
    (
        "Git doesn't know who you are yet, and refuses to commit. Tell it once, with your details:",
        *(f"  {command}" for command in COMMANDS),
    )
)


def is_missing(root: Path) -> bool:
    """Whether `git commit` in `root` would fail because a name or an email address is missing."""
    # Ask the trainee's own git: it also counts what is configured or derived from the host's name.
    return any(_is_asked(root, whose) for whose in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"))


def _is_asked(root: Path, whose: str) -> bool:
    """Whether git asks for a name or an address. False without git."""
    try:
        done = run(root, "var", whose, environment={**os.environ, "LC_ALL": "C"})
    except OSError:
        return False
    return any(words in done.stderr for words in ("tell me who you are", "ident name"))
