"""Keeps the trouble with one trainee's repository from the others'."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from matchmaker.repositories.git import GitError, said_by
from matchmaker.repositories.repository import Recorded, broken, recorded_or_why_not

T = TypeVar("T")


class Unusable(Exception):
    """A repository of which nothing can be made; the text says why, and what to do."""


def contained(do: Callable[[], T], instead: Callable[[str], T]) -> T:
    """Do something for one trainee; `instead` makes a result of the sentence about what went wrong.

    Everything that is done for one after the other, before and after the workers, goes through it:
    a repository that cannot be read, understood or written costs itself and no other.
    """
    try:
        return do()
    except Exception as error:
        return instead(said_by(error))


def look(folder: Path) -> Recorded | None:
    """What a folder says that it was made from; None if it is no workshop's repository.

    Raises Unusable if it seems to be one, and cannot be read.
    """
    try:
        kind = stat.S_IFMT(folder.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if kind not in (stat.S_IFDIR, stat.S_IFLNK):  # a link may lead to one, which is said
        return None
    try:
        return recorded_or_why_not(folder)
    except GitError as error:
        raise Unusable(str(error)) from error


def whole_number(answers: dict[str, object], name: str) -> int:
    """A recorded number; 0 if there is none. Raises Unusable if it is something else."""
    value = answers.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Unusable(broken(f"says that `{name}` is {str(value)[:40]!r}, which is no whole number"))
