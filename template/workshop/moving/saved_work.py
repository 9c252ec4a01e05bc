"""Saves the work in progress on a separate branch, without disturbing anything else.

It saves the exact bytes of every file, but never the API key. A container that hides the key can't
compare a file with it: there, anything that looks like a key next to its name counts.

A flag (`assume-unchanged`), a filter, or a setting for line ends can hide changes from git. So this
module reads every file itself, and puts its content into git unchanged.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop import api_key, inside
from workshop.key_form import has_named_key
from workshop.moving import repository
from workshop.moving.git import author, git, names, run, succeeds
from workshop.moving.index import EXECUTABLE, LINK, PLAIN, SUBMODULE, Entry, Index
from workshop.moving.line_ends import LONGEST, with_lf
from workshop.moving.reference import NEVER
from workshop.problem import Problem

MUST_BE_NEW = ""
"""The old value for `update-ref`. With it, git refuses if the branch exists by now."""
SHORTEST_SECRET = 16
"""In characters. A shorter text isn't an API key, and may be in a file for another reason."""

CHUNK = 1 << 20
OVERLAP = 512
"""In bytes. A key may begin in one chunk and end in the next."""


@dataclass(frozen=True)
class Saved:
    """The result of saving."""

    branch: str | None
    """None if everything was on a branch already."""
    contents: Mapping[str, Entry | None]
    """What existed under each name that the command overwrites."""
    left_out: list[str]
    """Files with the API key. They aren't saved, and stay where they are."""
    hash: str
    """The hash algorithm with which this repository names contents."""

    def is_still_there(self, root: Path, name: str) -> bool:
        """Whether the file is byte for byte what was saved."""
        saved, found = self.contents.get(name), _find(root, name, self.hash)
        if saved is None or found is None:
            return saved is found
        return (saved.mode == LINK) == (found.mode == LINK) and saved.blob == found.blob


def save(root: Path, step: int, overwritten: Iterable[str]) -> Saved:
    """Commit everything staged, changed, and new in `root` to a branch.

    Saves an ignored file only if its name is in `overwritten`, and never a file that may contain
    the API key. Works on a copy of the index, and doesn't touch HEAD, the index, and the files.
    Raises Problem if it can't save.
    """
    head = run(root, "rev-parse", "--verify", "--quiet", "HEAD").stdout.strip()
    # Use a copy of the index, so that the trainee's staged changes stay as they are.
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        file = Path(folder) / "index"
        own = root / git(root, "rev-parse", "--git-path", "index")
        if own.exists():
            shutil.copy2(own, file)
        index = Index(root, file)
        work = _Work(root, index, set(overwritten))
        index.change({name: work.committed.get(name) for name in work.secret_when_staged()})
        staged = index.tree()
        contents = work.contents()
        index.change(contents)
        all_of_it = index.tree()
    if not all_of_it:
        raise Problem(
            "The repository around this folder has conflicts elsewhere. Nothing was changed.",
            "Resolve them first: git status",
        )
    # Make two commits, so that the trainee can see which changes were staged.
    commit = _commit(root, staged, head, f"Staged in step {step}") if staged else head
    commit = _commit(root, all_of_it, commit, f"Work in progress in step {step}")
    branch = None
    if commit and not (commit == head and _is_on_a_branch(root)):
        branch = _free_name(root, f"my/step-{step}-{time.strftime('%Y%m%d-%H%M%S')}")
        new = ("update-ref", "-m", "workshop: saved", f"refs/heads/{branch}", commit, MUST_BE_NEW)
        git(root, *new)
    found = {name: work.found.get(name) for name in work.overwritten}
    return Saved(branch, found, sorted(work.secret - {*NEVER}), work.hash)


