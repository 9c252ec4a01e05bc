"""Writes what programs and spreadsheets read, to a file or to standard output."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from matchmaker.problem import Problem, Problems

STANDARD_OUTPUT = Path("-")
BYTE_ORDER_MARK = "\ufeff"
"""With it, Excel reads a file as UTF-8."""


def write_json(path: Path, data: Any) -> None:
    """Write data as JSON. Raises Problems as `write` does."""
    write(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def write(path: Path, text: str, *, mark: str = "") -> None:
    """Write a file in one step, in UTF-8, or print the text if the path is `-`.

    `mark` is for the beginning of a file, and not for other programs. Raises Problems.
    """
    if path == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
        return
    draft = ""
    try:
        if path.exists() and not path.is_file():  # such as /dev/stdout
            path.write_bytes((mark + text).encode())
            return
        handle, draft = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write((mark + text).encode())
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        Path(draft).chmod(mode & 0o7777)
        Path(draft).replace(path)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        what = f"{path} cannot be written: {error.strerror}."
        remedy = "Name a file in a folder where you can write, or - for standard output."
        raise Problems([Problem(what, remedy)]) from error


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
