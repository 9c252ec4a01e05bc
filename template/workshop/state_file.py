"""Small JSON files in `.workshop/`, which one command writes and another one reads.

Another version of the workshop, or somebody's editor, may have written them. A reader uses the
entries that it knows, and ignores the rest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import math
import os
import threading
import types
import typing
from pathlib import Path
from typing import IO, Any

from workshop.problem import Problem


def read(path: Path) -> Any:
    """The file's content. None if the file is missing, or isn't JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def mapping(path: Path) -> dict[str, Any]:
    """The file's content. Empty if it isn't a JSON object."""
    data = read(path)
    return data if isinstance(data, dict) else {}


def known(kind: type[Any], data: object) -> dict[str, Any]:
    """The entries of a JSON object that the dataclass `kind` has, with matching types."""
    if not isinstance(data, dict):
        return {}
    wanted = _types(kind)  # type: ignore[arg-type]  # a class is hashable
    return {
        field.name: data[field.name]
        for field in dataclasses.fields(kind)
        if field.name in data and _is_of(data[field.name], wanted[field.name])
    }


@functools.cache
def _types(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _is_of(value: object, kind: Any) -> bool:
    arguments = typing.get_args(kind)
    match typing.get_origin(kind) or kind:
        case types.UnionType | typing.Union:
            return any(_is_of(value, one) for one in arguments)
        case origin if origin is list:
            return isinstance(value, list) and all(_is_of(one, arguments[0]) for one in value)
        case origin if origin is dict:
            return isinstance(value, dict) and all(
                _is_of(one, arguments[1]) for one in value.values()
            )
        case origin if origin is float:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and _is_finite(value)
        case origin if origin is int:
            return isinstance(value, int) and not isinstance(value, bool)
        case origin if dataclasses.is_dataclass(origin):
            return isinstance(value, dict)
        case origin:
            return isinstance(value, origin)


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def write(path: Path, data: object) -> None:
    """Replace the file in one move, so that no reader sees half of it. Raises Problem."""
    # Use a unique name, because two commands, or two threads, may write the same file.
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise Problem(
            f"{path} cannot be written: {error.strerror}.",
            f"Check that {path.parent} is your folder and has space, and {path.name} is a file.",
        ) from error


def lock(path: Path) -> IO[str] | None:
    """Lock a file for as long as the result is open. None if another process holds the lock.

    The lock ends with the process that holds it, however that ends. On a disk without locks, such
    as some network drives, there is none. Raises Problem if the file can't be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a")
    except OSError as error:
        raise Problem(
            f"{path} cannot be written: {error.strerror}.",
            f"Check that {path.parent} is your folder, and {path.name} is a file. You may delete "
            "the file.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    except OSError:  # nobody can hold a lock here, and a command that refused would never work
        return handle
    return handle
