"""Hands repositories out: as files, and by git push."""

import contextlib
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from session.output import Output
from session.plan import Task
from session.repository import GitError, git

PUSHES_AT_ONCE = 8


@dataclass(frozen=True)
class Handout:
    """What became of handing one repository out; `problem` is empty if all went well."""

    slug: str
    problem: str = ""


def bundle(output: Output, tasks: Sequence[Task], *, with_keys: bool) -> Iterator[Handout]:
    """Write `<slug>.zip`, a folder to unpack and use, and `<slug>.bundle`, to `git clone`.

    The zip has what git has, and git's own folder; the API key too if `with_keys`.
    """
    for task in tasks:
        try:
            output.bundles.mkdir(mode=0o700 if with_keys else 0o777, exist_ok=True)
            _bundle(output, task.slug, with_keys=with_keys)
            yield Handout(task.slug)
        except (OSError, GitError) as error:
            yield Handout(task.slug, f"no bundle: {error}")


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

    def push_one(task: Task) -> Handout:
        url = url_for(pattern, task.slug)
        command = ("push", "--quiet", "--", url, "HEAD")
        try:
            git(output.repository(task.slug), *command, variables=variables)
        except GitError as error:
            return Handout(task.slug, f"not pushed to {url}: {error}{_hint(str(error))}")
        return Handout(task.slug)

    with ThreadPoolExecutor(PUSHES_AT_ONCE) as pool:
        yield from pool.map(push_one, tasks)


def _unattended(folder: Path) -> dict[str, str]:
    """What keeps git and ssh from asking, with the ssh that the instructor has told git to use."""
    ssh = os.environ.get("GIT_SSH_COMMAND", "")
    if not ssh:
        with contextlib.suppress(GitError):
            ssh = git(folder, "config", "core.sshCommand").strip()
    return {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": f"{ssh or 'ssh'} -o BatchMode=yes"}


def _hint(said: str) -> str:
    if "could not read Username" in said or "could not read Password" in said:
        return (
            ". Nobody is asked while several are pushed: push one by hand, with a credential "
            "helper that keeps what you type (git help credentials)."
        )
    if said.startswith("fatal: Could not read from remote"):
        return (
            " Is the repository there? ssh asks nothing here: it has to know the host, and a key "
            "with a passphrase has to be in its agent (ssh-add)."
        )
    return ""


def url_for(pattern: str, slug: str) -> str:
    """Where one trainee's repository is pushed to."""
    return pattern.replace("{slug}", slug)
