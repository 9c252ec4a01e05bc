"""The four commands that overwrite files. Each one prepares everything, saves, and then writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from workshop import inside, state_file
from workshop.moving import (
    answers,
    merging,
    reference,
    repository,
    template_copy,
    tool_files,
    versions,
)
from workshop.moving.answers import Answers
from workshop.moving.conflicts import Conflict, conflicts_in
from workshop.moving.git import git
from workshop.moving.line_ends import is_same
from workshop.moving.releases import Release
from workshop.moving.saved_work import Saved, save
from workshop.problem import Problem

LOCK = ".workshop/moving.lock"

P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Moved:
    """The result of a command."""

    step: int
    """The step that the workshop is at now."""
    changed: list[str]
    """The files that changed."""
    saved: str | None
    """The branch with the work in progress, or None if everything was committed already."""
    conflicts: list[Conflict]
    left_out: list[str]
    """The files that weren't saved because they contain the API key. They stay as they are."""
    committed: str = ""
    """If everything was committed already, the short name of that commit."""
    of_tool: list[str] = field(default_factory=list)
    """The files in `workshop/` that the trainee had changed, and the command replaced."""


def _one_at_a_time(
    move: Callable[Concatenate[Path, P], Result],
) -> Callable[Concatenate[Path, P], Result]:
    """Make a move raise Problem while another one, in any process, changes the files."""

    @wraps(move)
    def alone(root: Path, /, *arguments: P.args, **options: P.kwargs) -> Result:
        refusals = inside.refusals(root, [LOCK])
        if refusals:
            raise Problem(f"{refusals[0]}. Nothing was changed.", "Move it away, then try again.")
        lock = state_file.lock(root / LOCK)
        if lock is None:
            raise Problem(
                "Another command is changing the files of this workshop. Nothing was changed.",
                "Wait until it is done, look at `workshop status`, then try again.",
            )
        with lock:
            return move(root, *arguments, **options)

    return alone


@_one_at_a_time
def advance(root: Path, code: Sequence[str]) -> Moved:
    """Go to the next step: keep the files in `code`, and merge all others. Raises Problem."""
    repository.require_usable(root)
    repository.require_no_conflicts(root)
    given = answers.read(root)
    template = template_copy.template(root, given.source, given.commit)
    step = given.step + 1
    changes = merging.merged(root, template, given.commit, step=step, keep=code)
    of_tool = tool_files.edited(root, given.commit)
    return replace(_change(root, given.step, step, changes), of_tool=of_tool)


@_one_at_a_time
def go_to(root: Path, step: int) -> Moved:
    """Replace every file that the template writes with its version for `step`. Raises Problem."""
    repository.require_usable(root)
    given = answers.read(root)
    return _take(root, given, step, reference.rendered(root, given, step))


@_one_at_a_time
def reset(root: Path, path: Path | None) -> Moved:
    """Restore the file at `path`, or all files, from the start of the step. Raises Problem."""
    repository.require_usable(root)
    given = answers.read(root)
    files = reference.rendered(root, given, given.step)
    if path:
        name = path.resolve().relative_to(root).as_posix() if _is_below(path, root) else str(path)
        if name not in files:
            raise Problem(
                f"The template has no file {name}, so there is nothing to restore.",
                "It has " + ", ".join(sorted(f for f in files if "/" not in f)) + ".",
            )
        return _change(root, given.step, given.step, {name: files[name]})
    return _take(root, given, given.step, files)


@_one_at_a_time
def update(root: Path) -> tuple[Moved, Release] | None:
    """Update to the template's newest version at the same step. None if it is up to date.

    Raises Problem.
    """
    repository.require_usable(root)
    repository.require_no_conflicts(root)
    given = answers.read(root)
    template = template_copy.template(root, given.source, given.commit)
    release = versions.newest(root, given.source)
    if not versions.is_newer(root, release, given.commit):
        return None
    version = versions.fetch(root, given.source, release)
    changes = merging.merged(root, template, version, step=given.step)
    of_tool = tool_files.edited(root, given.commit)
    moved = _change(root, given.step, given.step, changes)
    return replace(moved, of_tool=of_tool), release


def _take(root: Path, given: Answers, step: int, files: Mapping[str, bytes]) -> Moved:
    """Write the template's files, and remove everything else from the tool's folder."""
    of_tool = tool_files.edited(root, given.commit)
    gone = dict.fromkeys(tool_files.strays(root, files))
    return replace(_change(root, given.step, step, {**gone, **files}), of_tool=of_tool)


def _change(root: Path, old: int, new: int, wanted: Mapping[str, bytes | None]) -> Moved:
    refusals = inside.refusals(root, wanted)
    if refusals:
        raise Problem(
            ".\n".join(refusals) + ". Nothing was changed.",
            "This command writes only regular files in this folder. Move or rename what is in "
            "their place, then try again.",
        )
    changes = {name: content for name, content in wanted.items() if _is_other(root, name, content)}
    if not changes:
        return Moved(new, [], None, [], [])
    in_conflict = [name for name in repository.unmerged(root) if name in changes]
    saved = save(root, old, changes)
    try:
        place(root, changes, saved)
    except KeyboardInterrupt:
        print(_halfway(saved), file=sys.stderr)
        raise
    if in_conflict:  # the file has no conflict anymore, so git need not ask about it
        repository.take_from_head(root, in_conflict)
    found = [
        conflict
        for name, content in changes.items()
        if content is not None
        for conflict in conflicts_in(root, name)
    ]
    committed = "" if saved.branch else git(root, "rev-parse", "--short", "HEAD")
    return Moved(new, sorted(changes), saved.branch, found, saved.left_out, committed)


def _halfway(saved: Saved) -> str:
    where = f" Your work so far is saved on the branch {saved.branch}." if saved.branch else ""
    return (
        f"\nStopped before all files were written.{where}\n"
        "Run the same command again: it continues where it stopped."
    )


def _is_other(root: Path, name: str, content: bytes | None) -> bool:
    if not inside.is_file(root, name):
        return content is not None
    return not is_same(inside.read(root, name), content)


def _is_below(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def place(root: Path, changes: Mapping[str, bytes | None], saved: Saved) -> None:
    """Write each file, or delete it if its content is None.

    Replaces only files that are still exactly what was saved. The answers come last, because they
    contain the step: after an interruption, the workshop is still at the old step, and the trainee
    can run the same command again. Raises Problem if a file isn't writable.
    """
    for name in sorted(changes, key=lambda name: (name == answers.FILE, name)):
        content = changes[name]
        try:
            if not saved.is_still_there(root, name):
                raise Problem(
                    f"{name} was changed while its content was being saved.",
                    "Nothing is lost. Run the same command again: it continues where it stopped.",
                )
            if content is None:
                inside.remove(root, name)
            else:
                inside.write(root, name, content)
        except OSError as error:
            raise Problem(
                f"{name} cannot be written: {error.strerror}.",
                "Fix that, then run the same command again: it continues where it stopped.",
            ) from error
