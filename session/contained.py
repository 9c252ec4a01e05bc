"""Keeps the trouble with one trainee's repository from the others'."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from plumbum import ProcessExecutionError

from session.repository import ANSWERS_FILE, Recorded, reason_in, recorded_in

T = TypeVar("T")

# Bytes. An answers file has some hundred; whoever makes one of gigabytes gets no answer.
_MOST = 100_000


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


def said_by(error: BaseException) -> str:
    """What an error says, in a line."""
    if isinstance(error, ProcessExecutionError):
        return reason_in(str(error.stderr))
    if isinstance(error, OSError) and error.strerror:
        name = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{name}"
    return " ".join(str(error).split()) or type(error).__name__


def look(folder: Path) -> Recorded | None:
    """What a folder says that it was made from; None if it is no workshop's repository.

    Raises Unusable if it seems to be one, and cannot be read.
    """
    answers = folder / ANSWERS_FILE
    try:
        os.lstat(answers)
    except (FileNotFoundError, NotADirectoryError):
        if (folder / "workshop" / "steps.toml").is_file():
            raise Unusable(_broken("is gone")) from None
        return None
    if answers.exists() and (not answers.is_file() or answers.stat().st_size > _MOST):
        raise Unusable(_broken("is no file of answers"))
    try:
        recorded = recorded_in(folder)
    except Exception as error:  # YAML that its library stumbles over
        raise Unusable(_broken(f"cannot be read ({said_by(error)})")) from error
    if recorded is None:
        if not (folder / ".git").is_dir():
            raise Unusable("it is no git repository any more; bring its .git back, or use --fresh")
        raise Unusable(_broken("cannot be read"))
    for name, value in recorded.answers.items():
        if not isinstance(value, str | int | float | bool | None):
            raise Unusable(_broken(f"has no single answer for `{name}`"))
    return recorded


def whole_number(answers: dict[str, object], name: str) -> int:
    """A recorded number; 0 if there is none. Raises Unusable if it is something else."""
    value = answers.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Unusable(_broken(f"says that `{name}` is {str(value)[:40]!r}, which is no whole number"))


def _broken(what: str) -> str:
    return f"its {ANSWERS_FILE} {what}; in it: git restore {ANSWERS_FILE}; or use --fresh"
