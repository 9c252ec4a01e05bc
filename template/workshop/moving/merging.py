"""Merges the template's changes into the workshop: Copier's update, in a copy of the files.

In a copy, since Copier wants a repository without changes, and a trainee who moves on need not have
one; and since a merge that is broken off half way leaves nothing behind then.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workshop.moving import answers, repository
from workshop.moving.git import NOBODY, configured, git, names
from workshop.moving.reference import NEVER, copier_in_words

Changes = dict[str, bytes | None]
"""The new content of each file that changes; None for one that goes."""


def merged(root: Path, template: Path, ref: str, *, step: int, keep: Sequence[str] = ()) -> Changes:
    """What an update to the template's version `ref` and to `step` changes in `root`.

    Files named in `keep` stay as they are, or missing. A conflict is in the content, between
    markers. Raises Problem when Copier cannot do it.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        copy = Path(folder) / "workshop"
        for name in repository.files(root):
            if name == NEVER:
                continue
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name, follow_symlinks=False)
        recorded = copy / answers.FILE
        original = recorded.read_text(encoding="utf-8")
        recorded.write_text(answers.with_source(original, str(template)), encoding="utf-8")
        git(copy, "init", "--quiet")
        git(copy, "add", "--all", "--force")
        commit = (*configured(NOBODY), "commit", "--quiet", "--no-verify", "--no-gpg-sign")
        git(copy, *commit, "-m", "Before")

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


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _differs(copy: Path, root: Path, name: str) -> bool:
    return _content(copy / name) != _content(root / name)
