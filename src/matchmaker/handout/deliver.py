"""Hands repositories out as files."""

import os
import shutil
import stat
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workshop import inside

from matchmaker.report.session_file import HandedOut, Way
from matchmaker.report.times import now
from matchmaker.repositories import quick_look
from matchmaker.repositories.contained import contained
from matchmaker.repositories.git import git
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner
from matchmaker.repositories.repository import key_files, view_of
from matchmaker.repositories.view import require_plain
from matchmaker.session import Trainee


@dataclass(frozen=True)
class Handout:
    """The result of handing one repository out: what to remember, or the problem."""

    slug: str
    way: Way
    done: HandedOut | None = None
    problem: str = ""
    """Why it isn't handed out; empty if it is."""
    left: str = ""
    """What went wrong after it was handed out; empty if nothing did."""


def bundle(output: Output, trainees: Sequence[Trainee], *, with_keys: bool) -> Iterator[Handout]:
    """Write `<slug>.zip`, a folder to unpack and use, and `<slug>.bundle`, to `git clone`.

    The zip has the files that git has, and git's own folder. `with_keys` adds the API key.
    """

    def one(trainee: Trainee) -> Handout:
        output.bundles.mkdir(mode=0o700 if with_keys else 0o777, exist_ok=True)
        commit = head_of(output, trainee.slug)
        _bundle(output, trainee.slug, with_keys=with_keys)
        has_key = with_keys and trainee.key is not None
        done = HandedOut("bundle", commit, now(), with_key=has_key)
        return Handout(trainee.slug, "bundle", done)

    def failed(trainee: Trainee, said: str) -> Handout:
        return Handout(trainee.slug, "bundle", problem=f"no bundle: {said}")

    for trainee in trainees:
        yield contained(partial(one, trainee), partial(failed, trainee))


def head_of(output: Output, slug: str) -> str:
    """The commit that is checked out in a trainee's repository. Raises GitError."""
    return str(as_owner(output.repository(slug), _head))


def _head(repository: Path) -> str:
    require_plain(repository)
    known = quick_look.commit(repository)
    if known is not None:
        return known
    with view_of(repository) as variables:
        return git(repository, "rev-parse", "HEAD", variables=variables).strip()


def _bundle(output: Output, slug: str, *, with_keys: bool) -> None:
    repository = output.repository(slug)
    draft = output.draft(f"{slug}.bundle")
    with draft.open("wb") as file:
        as_owner(repository, write_bundle, file.fileno(), seconds=WORK_SECONDS)
    draft.replace(output.bundles / draft.name)

    draft = output.draft(f"{slug}.zip")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b") as file:
        as_owner(repository, _write_zip, file.fileno(), slug, with_keys, seconds=WORK_SECONDS)
    if not with_keys:
        shutil.copymode(output.bundles / f"{slug}.bundle", draft)
    draft.replace(output.bundles / draft.name)


def write_bundle(repository: Path, output: int) -> None:
    """Write a repository's branches to a descriptor, as a git bundle. Raises GitError."""
    with view_of(repository) as variables:
        what = ("HEAD", "--branches")
        create = ("bundle", "create", "--quiet", "-", *what)
        git(repository, *create, variables=variables, output=output)


def _write_zip(repository: Path, output: int, slug: str, with_keys: bool) -> None:
    """Pack the files that git has, and git's own folder. Links stay links; we follow none."""
    with view_of(repository) as variables:
        names = git(repository, "ls-files", "-z", variables=variables).split("\0")
    with (
        os.fdopen(os.dup(output), "w+b") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        for name in [*filter(None, names), *_git_folder(repository)]:
            _pack(archive, repository, name, slug)
        # It refuses links, because the file itself must have the key.
        for name in key_files(repository) if with_keys else []:
            _pack(archive, repository, name, slug)


def _git_folder(repository: Path) -> Iterator[str]:
    for path, folders, files in os.walk(repository / ".git"):
        for name in sorted((*folders, *files)):  # git needs some of its empty folders
            yield Path(path, name).relative_to(repository).as_posix()


def _pack(archive: zipfile.ZipFile, repository: Path, name: str, slug: str) -> None:
    found = inside.look(repository, name)
    if found is None:
        return
    is_folder = stat.S_ISDIR(found.st_mode)
    when = max(time.localtime(found.st_mtime)[:6], (1980, 1, 1, 0, 0, 0))
    entry = zipfile.ZipInfo(f"{slug}/{name}{'/' if is_folder else ''}", when)
    entry.external_attr = (found.st_mode & 0xFFFF) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    if is_folder:
        archive.writestr(entry, b"")
    elif stat.S_ISLNK(found.st_mode):
        archive.writestr(entry, inside.read_link(repository, name))
    elif stat.S_ISREG(found.st_mode):
        with (
            os.fdopen(inside.open_file(repository, name), "rb") as file,
            archive.open(entry, "w", force_zip64=True) as packed,
        ):
            shutil.copyfileobj(file, packed)
