"""Keeps a problem with one trainee's repository from affecting the others."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from matchmaker.repositories.git import GitError, said_by
from matchmaker.repositories.recorded import Recorded, broken, recorded_or_why_not

T = TypeVar("T")


class Unusable(Exception):
    """A repository that we can't use. The text says why, and what to do."""


def contained(do: Callable[[], T], instead: Callable[[str], T]) -> T:
    """Do something for one trainee. If it fails, `instead` makes a result from the error message.

    Everything that we do for each trainee before and after the workers goes through it. So a
    repository that can't be read, understood, or written affects no other.
    """
    try:
        return do()
    except Exception as error:
        return instead(said_by(error))


def look(folder: Path) -> Recorded | None:
    """What a folder says it was made from; None if it isn't the repository of a workshop.

    Raises Unusable if it looks like one but can't be read.
    """
    try:
        kind = stat.S_IFMT(folder.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if kind not in (stat.S_IFDIR, stat.S_IFLNK):  # we report a link, which may lead to one
        return None
    try:
        return recorded_or_why_not(folder)
    except GitError as error:
        raise Unusable(str(error)) from error


def whole_number(answers: dict[str, object], name: str) -> int:
    """A recorded number; 0 if there is none. Raises Unusable if it isn't a whole number."""
    value = answers.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Unusable(broken(f"says that `{name}` is {str(value)[:40]!r}, not a whole number"))
