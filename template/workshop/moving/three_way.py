"""Merges two renderings of the template with somebody's files, as Copier's update does.

Copier makes git repositories of both renderings, and applies the difference between the old one and
somebody's files to the new one. For nearly every file, the result is clear without git: nobody
changed it, or only one side did. Git merges only the files that both sides changed, with the same
commands as Copier, so that the result is the same, byte for byte.

Some things work in a way of their own there: links, converted line ends, or a file in the place of
a folder. For these, this module raises Unusual, and Copier has to do all of it.

Written for copier 9.19 (`Worker._apply_update`).
"""

from __future__ import annotations

import filecmp
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from workshop.moving import first_commit
from workshop.moving.line_ends import with_lf

Git = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs git in a folder: `run` of git.py, or one like it."""

_BEGIN, _END = b"<<<<<<< before updating", b">>>>>>> after updating"


class Unusual(Exception):
    """Something that only Copier itself merges as it always does."""


class File(NamedTuple):
    """What is in a file."""

    content: bytes
    is_executable: bool = False


Files = Mapping[str, File]


@dataclass
class Merged:
    """The result of a merge."""

    files: dict[str, File | None] = field(default_factory=dict)
    """What each file that changes becomes. None if it is deleted."""
    conflicts: dict[str, tuple[File | None, File | None]] = field(default_factory=dict)
    """The files with conflict markers, each with its old and its new rendering."""


def merge(
    old: Files,
    yours: Files,
    new: Files,
    *,
    git: Git,
    answers_file: str,
    stays: Callable[[str], bool],
    is_there: Callable[[str], bool],
    others: Collection[str] = (),
) -> Merged:
    """Merge the renderings `old` and `new` with `yours`, the files that git tracks.

    `stays` says of a name whether an existing file stays as it is, whatever the template has.
    `is_there` says whether anything has that name, tracked or not. `others` are more names of
    tracked files, which no rendering has. Raises Unusual.
    """
    _require_usual({**old, **new}, old, new, {*yours, *others})
    in_old = old.keys() - ignored(old, git)
    gone = {name for name in in_old - yours.keys() if not is_there(name) and not stays(name)}
    # What a deleted .gitignore says counts in neither place.
    in_new = new.keys() - ignored(new, git, without=gone)
    result = Merged()
    both: dict[str, File | None] = {}
    for name, file in new.items():
        mine, before = yours.get(name), old.get(name) if name in in_old else None
        if name == answers_file:
            result.files[name] = file
        elif is_there(name) and stays(name):
            continue
        elif mine is None:
            if name not in gone:
                result.files[name] = file
        elif before is None and name in in_new:
            if mine != file:
                both[name] = old.get(name)
        elif before in (None, mine):
            result.files[name] = file
        elif before != file:
            both[name] = before
    for name in old.keys() - new.keys():
        if is_there(name) and not {*name.split("/")} & {*filecmp.DEFAULT_IGNORES}:
            result.files[name] = None
    for name, (file, is_conflict) in _merged_by_git(both, yours, old, new, git).items():
        result.files[name] = file
        if is_conflict:
            result.conflicts[name] = (old.get(name, File(b"")), new[name])
    return result


def _require_usual(either: Files, old: Files, new: Files, tracked: Collection[str]) -> None:
    names = {*either, *tracked}
    for name in names:
        folder = name
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in names:
                raise Unusual(f"{folder} is a file here, and a folder there")
    for name, file in (*old.items(), *new.items()):
        if not name.isprintable():  # a command of git has one name a line
            raise Unusual("a name that git would quote")
        if name.endswith(".rej"):
            raise Unusual("a name that git gives to what it can't merge")
        if with_lf(file.content) != file.content:
            raise Unusual(f"{name} has CRLF")
        if name.rpartition("/")[2] == ".gitattributes" and first_commit.converts(file.content):
            raise Unusual(f"git converts files, according to {name}")


def ignored(files: Files, git: Git, without: Collection[str] = ()) -> frozenset[str]:
    """The files that git would leave out of a repository with all of them.

    Rules in files that are in `without` don't count.
    """
    rules = {
        name: file.content
        for name, file in files.items()
        if name.rpartition("/")[2] == ".gitignore" and name not in without
    }
    return _ignored_by(tuple(rules.items()), frozenset(files), git) if rules else frozenset()


# All trainees of a session have the same names, and so do the two sides of a step.
@lru_cache(maxsize=8)
def _ignored_by(
    rules: tuple[tuple[str, bytes], ...], names: frozenset[str], git: Git
) -> frozenset[str]:
    with tempfile.TemporaryDirectory(prefix="workshop-") as temporary:
        folder = Path(temporary)
        _ask(git, folder, "init", "--quiet", "--template=")
        _write(folder, ((name, File(text)) for name, text in rules))
        command = ("check-ignore", "--no-index", "--stdin", "-z")
        done = git(folder, *command, given="\0".join(sorted(names)))
        if done.returncode not in (0, 1):
            raise Unusual(done.stderr.strip())
        return frozenset(filter(None, done.stdout.split("\0")))


def _merged_by_git(
    bases: Mapping[str, File | None], yours: Files, old: Files, new: Files, git: Git
) -> dict[str, tuple[File, bool]]:
    """What git makes of each file, and whether it has a conflict. Without a base, it's new."""
    if not bases:
        return {}
    with tempfile.TemporaryDirectory(prefix="workshop-") as temporary:
        top = Path(temporary).resolve()
        # Like Copier, compare an added file with an empty one that has the mode of the new one.
        base = {name: file or File(b"", new[name].is_executable) for name, file in bases.items()}
        mine, theirs = ({name: side[name] for name in bases} for side in (yours, new))
        sides = {"old": base, "mine": mine, "new": theirs}
        for side, files in sides.items():
            (top / side).mkdir()
            _write(top / side, files.items())
        patch = _difference(top, sides["old"], sides["mine"], old, git)
        work = top / "work"
        work.mkdir()
        _write(work, sides["new"].items())
        # Even if there is another repository around it. It fails if it rejects something.
        alone = {"GIT_CEILING_DIRECTORIES": str(top)}
        git(work, "apply", "--reject", given=patch, variables=alone)
        found = {}
        for name in bases:
            rejected = work / f"{name}.rej"
            is_conflict = False
            if rejected.exists():
                rejected.unlink()
                _write(work, [(name, yours[name])])
                labels = ("before updating", "last update", "after updating")
                options = (word for label in labels for word in ("-L", label))
                others = (f"{top}/old/{name}", f"{top}/new/{name}")
                git(work, "merge-file", *options, "--", name, *others, variables=alone)
                lines = (work / name).read_bytes().splitlines()
                is_conflict = any(line.rstrip() in (_BEGIN, _END) for line in lines)
            path = work / name
            executable = bool(path.stat().st_mode & 0o100)
            found[name] = File(path.read_bytes(), executable), is_conflict
        return found


