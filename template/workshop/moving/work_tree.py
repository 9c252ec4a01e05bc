"""Puts new contents into the work tree, each file in one move."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workshop import inside
from workshop.moving import answers
from workshop.moving.saved_work import Saved
from workshop.problem import Problem


def place(root: Path, changes: Mapping[str, bytes | None], saved: Saved) -> None:
    """Write each file, or delete it where there is no content.

    What is replaced has to be what was saved, to the byte. The answers come last, since they say at
    which step the workshop is: whoever is interrupted before that is still at the old step, and can
    do the same again. Raises Problem when a file cannot be written.
    """
    for name in sorted(changes, key=lambda name: (name == answers.FILE, name)):
        content = changes[name]
        try:
            if not saved.is_still_there(root, name):
                raise Problem(
                    f"{name} was changed while its content was being saved.",
                    "Nothing of it is lost. Give the same command again: it goes on where it "
                    "stopped.",
                )
            if content is None:
                inside.remove(root, name)
            else:
                inside.write(root, name, content)
        except OSError as error:
            raise Problem(
                f"{name} cannot be written: {error.strerror}.",
                "Put that right, then give the same command again: it goes on where it stopped.",
            ) from error
