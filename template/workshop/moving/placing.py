"""Puts new contents into the work tree, each file in one move."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from workshop.moving import answers
from workshop.problem import Problem


def place(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write each file, or delete it where there is no content.

    The answers come last, since they say at which step the workshop is: whoever is interrupted
    before that is still at the old step, and can do the same again. Raises Problem when a file
    cannot be written.
    """
    draft = root / ".workshop" / "draft"
    draft.parent.mkdir(exist_ok=True)
    for name in sorted(changes, key=lambda name: (name == answers.FILE, name)):
        path, content = root / name, changes[name]
        try:
            if content is None:
                path.unlink(missing_ok=True)
                continue
            draft.write_bytes(content)
            if path.is_file():
                shutil.copymode(path, draft)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
        except OSError as error:
            raise Problem(
                f"{name} cannot be written: {error.strerror}.",
                "Put that right, then give the same command again: it goes on where it stopped.",
            ) from error
