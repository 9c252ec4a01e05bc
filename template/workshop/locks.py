"""Locks between processes: they go with the process that holds them, however that ends."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from workshop.problem import Problem


def hold(path: Path) -> IO[str] | None:
    """Hold the lock of that file for as long as what is returned is open; None if another does.

    Raises Problem when the file cannot be had.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a")
    except OSError as error:
        raise Problem(
            f"{path} cannot be written: {error.strerror}.",
            f"Is {path.parent} your folder, and is {path.name} a file? It may be deleted.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle
