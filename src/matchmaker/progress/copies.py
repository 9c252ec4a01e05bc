"""What the repositories in the session's folder say, apart from the record."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matchmaker.progress.steps import title_of
from matchmaker.report.times import local
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.git import GitError
from matchmaker.repositories.repository import own_work, text_in

_AT_ONCE = 4


@dataclass(frozen=True)
class Copy:
    """A trainee's repository in the session's folder."""

    is_there: bool = False
    step: str = ""
    """The number of the step at which its code is."""
    version: str = ""
    edits: str = ""
    """The trainee's own commits and changed files."""
    last_check: str = "never"
    """What the last check said, in a repository whose tool doesn't keep it in the record."""
    trouble: str = ""
    """Why it needs somebody, such as conflicts. Empty if it doesn't."""


def copies_of(folders: Sequence[Path | None]) -> list[Copy]:
    """Look at repositories. Whatever is wrong with one is in its `trouble`."""

    def one(folder: Path | None) -> Copy:
        return contained(partial(_copy, folder), lambda said: Copy(trouble=said))

    if not all(map(_is_own, folders)):  # reading another user's forks, which threads can't do
        return list(map(one, folders))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # A thread doesn't know what this one remembers (see seen_once), unless we say so.
        futures = [pool.submit(copy_context().run, one, folder) for folder in folders]
        return [future.result() for future in futures]


def _is_own(folder: Path | None) -> bool:
    try:
        return folder is None or folder.lstat().st_uid == os.geteuid()
    except OSError:
        return True


def _copy(folder: Path | None) -> Copy:
    recorded = look(folder) if folder else None
    if folder is None or recorded is None:
        return Copy()
    edited, trouble = _edits(folder)
    step = str(recorded.answers.get("step"))
    return Copy(True, step, recorded.commit, edited, last_check(folder), trouble)


def _edits(folder: Path) -> tuple[str, str]:
    """The edits, or why it needs somebody."""
    try:
        work = own_work(folder)
    except (GitError, ValueError) as error:
        return "", f"git cannot read it: {error}"
    if work.conflicts:
        return "", f"conflicts: {', '.join(work.conflicts)}"
    counts = [(work.commits, "commit"), (len(work.edits), "file")]
    found = [f"{count} {what}{'s' if count > 1 else ''}" for count, what in counts if count]
    return ", ".join(found) or "none", ""


def last_check(folder: Path) -> str:
    """The step that `workshop check` last checked there, the result, and the time."""

    def told() -> str:
        found = json.loads(text_in(folder, ".workshop/last-check.json"))
        verdict = "passed" if found["passed"] else "not done"
        return f"{title_of(str(found['step']))}: {verdict}, {local(str(found['at']))}"

    return contained(told, lambda _: "never")
