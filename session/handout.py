"""Hands repositories out: as files, and by git push."""

import contextlib
import os
import shlex
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from session.contained import contained
from session.output import Output
from session.repository import GitError, git
from session.session_file import HandedOut, Way
from session.task import Task
from session.urls import url_for

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
    return git(output.repository(slug), "rev-parse", "HEAD").strip()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _bundle(output: Output, slug: str, *, with_keys: bool) -> None:
    repository = output.repository(slug)
    draft = output.draft(f"{slug}.bundle")
    git(repository, "bundle", "create", "--quiet", str(draft), "HEAD", "--branches")
    draft.replace(output.bundles / draft.name)

    draft = output.draft(f"{slug}.zip")
    with (
        os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        for path in _files(repository, with_keys=with_keys):
            archive.write(path, Path(slug) / path.relative_to(repository))
    if not with_keys:
        shutil.copymode(output.bundles / f"{slug}.bundle", draft)
    draft.replace(output.bundles / draft.name)


def _files(repository: Path, *, with_keys: bool) -> Iterator[Path]:
    listed = git(repository, "ls-files", "-z").split("\0")
    for name in listed:
        if name and (repository / name).is_file():
            yield repository / name
    yield from sorted((repository / ".git").rglob("*"))  # git needs some of its empty folders
    if with_keys and (repository / ".env").is_file():
        yield repository / ".env"


def push(output: Output, tasks: Sequence[Task], pattern: str) -> Iterator[Handout]:
    """Push every repository's branch to its own URL: `pattern`, with the slug for `{slug}`.

    Never by force: what somebody has pushed there stays. Git and ssh ask nothing, since several of
    them would ask at once.
    """
    variables = _unattended(output.root)

    def one(task: Task) -> Handout:
        url = url_for(pattern, task.slug)
        folder = output.repository(task.slug)
        try:
            branch = git(folder, "symbolic-ref", "--quiet", "--short", "HEAD").strip()
        except GitError as error:
            raise GitError("it is on no branch; git switch main, in it") from error
        commit = head_of(output, task.slug)
        git(folder, "push", "--quiet", "--", url, "HEAD", variables=variables)
        cloned = ""
        with contextlib.suppress(GitError):  # it is pushed; whoever cannot ask is told nothing
            cloned = git(folder, "ls-remote", "--", url, "HEAD", variables=variables)
            cloned = "" if cloned.startswith(commit) else branch
        return Handout(task.slug, "push", HandedOut("push", commit, _now(), url=url, branch=cloned))

    def failed(task: Task, said: str) -> Handout:
        url = url_for(pattern, task.slug)
        problem = f"not pushed to {url}: {said}{_hint(said, output.repository(task.slug), url)}"
        return Handout(task.slug, "push", problem=problem)

    with ThreadPoolExecutor(PUSHES_AT_ONCE) as pool:
        yield from pool.map(
            lambda task: contained(partial(one, task), partial(failed, task)), tasks
        )


def _unattended(folder: Path) -> dict[str, str]:
    """What keeps git and ssh from asking, with the ssh that the instructor has told git to use."""
    ssh = os.environ.get("GIT_SSH_COMMAND", "")
    if not ssh:
        with contextlib.suppress(GitError):
            ssh = git(folder, "config", "core.sshCommand").strip()
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