def _difference(top: Path, base: Files, mine: Files, old: Files, git: Git) -> str:
    """The patch that leads from `base` to `mine`, with the attributes that `old` gives to files."""
    repository = top / "repository"
    repository.mkdir()
    _ask(git, repository, "init", "--quiet", "--template=")
    trees = []
    for files in (base, mine):
        lines = []
        side = "old" if files is base else "mine"
        paths = "".join(f"{top}/{side}/{name}\n" for name in files)
        hashing = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        blobs = _ask(git, repository, *hashing, given=paths)
        for (name, file), blob in zip(files.items(), blobs.split(), strict=True):
            lines.append(f"{100755 if file.is_executable else 100644} {blob}\t{name}\0")
        _ask(git, repository, "update-index", "-z", "--index-info", given="".join(lines))
        trees.append(_ask(git, repository, "write-tree").strip())
    attributes = ((n, f) for n, f in old.items() if n.rpartition("/")[2] == ".gitattributes")
    _write(repository, attributes)
    comparing = ("diff-tree", "-r", "-p", "--unified=3", "--inter-hunk-context=-1")
    return _ask(git, repository, *comparing, *trees)


def _ask(git: Git, folder: Path, *arguments: str, given: str = "") -> str:
    done = git(folder, *arguments, given=given)
    if done.returncode:
        raise Unusual(done.stderr.strip())
    return done.stdout


def _write(folder: Path, files: Iterable[tuple[str, File]]) -> None:
    for name, file in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.is_executable else 0o644)
