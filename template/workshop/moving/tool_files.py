"""The tool's own files in `workshop/`. They belong to the template, which replaces them whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workshop.moving import repository, template_bundle, template_copy
from workshop.moving.git import run
from workshop.moving.line_ends import with_lf

FOLDER = repository.TOOL
_IN_TEMPLATE = "template/workshop/"


def is_of_tool(name: str) -> bool:
    """Whether a file, relative to the workshop, is part of the tool."""
    return name.startswith(FOLDER)


def strays(root: Path, files: Iterable[str]) -> list[str]:
    """The files in `workshop/` that aren't in `files`, the template's. Skips what git ignores."""
    return [name for name in repository.files(root) if is_of_tool(name) and name not in {*files}]


def edited(root: Path, commit: str) -> list[str]:
    """The tool's files that differ from the template's version `commit`.

    They may be changed, added, or deleted. Ignores the settings file, which depends on the answers,
    and the template's bundle. Empty if the workshop has no copy of that version.
    """
    folder = template_copy.local(root, commit)
    if folder is None:
        return []
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
        for name in {*wanted, *there} - {*made, template_bundle.NAME}
        if _blob(root / name, wanted.get(name, "")) != wanted.get(name)
    )


def _blob(path: Path, like: str) -> str | None:
    """The hash that git would give to a file with LF, or None if there is no such file."""
    if path.is_symlink() or not path.is_file():
        return None
    content = with_lf(path.read_bytes())
    kind = hashlib.sha256 if len(like) > hashlib.sha1().digest_size * 2 else hashlib.sha1
    return kind(b"blob %d\0" % len(content) + content).hexdigest()
