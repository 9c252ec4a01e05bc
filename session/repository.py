"""A trainee's repository: what it is made from, and what the trainee has done to it."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Whoever has not told git a name yet gets commits all the same; see tasks/first_commit.py.
AUTHOR = {"user.name": "Matchmaker", "user.email": "matchmaker@localhost"}
ANSWERS_FILE = ".copier-answers.yml"


class GitError(Exception):
    """Git refused; the text is what it said last."""


def git(folder: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run git in a folder and give what it prints. Raises GitError."""
    done = subprocess.run(
        ["git", "--no-optional-locks", *arguments],  # a look at a repository leaves no trace in it
        cwd=folder,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
        errors="replace",
    )
    if "dubious ownership" in done.stderr:
        trust = shlex.join(["git", "config", "--global", "--add", "safe.directory", str(folder)])
        raise GitError(f"the folder is another user's; if you trust it: {trust}")
    if done.returncode:
        raise GitError(reason_in(done.stderr + done.stdout))
    return done.stdout


def reason_in(said: str) -> str:
    """Why git refused: of all that it said, the lines that tell."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "remote:", "! ["))]
    return "; ".join(telling or lines[-1:]) or "git does not say why"


@dataclass(frozen=True)
class Recorded:
    """What a repository's answers file says."""

    source: str
    commit: str
    answers: dict[str, Any]


def recorded_in(folder: Path) -> Recorded | None:
    """What a repository was made from; None when the folder is no workshop's repository."""
    try:
        text = (folder / ANSWERS_FILE).read_text(encoding="utf-8")
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None
    if not isinstance(content, dict) or not (folder / ".git").is_dir():
        return None
    answers = {str(name): value for name, value in content.items() if name[:1] != "_"}
    return Recorded(str(content.get("_src_path")), str(content.get("_commit")), answers)


def conflicts(folder: Path) -> list[str]:
    """The files in which a merge is not resolved."""
    listed = git(folder, "ls-files", "--unmerged", "-z")
    names = (entry.partition("\t")[2] for entry in listed.split("\0"))
    return list(dict.fromkeys(name for name in names if name))  # each is there once for every side


def edits(folder: Path) -> list[str]:
    """The files that differ from the last commit, new ones among them."""
    listed = git(folder, "status", "--porcelain", "-z", "--no-renames")
    return [entry[3:] for entry in listed.split("\0") if entry]


def saved_branches(folder: Path) -> set[str]:
    """The branches on which the workshop's commands have saved what they overwrote."""
    return set(git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/my").split())


def own_commits(folder: Path) -> int:
    """How many commits were made since the workshop was generated, or last updated."""
    generated = git(folder, "log", "-1", "--format=%H", "--", ANSWERS_FILE).strip()
    return int(git(folder, "rev-list", "--count", f"{generated}..HEAD"))


def commit_all(folder: Path, message: str) -> None:
    """Commit everything that git does not ignore, as whoever runs this. Raises GitError."""
    author = [
        argument
        for setting, value in AUTHOR.items()
        if not _is_set(folder, setting)
        for argument in ("-c", f"{setting}={value}")
    ]
    git(folder, "add", "--all")
    git(folder, *author, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", message)


def _is_set(folder: Path, setting: str) -> bool:
    try:
        return bool(git(folder, "config", setting))
    except GitError:
        return False
