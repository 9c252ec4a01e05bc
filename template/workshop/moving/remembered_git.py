"""Runs git for one new repository after the other, and remembers what git would only say again.

Starting git takes longer than what it does for a first commit, and a class needs dozens of these.
This module answers three of its commands from memory, if everything that they depend on is the
same: `init` in a folder that has no repository, `ls-files --others` in one whose index is empty,
and `var GIT_AUTHOR_IDENT`. Git runs for the first of a kind, and for whatever looks unusual.

The template's tasks load this module by its path, so it imports nothing from the tool.
"""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The function `run` of git_environment.py."""

INIT = ("init", "--quiet", "--template=", "--initial-branch=main")
LIST = ("ls-files", "-z", "--others", "--exclude-standard")
IDENTITY = ("var", "GIT_AUTHOR_IDENT")

# In seconds. Time zones change their offsets only at the end of a quarter of an hour.
_QUARTER = 900
_IGNORE = ".gitignore"
# Git may write these names in other ways. What is in such a folder is another repository's.
_REPOSITORY = ".git"
_USUAL = (_IGNORE, ".gitattributes", ".gitkeep", ".github")

Key = tuple[object, ...]


class RememberedGit:
    """Git with a memory, in place of the function `run`. What it remembers lasts as long as it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._said: dict[Key, str] = {}
        self._made: dict[Key, dict[str, bytes | None]] = {}

    def __call__(
        self, folder: Path, *arguments: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in `folder`, or return what it would say. Raises what `run` raises."""
        known: Key = (arguments, *sorted(environment.items()))
        said: str | None = None
        if arguments == INIT:
            said = self._init(folder, known, environment)
        elif arguments == LIST:
            said = self._list(folder, known, environment)
        elif arguments == IDENTITY:
            said = self._identity(folder, known, environment)
        if said is None:
            return self._run(folder, *arguments, environment=environment)
        return subprocess.CompletedProcess(["git", *arguments], 0, said, "")

    def _ask(self, folder: Path, arguments: tuple[str, ...], env: Mapping[str, str]) -> str | None:
        done = self._run(folder, *arguments, environment=env)
        return None if done.returncode else done.stdout

    def _init(self, folder: Path, known: Key, environment: Mapping[str, str]) -> str | None:
        own = folder / _REPOSITORY
        if os.path.lexists(own):
            return None
        # Git tries out what the file system can do, and which user owns it.
        status = folder.stat()
        known = (*known, status.st_dev, status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))
        if known in self._made:
            _write(own, self._made[known])
            return ""
        said = self._ask(folder, INIT, environment)
        if said is not None:
            self._made[known] = _read(own)
        return said

    def _list(self, folder: Path, known: Key, environment: Mapping[str, str]) -> str | None:
        own = folder / _REPOSITORY
        if (own / "index").exists() or (own / "info" / "exclude").exists():
            return None
        names: list[tuple[str, bool]] = []
        rules: list[tuple[str, bytes]] = []
        try:
            for path, entry in _below(folder):
                names.append((path, entry.is_dir(follow_symlinks=False)))
                if entry.name == _IGNORE:
                    rules.append((path, _content_of_file(entry)))
            known = (*known, (own / "config").read_bytes(), tuple(names), tuple(rules))
        except OSError:  # whatever it is, git knows what to do
            return None
        if known not in self._said:
            said = self._ask(folder, LIST, environment)
            if said is None:
                return None
            self._said[known] = said
        return self._said[known]

    def _identity(self, folder: Path, known: Key, environment: Mapping[str, str]) -> str | None:
        if any(f"GIT_{role}_DATE" in environment for role in ("AUTHOR", "COMMITTER")):
            return None
        own = folder / _REPOSITORY / "config"
        now = int(time.time())
        known = (*known, own.read_bytes() if own.is_file() else b"", now // _QUARTER)
        if known not in self._said:
            said = self._ask(folder, IDENTITY, environment)
            if said is None:
                return None
            self._said[known] = said
        who, _, zone = self._said[known].rstrip("\n").rsplit(" ", 2)
        return f"{who} {now} {zone}\n"


def _below(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below a folder except its own `.git`. Raises OSError for what is unusual."""
    folders = [""]
    while folders:
        inner = folders.pop()
        with os.scandir(folder / inner) as entries:
            for entry in entries:
                path = f"{inner}/{entry.name}" if inner else entry.name
                if path == _REPOSITORY:
                    continue
                if _REPOSITORY in entry.name.lower() and entry.name not in _USUAL:
                    raise OSError(f"{path} may be another repository")
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif not (entry.is_file(follow_symlinks=False) or entry.is_symlink()):
                    raise OSError(f"{path} is not a file")
                yield path, entry


def _content_of_file(entry: os.DirEntry[str]) -> bytes:
    if not entry.is_file(follow_symlinks=False):
        raise OSError(f"{entry.path} is not a file")
    return Path(entry.path).read_bytes()


def _read(own: Path) -> dict[str, bytes | None]:
    """The files of a repository, and with None its folders, by their paths in it."""
    return {
        path.relative_to(own).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(own.rglob("*"))
    }


def _write(own: Path, content: Mapping[str, bytes | None]) -> None:
    own.mkdir()
    for name, text in content.items():
        if text is None:
            (own / name).mkdir()
        else:
            (own / name).write_bytes(text)
