"""Reads and writes git's index entry by entry, so that no filter, flag, or setting interferes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop.moving import git_environment
from workshop.moving.git import git, names, own, run

LINK, SUBMODULE, EXECUTABLE, PLAIN = "120000", "160000", "100755", "100644"


@dataclass(frozen=True)
class Entry:
    """A file in git: its mode, and the name of its content."""

    mode: str
    blob: str
    is_left_out: bool = False
    """Whether git leaves it out of the work tree (a sparse checkout)."""


class Index:
    """The index of the repository around a folder, or a copy of it in `file`."""

    def __init__(self, root: Path, file: Path | None = None) -> None:
        self._root = root
        self._variables = {"GIT_INDEX_FILE": str(file)} if file else {}
        # The algorithm first, because the path is empty at the top, and may have line breaks.
        asked = git(root, "rev-parse", "--show-object-format", "--show-prefix")
        self.hash, _, self._prefix = asked.partition("\n")
        """The hash algorithm with which this repository names contents, and the path from the top
        of the repository to the folder. Changes use full paths."""

    def entries(self) -> dict[str, Entry]:
        """The folder's files in the index. For a file in conflict, one of its sides."""
        found = {}
        for line in names(self._root, "ls-files", "-z", "-v", "--stage", variables=self._variables):
            about, _, name = line.partition("\t")
            flag, mode, blob, _ = about.split()
            found[name] = Entry(mode, blob, flag in "Ss")
        return found

    def of_commit(self, commit: str) -> dict[str, Entry]:
        """The folder's files in a commit. Empty if there is no such commit."""
        listed = run(self._root, "ls-tree", "-r", "-z", commit).stdout
        found = {}
        for line in filter(None, listed.split("\0")):
            about, _, name = line.partition("\t")
            mode, _, blob = about.split()
            found[name] = Entry(mode, blob)
        return found

    def change(self, wanted: Mapping[str, Entry | None]) -> None:
        """Set entries, and remove those that are None. Raises Problem if git can't."""
        nothing = "0" * hashlib.new(self.hash).digest_size * 2
        lines = []
        # If a file has replaced a folder, remove the folder's entries first.
        for name, entry in sorted(wanted.items(), key=lambda item: item[1] is not None):
            about = f"{entry.mode} {entry.blob}" if entry else f"0 {nothing}"
            lines.append(f"{about}\t{self._prefix}{name}\0")
        if lines:
            arguments = ("update-index", "-z", "--index-info")
            unfiltered = git_environment.without_filters(self._root, own())
            variables = {**unfiltered, **self._variables}
            git(self._root, *arguments, variables=variables, given="".join(lines))

    def tree(self) -> str:
        """The tree of the whole index. Empty if it has conflicts, which a tree can't represent."""
        # If an index doesn't know its trees, git writes it again, and can read files for that.
        unfiltered = git_environment.without_filters(self._root, own())
        variables = {**unfiltered, **self._variables}
        return run(self._root, "write-tree", variables=variables).stdout.strip()
