"""Merges the template's changes into the workshop: Copier's update, in a copy of the files.

In a copy, since Copier wants a repository without changes, and a trainee who moves on need not have
one; and since a merge that is broken off half way leaves nothing behind then.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workshop import inside
from workshop.moving import answers, repository
from workshop.moving.git import author, git, names
from workshop.moving.git_environment import PLAIN_ATTRIBUTES
from workshop.moving.reference import NEVER, copier_in_words

Changes = dict[str, bytes | None]
"""The new content of each file that changes; None for one that goes."""


def merged(root: Path, template: Path, ref: str, *, step: int, keep: Sequence[str] = ()) -> Changes:
    """What an update to the template's version `ref` and to `step` changes in `root`.

    Files named in `keep` stay as they are, or missing. A conflict is in the content, between
    markers. Raises Problem when Copier cannot do it.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        # By its real path, as git names it to Copier, which compares the two: on a Mac there is
        # a link in the path of every temporary folder.
        copy = Path(folder).resolve() / "workshop"
        # Links are not among them, and stay as they are: Copier would write to where they lead.
        for name in repository.files(root):
            if name != NEVER and _is_text(name):
                _copy(root, name, copy / name)
        recorded = copy / answers.FILE
        original = recorded.read_text(encoding="utf-8")
        recorded.write_text(answers.with_source(original, str(template)), encoding="utf-8")
        git(copy, "init", "--quiet")
        (copy / ".git" / "info" / "attributes").write_text(PLAIN_ATTRIBUTES, encoding="utf-8")
        git(copy, "add", "--all", "--force")
        git(copy, "commit", "--quiet", "--no-verify", "-m", "Before", variables=author(copy))

        with copier_in_words():
            import copier

            copier.run_update(
                copy,
                data={"step": step},
                vcs_ref=ref,
                skip_if_exists=list(keep),
                defaults=True,
                overwrite=True,
                quiet=True,
                skip_tasks=True,
                unsafe=True,  # the trainee trusted the template when they copied it
            )
        text = recorded.read_text(encoding="utf-8")
        recorded.write_text(answers.with_source_of(text, original), encoding="utf-8")
        found = names(copy, "ls-files", "-z", "--modified", "--others", "--exclude-standard")
        return {
            name: _content(copy / name)
            for name in found
            if name not in (NEVER, *keep) and _differs(copy, root, name)
        }


def _is_text(name: str) -> bool:
    """Whether a name is one that Copier can deal with; the template has no others."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _copy(root: Path, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(inside.open_file(root, name), "rb") as file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
        path.chmod(os.fstat(file.fileno()).st_mode & 0o777 | 0o600)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _differs(copy: Path, root: Path, name: str) -> bool:
    there = inside.read(root, name) if inside.is_file(root, name) else None
    return _content(copy / name) != there
