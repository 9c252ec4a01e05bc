"""Remembers what passed a check, so that `workshop next` doesn't check the same again.

The same code, the same checks, and the same answers have the same result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, replace

from workshop import state_file
from workshop.check import replies
from workshop.cost import result
from workshop.moving.conflicts import files
from workshop.settings import Settings

FILE = "passed.json"
CODE = (".py", ".toml")
"""What a check runs, or reads, in a repository."""


def state(settings: Settings) -> str:
    """A digest of everything that the result of a check depends on."""
    # A check itself writes `measured`, and wrong answers from before have no effect on it.
    told = replace(replies.read(settings.run_dir), measured=None, wrong={})
    found = hashlib.sha256(json.dumps(asdict(told), sort_keys=True).encode())
    paths = [path for path in files(settings.root) if path.suffix in CODE]
    for path in sorted([*paths, settings.run_dir / result.FILE]):
        with contextlib.suppress(OSError):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path} {content}\n".encode(errors="surrogateescape"))
    return found.hexdigest()


def record(settings: Settings, before: str, passed: bool) -> None:
    """Record the result of the current step's check, with the `state` before it.

    What changed during the check counts as not checked. Raises Problem if the file can't be
    written.
    """
    if passed and state(settings) == before:
        known = {"step": settings.step, "state": before}
        state_file.write(settings.run_dir / FILE, known)
    else:
        (settings.run_dir / FILE).unlink(missing_ok=True)


def has_passed(settings: Settings, number: int) -> bool:
    """Whether the last check of this step passed, and nothing has changed since then."""
    known = state_file.mapping(settings.run_dir / FILE)
    return known == {"step": number, "state": state(settings)}