class _Work:
    """Compares the files of a workshop with what git has."""

    def __init__(self, root: Path, index: Index, overwritten: set[str]) -> None:
        self._root = root
        self.overwritten = overwritten
        self.hash = index.hash
        self._keys = _keys(root)
        self._key_is_hidden = api_key.is_hidden(root)
        self._modes_count = not run(
            root, "config", "--type=bool", "--get", "core.fileMode"
        ).stdout.startswith("false")
        self._tracked = index.entries()
        # A file in conflict needs a new entry, even if it is the same as one of the sides.
        self._in_conflict = {*repository.unmerged(root)}
        self.committed = index.of_commit("HEAD")
        self.found: dict[str, Entry] = {}
        self.secret: set[str] = set()

    def secret_when_staged(self) -> list[str]:
        """The staged files that must not be saved."""
        return [
            name
            for name, entry in self._tracked.items()
            if self.committed.get(name) != Entry(entry.mode, entry.blob)
            and (api_key.is_key_file(name) or self._has_key(entry))
        ]

    def contents(self) -> dict[str, Entry | None]:
        """The changes that make the index contain all existing files.

        Raises Problem if a file isn't readable, or the command would overwrite one with the key.
        """
        others = names(self._root, "ls-files", "-z", "--others", "--exclude-standard")
        wanted: dict[str, Entry | None] = {}
        for name in sorted({*self._tracked, *others, *self.overwritten}):
            if name.endswith("/"):  # a nested repository, which we never change
                continue
            known = self._tracked.get(name)
            entry = self._found(name, known)
            if name in self.secret:
                wanted[name] = self.committed.get(name)
            elif entry is None:
                if known and not known.is_left_out:
                    wanted[name] = None
            elif entry != known or name in self._in_conflict:
                wanted[name] = entry
        lost = sorted(self.secret & self.overwritten)
        if lost:
            raise Problem(
                f"{', '.join(lost)}: your API key is in there, and git would keep it. Nothing was "
                "changed.",
                "Delete the key there, because it belongs only in .key/datadog. Then try again.",
            )
        return wanted

    def _found(self, name: str, known: Entry | None) -> Entry | None:
        """Put an existing file into git, or note it in `secret` if it must not be saved."""
        if known and known.mode == SUBMODULE:
            return known
        if api_key.is_key_file(name):
            self.secret.add(name)
            return None
        try:
            entry = _find(self._root, name, self.hash)
        except OSError as error:
            raise Problem(
                f"{name} cannot be read, so it cannot be saved: {error.strerror}. Nothing was "
                "changed.",
                "Give yourself permission to read it, then try again.",
            ) from error
        if entry is None:
            return None
        self.found[name] = entry
        if known and self._is_of_kind(entry, known) and self._is_content(name, entry, known):
            return known
        if self._file_has_key(name, entry):
            self.secret.add(name)
            return None
        mode = entry.mode
        if mode != LINK and not self._modes_count:
            mode = known.mode if known and known.mode == EXECUTABLE else PLAIN
        return Entry(mode, self._written(name, entry))

    def _is_of_kind(self, entry: Entry, known: Entry) -> bool:
        """Whether the modes are the same, as far as the disk supports modes."""
        return entry.mode == known.mode or (not self._modes_count and entry.mode != LINK)

    def _is_content(self, name: str, entry: Entry, known: Entry) -> bool:
        """Whether a file has the content that git has, perhaps with CRLF in place of LF."""
        if entry.blob == known.blob:
            return True
        about = inside.look(self._root, name)
        if entry.mode == LINK or about is None or about.st_size > LONGEST:
            return False
        text = with_lf(inside.read(self._root, name))
        return hashlib.new(self.hash, b"blob %d\0" % len(text) + text).hexdigest() == known.blob

    def _written(self, name: str, entry: Entry) -> str:
        write = ("hash-object", "-w", "--stdin")
        if entry.mode == LINK:
            target = inside.read_link(self._root, name).decode("utf-8", "surrogateescape")
            return git(self._root, *write, given=target)
        handle = inside.open_file(self._root, name)
        try:
            return git(self._root, *write, given=handle)
        finally:
            os.close(handle)

    def _has_key(self, entry: Entry) -> bool:
        if not self._can_find_keys() or entry.mode == SUBMODULE:
            return False
        content = git(self._root, "cat-file", "blob", entry.blob)
        return self._is_key_in(content.encode("utf-8", "surrogateescape"))

    def _file_has_key(self, name: str, entry: Entry) -> bool:
        if entry.mode == LINK or not self._can_find_keys():
            return False
        overlap = max([OVERLAP, *map(len, self._keys)])
        with os.fdopen(inside.open_file(self._root, name), "rb") as file:
            before = b""
            while chunk := file.read(CHUNK):
                if self._is_key_in(before + chunk):
                    return True
                before = chunk[-overlap:]
        return False

    def _can_find_keys(self) -> bool:
        return bool(self._keys) or self._key_is_hidden

    def _is_key_in(self, content: bytes) -> bool:
        if any(secret in content for secret in self._keys):
            return True
        return self._key_is_hidden and has_named_key(content)


def _find(root: Path, name: str, algorithm: str) -> Entry | None:
    """What exists under a name, with the hash that git gives to its content."""
    # We compute the hash, because `git hash-object` would need a process for each file, and would
    # apply filters if it got the file's name.
    found = inside.look(root, name)
    if found is None:
        return None
    if stat.S_ISLNK(found.st_mode):
        target = inside.read_link(root, name)
        return Entry(LINK, hashlib.new(algorithm, b"blob %d\0" % len(target) + target).hexdigest())
    if not stat.S_ISREG(found.st_mode):
        return None
    with os.fdopen(inside.open_file(root, name), "rb") as file:
        about = os.fstat(file.fileno())
        digest = hashlib.new(algorithm, b"blob %d\0" % about.st_size)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return Entry(EXECUTABLE if about.st_mode & stat.S_IXUSR else PLAIN, digest.hexdigest())


def _keys(root: Path) -> list[bytes]:
    """The API key, in each encoding that a file may have."""
    found = {os.environ.get(api_key.VARIABLE, ""), *api_key.everywhere(root)}
    secrets = [secret for secret in found if len(secret) >= SHORTEST_SECRET]
    return [
        secret.encode(coding, "surrogateescape" if coding == "utf-8" else "ignore")
        for secret in secrets
        for coding in ("utf-8", "utf-16-le")
    ]


def _commit(root: Path, tree: str, parent: str, message: str) -> str:
    """A commit of `tree` on top of `parent`, or `parent` if it has the same tree."""
    if tree == (git(root, "rev-parse", f"{parent}^{{tree}}") if parent else _empty_tree(root)):
        return parent
    onto = ["-p", parent] if parent else []
    return git(root, "commit-tree", *onto, "-m", message, tree, variables=author(root))


def _empty_tree(root: Path) -> str:
    return git(root, "hash-object", "-t", "tree", "--stdin")


def _is_on_a_branch(root: Path) -> bool:
    if succeeds(root, "symbolic-ref", "--quiet", "HEAD"):
        return True
    return bool(git(root, "for-each-ref", "--contains", "HEAD", "refs/heads", "refs/remotes"))


def _free_name(root: Path, wanted: str) -> str:
    name, number = wanted, 1
    while succeeds(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}"):
        number += 1
        name = f"{wanted}-{number}"
    return name
