"""Merges the template's changes into the workshop, as Copier's update does.

If nothing is unusual, it only compares what Copier renders for the old and for the new answers.
Otherwise, Copier's update works in a copy of the files. It needs a copy because Copier requires a
repository without changes, which the trainee's may not be. In addition, an interrupted merge then
leaves nothing behind.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workshop import inside
from workshop.moving import (
    answers,
    reference,
    repository,
    template_bundle,
    template_copy,
    three_way,
    tool_files,
)
from workshop.moving.git import author, git, names, run
from workshop.moving.git_environment import PLAIN_ATTRIBUTES
from workshop.moving.line_ends import is_same, with_lf
from workshop.moving.reference import NEVER, copier_in_words, is_out_of_reach
from workshop.moving.three_way import File, Unusual

_HASH = re.compile(r"[0-9a-f]{4,64}")

Changes = dict[str, bytes | None]
"""The new content of each file that changes, or None for a deleted file."""


def merged(root: Path, template: Path, ref: str, *, step: int, keep: Sequence[str] = ()) -> Changes:
    """The changes in `root` by an update to the template's version `ref` and to `step`.

    Files in `keep` stay as they are, even if they are missing. The content has conflicts between
    markers. Raises Problem if Copier fails.
    """
    if reference.is_tested():
        with suppress(Unusual):
            return _merged_here(root, template, ref, step, keep)
    return _merged_by_copier(root, template, ref, step, keep)


def _merged_here(root: Path, template: Path, ref: str, step: int, keep: Sequence[str]) -> Changes:
    given = answers.read(root)
    original = with_lf(inside.read(root, answers.FILE)).decode()
    with copier_in_words():
        from workshop.moving import quick_worker

        with quick_worker.renderings(template) as renderings:
            there = renderings.template(ref)
            if there.external_data or not quick_worker.does_only_ours(there):
                raise Unusual
            # Like Copier, leave out of the old version what the new one leaves out.
            before = renderings.at(given.commit, given.given, exclude=there.exclude).files
            recorded = answers.with_source(original, str(template))
            after = renderings.at(ref, {"step": step}, recorded=recorded, skip_if_exists=keep)
            stays = after.worker.match_skip
    files = after.files
    here = [name for name in repository.files(root) if name not in NEVER and _is_text(name)]
    yours = {
        name: File(with_lf(inside.read(root, name)))
        for name in here
        if not tool_files.is_of_tool(name) and (name in before or name in files)
    }
    # An update replaces the tool as a whole.
    old, new = (
        {name: File(text) for name, text in rendered.items() if not tool_files.is_of_tool(name)}
        for rendered in (before, files)
    )
    unwanted = three_way.ignored(new, run) - yours.keys()
    merge = three_way.merge(
        old,
        yours,
        {name: file for name, file in new.items() if name not in unwanted},
        git=run,
        answers_file=answers.FILE,
        stays=lambda name: bool(stays(Path(name))),
        is_there=yours.__contains__,
        others=here,
    )
    changes: Changes = {name: file and file.content for name, file in merge.files.items()}
    changes[answers.FILE] = answers.with_source_of(files[answers.FILE].decode(), original).encode()
    changes |= {name: text for name, text in files.items() if tool_files.is_of_tool(name)}
    changes |= dict.fromkeys(tool_files.strays(root, [*files, template_bundle.NAME]))
    changes[template_bundle.NAME] = template_copy.bundle_of(root, ref)
    return {
        name: content
        for name, content in changes.items()
        if name not in (*NEVER, *keep)
        and not is_out_of_reach(root, name)
        and not is_same(content, inside.read(root, name) if inside.is_file(root, name) else None)
    }


def _merged_by_copier(
    root: Path, template: Path, ref: str, step: int, keep: Sequence[str]
) -> Changes:
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
