"""The tool's own files, `workshop/`: they are the template's, and are replaced whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workshop.moving import repository, template_copy
from workshop.moving.git import run

FOLDER = repository.TOOL
_IN_TEMPLATE = "template/workshop/"


def is_of_tool(name: str) -> bool:
    """Whether that file, relative to the workshop, is one of the tool's."""
    return name.startswith(FOLDER)


def strays(root: Path, files: Iterable[str]) -> list[str]:
    """What lies in `workshop/` besides `files`, the template's; what git ignores is left alone."""
    return [name for name in repository.files(root) if is_of_tool(name) and name not in {*files}]


def edited(root: Path, commit: str) -> list[str]:
    """The tool's files that are not as the template's version `commit` has them.

    Changed, added or deleted ones; that of the settings is not looked at, which answers make. None
    where the workshop has no copy of that version.
    """
    folder = root / template_copy.PATH
    listing = run(folder, f"--git-dir={folder}", "ls-tree", "-r", "-z", commit, _IN_TEMPLATE)
    if listing.returncode:
        return []
    entries = [entry.split("\t") for entry in listing.stdout.split("\0") if entry]
    wanted = {
        FOLDER + path.removeprefix(_IN_TEMPLATE).removesuffix(".jinja"): about.split()[-1]
        for about, path in entries
    }
    made = {FOLDER + p.removeprefix(_IN_TEMPLATE)[:-6] for _, p in entries if p.endswith(".jinja")}
    there = [name for name in repository.files(root) if is_of_tool(name)]
    return sorted(
        name
        for name in {*wanted, *there} - made
        if _blob(root / name, wanted.get(name, "")) != wanted.get(name)
    )


def _blob(path: Path, like: str) -> str | None:
    """What git would call the content of a file; None when there is none."""
    if path.is_symlink() or not path.is_file():
        return None
    content = path.read_bytes()
    kind = hashlib.sha256 if len(like) > hashlib.sha1().digest_size * 2 else hashlib.sha1
    return kind(b"blob %d\0" % len(content) + content).hexdigest()
