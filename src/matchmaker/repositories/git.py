"""Runs git for the instructor's command, without anybody's settings, and explains its errors."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from plumbum import ProcessExecutionError, local
from workshop.moving import git_environment

# In bytes per second, and seconds.
_PATIENCE = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "60"}
_SSH_OPTIONS = (
    "-o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=3"
)

# The environment that the command was started in. Set when we replace it with our own.
_users: dict[str, str] | None = None


class GitError(Exception):
    """Git failed, or a folder can't be used. The text says why."""


def git(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    output: int | None = None,
    asks: bool = False,
) -> str:
    """Run git in a folder and return its output, unless that goes to the descriptor `output`.

    With `asks`, the user's configuration says how to reach other machines. Raises GitError.
    """
    environment = asking() if asks else git_environment.alone(os.environ)
    done = git_environment.run(
        folder, *arguments, environment={**environment, **(variables or {})}, output=output
    )
    if done.returncode:
        raise GitError(reason_in(done.stderr + done.stdout))
    return done.stdout


def reason_in(message: str) -> str:
    """Why git failed: the lines of its output that explain it."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "remote:", "! ["))]
    return "; ".join(telling or lines[-1:]) or "git does not say why"


def said_by(error: BaseException) -> str:
    """The message of an error, in one line."""
    if isinstance(error, ProcessExecutionError):
        return reason_in(str(error.stderr))
    if isinstance(error, OSError) and error.strerror:
        name = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{name}"
    return " ".join(str(error).split()) or type(error).__name__


def users_environment() -> dict[str, str]:
    """The environment that the command was started in."""
    return dict(os.environ) if _users is None else dict(_users)


def asking() -> dict[str, str]:
    """The environment for git to reach remote repositories: the user's own, made safe.

    Over HTTP, git gives up a host that sends nothing for a while, unless the user says otherwise.
    """
    return {**_PATIENCE, **git_environment.asking(users_environment())}


def unattended(folder: Path) -> dict[str, str]:
    """Variables that stop git and ssh from prompting, with the ssh that the user chose."""
    ssh = users_environment().get("GIT_SSH_COMMAND", "")
    if not ssh:
        with suppress(GitError, OSError):
            ssh = git(folder, "config", "core.sshCommand", asks=True).strip()
    return {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": f"{ssh or 'ssh'} {_SSH_OPTIONS}"}


@contextmanager
def for_asking() -> Iterator[None]:
    """During the block, let Copier reach the template as the user's git would."""
    with git_environment.instead({**asking(), "TMPDIR": tempfile.gettempdir()}):
        yield


@contextmanager
def isolated(ceiling: Path) -> Iterator[None]:
    """During the block, make git ignore the user's configuration and repositories above `ceiling`.

    The author of commits is still the user, if git has a name for them.
    """
    global _users
    before, _users = _users, users_environment()
    try:
        with git_environment.instead(_isolated(_users, ceiling)):
            yield
    finally:
        _users = before


def isolate(ceiling: Path, environment: Mapping[str, str]) -> None:
    """Do the same as `isolated` until this process ends; `environment` is the user's."""
    global _users
    _users = dict(environment)
    for here in (os.environ, local.env):
        here.clear()
        here.update(_isolated(_users, ceiling))


def _isolated(users: Mapping[str, str], ceiling: Path) -> dict[str, str]:
    return {
        **git_environment.alone(users),
        **git_environment.author(Path("/"), users),
        "GIT_CEILING_DIRECTORIES": str(ceiling),
        "TMPDIR": tempfile.gettempdir(),
    }
