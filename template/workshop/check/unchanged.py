"""Remembers which bytes passed a check, so that `workshop next` doesn't check them again.

The same code, the same checks, and the same answers have the same result.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from workshop import state_file
from workshop.check import replies
from workshop.cost import result
from workshop.moving.conflicts import files
from workshop.settings import Settings

FILE = "passed.json"
CODE = (".py", ".toml")
"""What a check runs, or reads, in a repository."""
SAID = (replies.FILE, result.FILE)
"""What a check reads in the folder of the run, and may itself write."""


def code(settings: Settings) -> str:
    """A digest of what a check runs. Take it before the check."""
    paths = {path for path in files(settings.root) if path.suffix in CODE}
    return _digest(settings.root, paths)


def remember(settings: Settings, number: int, before: str) -> None:
    """Record that a step's check passed, unless the code changed since `before`.

    Raises Problem if the file can't be written.
    """
    if code(settings) == before:
        passed = {"step": number, "code": before, "said": _said(settings)}
        state_file.write(settings.run_dir / FILE, passed)


def has_passed(settings: Settings, number: int) -> bool:
    """Whether the last check that passed was this step's, with the files as they are now."""
    now = {"step": number, "code": code(settings), "said": _said(settings)}
    return state_file.mapping(settings.run_dir / FILE) == now


def _said(settings: Settings) -> str:
    return _digest(settings.run_dir, {settings.run_dir / name for name in SAID})


def _digest(root: Path, paths: set[Path]) -> str:
    """One digest of the names and contents of all the files that can be read."""
    found = hashlib.sha256()
    for path in sorted(paths):
        with contextlib.suppress(OSError):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(root)} {content}\n".encode(errors="surrogateescape"))
    return found.hexdigest()
