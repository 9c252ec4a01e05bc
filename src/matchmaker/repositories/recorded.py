"""What a trainee's repository was made from, as its answers file says.

Nothing here trusts the file: its owner can write anything into it.
"""

import contextlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from workshop import inside

from matchmaker.repositories.copier_adapter import ANSWERS_FILE
from matchmaker.repositories.git import GitError, said_by
from matchmaker.repositories.owner import as_owner

# In bytes. Our own files are never longer.
_MOST_ANSWERS = 100_000

# We search for an answers file at most this many folders deep, and read at most this many values.
_DEEPEST = 2
_MOST_VALUES = 2_000
_SOURCE = re.compile(rb"^_src_path:", re.MULTILINE)

# The answers that this command reads itself. Each is a single value.
_SINGLE = ("trainee_name", "trainee_slug", "session", "step", "port_offset")


@dataclass(frozen=True)
class Recorded:
    """The contents of a repository's answers file."""

    source: str
    commit: str
    answers: dict[str, Any]
    file: str = ANSWERS_FILE
    """The path of the answers file in the repository. A template can set another name."""


def recorded_in(folder: Path) -> Recorded | None:
    """What a repository was made from; None if the folder isn't one, or if we can't read it.

    To tell the two apart, call `recorded_or_why_not`.
    """
    try:
        return recorded_or_why_not(folder)
    except GitError:
        return None


def recorded_in_draft(folder: Path) -> Recorded | None:
    """What a repository was made from that we made a moment ago, where nobody else can be."""
    try:
        return _recorded(_answers_in(folder))
    except GitError:
        return None


def recorded_or_why_not(folder: Path) -> Recorded | None:
    """What a repository was made from; None if the folder isn't one.

    Raises GitError if it looks like one but can't be read.
    """
    return _recorded(as_owner(folder, _answers_in))


def _recorded(found: Any) -> Recorded | None:
    if found is None:
        return None
    file, content = found
    answers = {name: value for name, value in content.items() if name[:1] != "_"}
    return Recorded(str(content.get("_src_path")), str(content.get("_commit")), answers, str(file))


def broken(what: str, file: str = ANSWERS_FILE) -> str:
    """Say what is wrong with an answers file, and what to do about it."""
    return f"its {file} {what}; in it: git restore {file}; or use --fresh"


def _answers_in(folder: Path) -> tuple[str, dict[str, Any]] | None:
    """The name of the answers file, and its contents."""
    file = answers_file(folder)
    try:
        text = inside.read(folder, file, _MOST_ANSWERS).decode()
        content = _parsed(text)
    except (FileNotFoundError, NotADirectoryError):
        if inside.is_file(folder, "workshop/steps.toml"):
            raise GitError(broken("is gone")) from None
        return None
    except inside.Refused as error:
        raise GitError(broken("is not a file of answers", file)) from error
    except Exception as error:  # the YAML library fails in many ways
        raise GitError(broken(f"cannot be read ({said_by(error)})", file)) from error
    if not isinstance(content, dict):
        raise GitError(broken("cannot be read", file))
    if inside.look(folder, ".git") is None:
        raise GitError("it is no longer a git repository; restore its .git, or use --fresh")
    left = [_MOST_VALUES]
    for name, value in content.items():
        if not isinstance(name, str):
            what = f"has {str(name)[:40]!r} as the name of an answer"
            raise GitError(broken(what, file))
        is_nested = isinstance(value, list | dict)
        if (is_nested and name in _SINGLE) or not _is_bounded(value, left):
            raise GitError(broken(f"has no single answer for `{name[:40]}`", file))
    return file, content


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    """What a file of answers says. A run looks at each several times: don't change the result."""
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def answers_file(folder: Path) -> str:
    """The file in which Copier recorded the answers. A template can give it another name."""
    if inside.look(folder, ANSWERS_FILE) is not None:
        return ANSWERS_FILE
    for path, folders, files in os.walk(folder):
        depth = len(Path(path).relative_to(folder).parts)
        folders[:] = sorted(one for one in folders if one != ".git" and depth < _DEEPEST)
        for name in sorted(files):
            if name.endswith((".yml", ".yaml")):
                file = Path(path, name).relative_to(folder).as_posix()
                with contextlib.suppress(OSError, ValueError):
                    if _SOURCE.search(inside.read(folder, file, _MOST_ANSWERS)):
                        return file
    return ANSWERS_FILE


def _is_bounded(value: Any, left: list[int], levels: int = 20) -> bool:
    """Whether a value fits into JSON and is finite: YAML can refer to itself without end."""
    left[0] -= 1
    if left[0] < 0 or levels == 0:
        return False
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            return False
        value = list(value.values())
    if isinstance(value, list):
        return all(_is_bounded(one, left, levels - 1) for one in value)
    return isinstance(value, str | int | float | None)
