"""Hands repositories out: as files, and by git push."""

import contextlib
import os
import shlex
import shutil
import stat
import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from workshop import inside

from matchmaker.report.session_file import HandedOut, Way
from matchmaker.repositories.contained import contained
from matchmaker.repositories.git import GitError, git, users_environment
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner
from matchmaker.repositories.repository import key_files, view_of
from matchmaker.session import Trainee
from matchmaker.urls import url_for

PUSHES_AT_ONCE = 8


@dataclass(frozen=True)
class Handout:
    """The result of handing one repository out: what to remember, or the problem."""

    slug: str
    way: Way
    done: HandedOut | None = None
    problem: str = ""


def bundle(output: Output, trainees: Sequence[Trainee], *, with_keys: bool) -> Iterator[Handout]:
    """Write `<slug>.zip`, a folder to unpack and use, and `<slug>.bundle`, to `git clone`.

    The zip has the files that git has, and git's own folder. `with_keys` adds the API key.
    """

    def one(trainee: Trainee) -> Handout:
        output.bundles.mkdir(mode=0o700 if with_keys else 0o777, exist_ok=True)
        commit = head_of(output, trainee.slug)
        _bundle(output, trainee.slug, with_keys=with_keys)
        has_key = with_keys and trainee.key is not None
        done = HandedOut("bundle", commit, _now(), with_key=has_key)
        return Handout(trainee.slug, "bundle", done)

    def failed(trainee: Trainee, said: str) -> Handout:
        return Handout(trainee.slug, "bundle", problem=f"no bundle: {said}")

    for trainee in trainees:
        yield contained(partial(one, trainee), partial(failed, trainee))


def head_of(output: Output, slug: str) -> str:
    """The commit that is checked out in a trainee's repository. Raises GitError."""
    return str(as_owner(output.repository(slug), _head))


def _head(repository: Path) -> str:
    with view_of(repository) as variables:
        return git(repository, "rev-parse", "HEAD", variables=variables).strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _bundle(output: Output, slug: str, *, with_keys: bool) -> None:
    repository = output.repository(slug)
    draft = output.draft(f"{slug}.bundle")
    with draft.open("wb") as file:
        as_owner(repository, _write_bundle, file.fileno(), seconds=WORK_SECONDS)
    draft.replace(output.bundles / draft.name)

    draft = output.draft(f"{slug}.zip")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b") as file:
        as_owner(repository, _write_zip, file.fileno(), slug, with_keys, seconds=WORK_SECONDS)
    if not with_keys:
        shutil.copymode(output.bundles / f"{slug}.bundle", draft)
    draft.replace(output.bundles / draft.name)


def _write_bundle(repository: Path, output: int) -> None:
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


def push(output: Output, trainees: Sequence[Trainee], pattern: str) -> Iterator[Handout]:
    """Push the branch of every repository to its own URL: `pattern`, with the slug for `{slug}`.

    Never force a push, so that what others pushed stays. Git and ssh don't prompt, because several
    of them would prompt at once.
    """
    variables = _unattended(output.root)
    # Not in threads, because reading another user's folder forks a process.
    branches: dict[str, str | GitError] = {
        trainee.slug: contained(partial(_branch_of_copy, output, trainee.slug), GitError)
        for trainee in trainees
    }

    def one(trainee: Trainee) -> Handout:
        url = url_for(pattern, trainee.slug)
        branch = branches[trainee.slug]
        if isinstance(branch, GitError):
            raise branch
        copy = _copy_of(output, trainee.slug)
        commit = git(copy, "rev-parse", branch).strip()
        git(copy, "push", "--quiet", "--", url, branch, variables=variables, asks=True)
        cloned = ""
        with contextlib.suppress(GitError):  # the push worked, so ignore a failed question
            cloned = git(copy, "ls-remote", "--", url, "HEAD", variables=variables, asks=True)
            cloned = "" if cloned.startswith(commit) else branch.removeprefix("refs/heads/")
        return Handout(
            trainee.slug, "push", HandedOut("push", commit, _now(), url=url, branch=cloned)
        )

    def failed(trainee: Trainee, said: str) -> Handout:
        url = url_for(pattern, trainee.slug)
        problem = f"not pushed to {url}: {said}{_hint(said, output.repository(trainee.slug), url)}"
        return Handout(trainee.slug, "push", problem=problem)

    with ThreadPoolExecutor(PUSHES_AT_ONCE) as pool:
        yield from pool.map(
            lambda trainee: contained(partial(one, trainee), partial(failed, trainee)), trainees
        )


def _copy_of(output: Output, slug: str) -> Path:
    return output.draft(f"{slug}.git")


def _branch_of_copy(output: Output, slug: str) -> str | GitError:
    """Copy the current branch to a repository of ours, and return its name. Raises GitError.

    We push from the copy, because the trainee's repository has its own settings and hooks, and a
    push has the instructor's rights.
    """
    repository, copy = output.repository(slug), _copy_of(output, slug)
    bundle = output.draft(f"{slug}.pushed")
    try:
        branch = str(as_owner(repository, _branch))
        with bundle.open("wb") as file:
            as_owner(repository, _write_bundle, file.fileno(), seconds=WORK_SECONDS)
        git(output.drafts, "init", "--quiet", "--bare", str(copy))
        git(copy, "fetch", "--quiet", str(bundle), f"+{branch}:{branch}")
    finally:
        bundle.unlink(missing_ok=True)
    return branch


def _branch(repository: Path) -> str:
    with view_of(repository) as variables:
        try:
            return git(repository, "symbolic-ref", "HEAD", variables=variables).strip()
        except GitError as error:
            raise GitError("it is on no branch; run git switch main in it") from error


def _unattended(folder: Path) -> dict[str, str]:
    """Variables that stop git and ssh from prompting, with the ssh that the instructor chose."""
    ssh = users_environment().get("GIT_SSH_COMMAND", "")
    if not ssh:
        with contextlib.suppress(GitError):
            ssh = git(folder, "config", "core.sshCommand", asks=True).strip()
    return {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": f"{ssh or 'ssh'} -o BatchMode=yes"}


def _hint(said: str, folder: Path, url: str) -> str:
    """What to do about git's message, if we know it."""
    if "could not read Username" in said or "could not read Password" in said:
        return (
            ". Git cannot prompt while it pushes several: push one by hand, with a credential "
            "helper that stores what you type (git help credentials)."
        )
    if "(fetch first)" in said or "(non-fast-forward)" in said:
        pull = shlex.join(["git", "-C", str(folder), "pull", "--no-rebase", url, "main"])
        return (
            ". Somebody has pushed there, probably the trainee, and that stays. To merge both: "
            f"{pull}; then run this again. Trainees can also get the new version with `workshop "
            "update`. If the host made a README there, create an empty repository instead."
        )
    if "(branch is currently checked out)" in said:
        return ". Somebody works in that repository: push to a bare one (git init --bare)."
    if "[remote rejected]" in said:
        return ". The host has a rule against it: check its protected branches and hooks."
    if "does not appear to be a git repository" in said or "not found" in said.lower():
        return ". Create the empty repository first; a push does not create it."
    if said.startswith("fatal: Could not read from remote"):
        return (
            " Does the repository exist? ssh cannot prompt here: it has to know the host, and a "
            "key with a passphrase has to be in its agent (ssh-add)."
        )
    return ""
