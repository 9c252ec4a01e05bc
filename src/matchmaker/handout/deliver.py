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

from matchmaker.report.session_file import HandedOut, Way
from matchmaker.repositories import inside
from matchmaker.repositories.contained import contained
from matchmaker.repositories.git import GitError, git, users_environment
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import WORK_SECONDS, as_owner
from matchmaker.repositories.repository import ENV_FILE, view_of
from matchmaker.repositories.task import Task
from matchmaker.urls import url_for

PUSHES_AT_ONCE = 8


@dataclass(frozen=True)
class Handout:
    """What became of handing one repository out: what is to be remembered, or the problem."""

    slug: str
    way: Way
    done: HandedOut | None = None
    problem: str = ""


def bundle(output: Output, tasks: Sequence[Task], *, with_keys: bool) -> Iterator[Handout]:
    """Write `<slug>.zip`, a folder to unpack and use, and `<slug>.bundle`, to `git clone`.

    The zip has what git has, and git's own folder; the API key too if `with_keys`.
    """

    def one(task: Task) -> Handout:
        output.bundles.mkdir(mode=0o700 if with_keys else 0o777, exist_ok=True)
        commit = head_of(output, task.slug)
        _bundle(output, task.slug, with_keys=with_keys)
        has_key = with_keys and task.key is not None
        done = HandedOut("bundle", commit, _now(), with_key=has_key)
        return Handout(task.slug, "bundle", done)

    def failed(task: Task, said: str) -> Handout:
        return Handout(task.slug, "bundle", problem=f"no bundle: {said}")

    for task in tasks:
        yield contained(partial(one, task), partial(failed, task))


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
    """Pack what git has, and git's own folder. Links stay links, and are not followed."""
    with view_of(repository) as variables:
        names = git(repository, "ls-files", "-z", variables=variables).split("\0")
    with (
        os.fdopen(os.dup(output), "w+b") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        for name in [*filter(None, names), *_git_folder(repository)]:
            _pack(archive, repository, name, slug)
        if with_keys and inside.look(repository, ENV_FILE):
            inside.read(repository, ENV_FILE)  # a link is refused: the key is to be in there
            _pack(archive, repository, ENV_FILE, slug)


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


def push(output: Output, tasks: Sequence[Task], pattern: str) -> Iterator[Handout]:
    """Push every repository's branch to its own URL: `pattern`, with the slug for `{slug}`.

    Never by force: what somebody has pushed there stays. Git and ssh ask nothing, since several of
    them would ask at once.
    """
    variables = _unattended(output.root)
    # One after the other: looking into another user's folder takes a process that is forked.
    branches: dict[str, str | GitError] = {
        task.slug: contained(partial(_branch_of_copy, output, task.slug), GitError)
        for task in tasks
    }

    def one(task: Task) -> Handout:
        url = url_for(pattern, task.slug)
        branch = branches[task.slug]
        if isinstance(branch, GitError):
            raise branch
        copy = _copy_of(output, task.slug)
        commit = git(copy, "rev-parse", branch).strip()
        git(copy, "push", "--quiet", "--", url, branch, variables=variables, asks=True)
        cloned = ""
        with contextlib.suppress(GitError):  # it is pushed; whoever cannot ask is told nothing
            cloned = git(copy, "ls-remote", "--", url, "HEAD", variables=variables, asks=True)
            cloned = "" if cloned.startswith(commit) else branch.removeprefix("refs/heads/")
        return Handout(task.slug, "push", HandedOut("push", commit, _now(), url=url, branch=cloned))

    def failed(task: Task, said: str) -> Handout:
        url = url_for(pattern, task.slug)
        problem = f"not pushed to {url}: {said}{_hint(said, output.repository(task.slug), url)}"
        return Handout(task.slug, "push", problem=problem)

    with ThreadPoolExecutor(PUSHES_AT_ONCE) as pool:
        yield from pool.map(
            lambda task: contained(partial(one, task), partial(failed, task)), tasks
        )


def _copy_of(output: Output, slug: str) -> Path:
    return output.draft(f"{slug}.git")


def _branch_of_copy(output: Output, slug: str) -> str | GitError:
    """Copy the branch that a repository is on to one of ours, and give its name. Raises GitError.

    What is pushed is pushed from there: the repository has settings and hooks of its own, and the
    push is done with the instructor's rights.
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
            raise GitError("it is on no branch; git switch main, in it") from error


def _unattended(folder: Path) -> dict[str, str]:
    """What keeps git and ssh from asking, with the ssh that the instructor has told git to use."""
    ssh = users_environment().get("GIT_SSH_COMMAND", "")
    if not ssh:
        with contextlib.suppress(GitError):
            ssh = git(folder, "config", "core.sshCommand", asks=True).strip()
    return {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": f"{ssh or 'ssh'} -o BatchMode=yes"}


def _hint(said: str, folder: Path, url: str) -> str:
    """What to do about what git says, as far as that is known."""
    if "could not read Username" in said or "could not read Password" in said:
        return (
            ". Nobody is asked while several are pushed: push one by hand, with a credential "
            "helper that keeps what you type (git help credentials)."
        )
    if "(fetch first)" in said or "(non-fast-forward)" in said:
        pull = shlex.join(["git", "-C", str(folder), "pull", "--no-rebase", url, "main"])
        return (
            ". Somebody has pushed there, its trainee most likely, and that stays. To bring both "
            f"together: {pull}; then run this again. A trainee gets the new version by `workshop "
            "update`, too. If the host made a README there, make an empty repository instead."
        )
    if "(branch is currently checked out)" in said:
        return ". Somebody works in that repository: push to a bare one (git init --bare)."
    if "[remote rejected]" in said:
        return ". The host has a rule against it: look at its protected branches and hooks."
    if "does not appear to be a git repository" in said or "not found" in said.lower():
        return ". Create the empty repository first; a push does not."
    if said.startswith("fatal: Could not read from remote"):
        return (
            " Is the repository there? ssh asks nothing here: it has to know the host, and a key "
            "with a passphrase has to be in its agent (ssh-add)."
        )
    return ""
