"""Merges the template's changes into the workshop, with Copier's update in a copy of the files.

It uses a copy because Copier requires a repository without changes, which the trainee's may not
be. In addition, an interrupted merge then leaves nothing behind.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workshop import inside
from workshop.moving import answers, repository, template_bundle, template_copy
from workshop.moving.git import author, git, names
from workshop.moving.git_environment import PLAIN_ATTRIBUTES
from workshop.moving.line_ends import is_same, with_lf
from workshop.moving.reference import NEVER, copier_in_words, is_out_of_reach

_HASH = re.compile(r"[0-9a-f]{4,64}")

Changes = dict[str, bytes | None]
"""The new content of each file that changes, or None for a deleted file."""


def merged(root: Path, template: Path, ref: str, *, step: int, keep: Sequence[str] = ()) -> Changes:
    """The changes in `root` by an update to the template's version `ref` and to `step`.

    Files in `keep` stay as they are, even if they are missing. The content has conflicts between
    markers. Raises Problem if Copier fails.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        # Use the real path, because Copier compares it with the one from git. On a Mac, the path
        # of every temporary folder contains a link.
        copy = Path(folder).resolve() / "workshop"
        # Leave links out, so that they stay as they are: Copier would write to their target.
        for name in repository.files(root):
            if name not in NEVER and _is_text(name):
                _copy(root, name, copy / name)
        recorded = copy / answers.FILE
        original = recorded.read_text(encoding="utf-8")
        before = answers.read(copy).commit
        source, numbers = _numbered(template, Path(folder).resolve(), [before, ref])
        known = answers.with_source(original, str(source))
        if before in numbers:
            known = answers.with_version(known, numbers[before])
        recorded.write_text(known, encoding="utf-8")
        git(copy, "init", "--quiet")
        (copy / ".git" / "info" / "attributes").write_text(PLAIN_ATTRIBUTES, encoding="utf-8")
        git(copy, "add", "--all", "--force")
        git(copy, "commit", "--quiet", "--no-verify", "-m", "Before", variables=author(copy))

        with copier_in_words():
            import copier

            copier.run_update(
                copy,
                data={"step": step},
                vcs_ref=numbers.get(ref, ref),
                skip_if_exists=list(keep),
                defaults=True,
                overwrite=True,
                quiet=True,
                skip_tasks=True,
                unsafe=True,  # the trainee decided to trust the template when copying it
            )
        text = recorded.read_text(encoding="utf-8")
        if ref in numbers:
            text = answers.with_version(text, ref)
        recorded.write_text(answers.with_source_of(text, original), encoding="utf-8")
        found = names(copy, "ls-files", "-z", "--modified", "--others", "--exclude-standard")
        changes = {
            name: _content(copy / name)
            for name in found
            if name not in (*NEVER, *keep)
            and not is_out_of_reach(root, name)
            and _differs(copy, root, name)
        }
        if ref in numbers:  # the template's own task has put its number into the bundle
            changes[template_bundle.NAME] = template_copy.bundle_of(root, ref)
        return changes


def _numbered(template: Path, folder: Path, refs: Sequence[str]) -> tuple[Path, dict[str, str]]:
    """The template with a number for each version that is only a hash, and these numbers.

    Copier wants to know which of two versions is newer. It reads a tag such as `4283fef` as a
    number, and gives up, or refuses to go back from `7707c28` to a smaller one.
    """
    hashes = [ref for ref in dict.fromkeys(refs) if _HASH.fullmatch(ref)]
    if not hashes:
        return template, {}
    clone = folder / "template.git"
    git(folder, "clone", "--quiet", "--bare", "--template=", "--", str(template), str(clone))
    numbers = {name: f"0.0.{number}" for number, name in enumerate(hashes)}
    for name, number in numbers.items():
        git(clone, f"--git-dir={clone}", "tag", number, f"{name}^{{commit}}")
        git(clone, f"--git-dir={clone}", "update-ref", "-d", f"refs/tags/{name}")
    return clone, numbers


def _is_text(name: str) -> bool:
    """Whether Copier can handle a name. The template has only such names."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _copy(root: Path, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(inside.open_file(root, name), "rb") as file:
        # With CRLF, every line would be in conflict with the template's.
        path.write_bytes(with_lf(file.read()))
        path.chmod(os.fstat(file.fileno()).st_mode & 0o777 | 0o600)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _differs(copy: Path, root: Path, name: str) -> bool:
    there = inside.read(root, name) if inside.is_file(root, name) else None
    return not is_same(_content(copy / name), there)
