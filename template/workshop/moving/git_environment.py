"""Runs git in an environment where nobody's configuration changes the result.

The trainee's tool, the instructor's command, and Copier's tasks all run git with this module. The
tasks load the file by its path, so it imports nothing from the tool. It needs git 2.32 or newer.

There are two kinds of environment. `alone` is for work on this machine: git reads only the
repository's own configuration, and SETTINGS override everything in it that would run a program or
change bytes on their way in or out. `asking` is for a repository elsewhere: git also reads the
user's configuration, which says how to get there (proxies, credentials, other addresses), and the
same settings override it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    # Run nobody's programs.
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # Take every byte as it is, and every existing file.
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.safecrlf": "false",
    "core.sparseCheckout": "false",
    "apply.whitespace": "warn",
    "apply.ignoreWhitespace": "no",
    "commit.cleanup": "default",
    "i18n.commitEncoding": "utf-8",
    "i18n.logOutputEncoding": "utf-8",
    "merge.conflictStyle": "merge",
    "merge.renormalize": "false",
    "diff.noprefix": "false",
    "diff.mnemonicPrefix": "false",
    # Print what programs can read.
    "color.ui": "false",
    "column.ui": "never",
    "core.abbrev": "auto",  # Copier records a version without a tag by its short name
    "core.quotePath": "true",
    "log.follow": "false",
    "status.relativePaths": "false",
    "status.showUntrackedFiles": "normal",
    # Git would start another git in each submodule, which uses the submodule's settings.
    "diff.ignoreSubmodules": "all",
    "status.submoduleSummary": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    # Make the same repository on every machine.
    "clone.defaultRemoteName": "origin",
    "init.defaultBranch": "main",
    "init.defaultObjectFormat": "sha1",
    "init.defaultRefFormat": "files",
    "fetch.prune": "false",
    "fetch.pruneTags": "false",
    "push.followTags": "false",
    "protocol.file.allow": "user",  # git's default
    "safe.bareRepository": "all",
}
"""Settings that override every configuration, including a repository's."""

PLAIN_ATTRIBUTES = (
    "* !text !crlf !eol !ident !filter !working-tree-encoding !diff !merge !whitespace "
    "!conflict-marker-size\n"
)
"""For a repository's `info/attributes`, which overrides every `.gitattributes`."""

NO_FILTER = {"clean": "", "smudge": "", "process": "", "required": "false"}
"""The settings of a filter that make git skip it."""

MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
"""Git sets these in a hook, or in an alias in a worktree. They would override its folder."""

# The variables of git that say how to get to a repository elsewhere.
_TO_ASK = (
    "GIT_ALLOW_PROTOCOL",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROTOCOL_FROM_USER",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_TERMINAL_PROMPT",
)

# Where git stops looking for a repository around a folder.
_ALWAYS = "GIT_CEILING_DIRECTORIES"

NOBODY = {"NAME": "Matchmaker", "EMAIL": "matchmaker@localhost"}
"""The author if git doesn't know the user's name, so that anyone can save without setting it."""

_ROLES = ("AUTHOR", "COMMITTER")

# Git rejects a name that consists only of these.
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"


def run(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str],
    given: bytes | int = b"",
    output: int | None = None,
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` for at most `seconds`. The caller checks the result.

    Git reads `given`, which is bytes or the descriptor of a file. It writes to the descriptor
    `output` instead of `stdout` if you give one. File names may not be valid UTF-8: to keep every
    byte, the result has the invalid ones as surrogates.

    Raises OSError if git or the folder doesn't exist, and subprocess.TimeoutExpired.
    """
    file, content = (given, None) if isinstance(given, int) else (None, given)
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**environment},
        stdin=file,
        input=content,
        stdout=subprocess.PIPE if output is None else output,
        stderr=subprocess.PIPE,
        timeout=seconds,
        check=False,
    )
    said = ((text or b"").decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def alone(environment: Mapping[str, str], configuration: str = os.devnull) -> dict[str, str]:
    """The environment for git on this machine, with `configuration` in place of the user's.

    It has an author only if `environment` does, in git's variables: see `author`.
    """
    kept = [f"GIT_{role}_{part}" for role in _ROLES for part in NOBODY]
    return {
        **_without_git(environment, kept),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": configuration,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **_as_variables([*SETTINGS.items()]),
    }


def asking(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for git that asks a repository elsewhere, or reads the user's settings."""
    return {
        **_without_git(environment, _TO_ASK),
        **_as_variables([*_users_settings(environment), *SETTINGS.items()]),
    }


def without_filters(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for git that writes the index of `folder`, without its filters.

    If a file is as new as the index, git reads the file again, and would run the repository's
    filter for it: https://git-scm.com/docs/racy-git. Raises OSError as `run` does.
    """
    filters = ("config", "--name-only", "-z", "--get-regexp", r"^filter\.")
    names = run(folder, *filters, environment=environment).stdout.split("\0")
    settings = [
        (f"{driver}.{name}", value)
        for driver in sorted({name.rpartition(".")[0] for name in names if name})
        for name, value in NO_FILTER.items()
    ]
    return with_settings(environment, settings)


def with_settings(
    environment: Mapping[str, str], settings: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """The environment with more settings, which override all others."""
    before = int(environment.get("GIT_CONFIG_COUNT", "0"))
    return {**environment, **_as_variables(settings, before)}


@contextmanager
def instead(variables: Mapping[str, str]) -> Iterator[None]:
    """Give this process, and so Copier's git, another environment while the block runs."""
    from plumbum import local  # imported here, because only Copier needs it

    before = {name: os.environ.get(name) for name in {*os.environ, *variables}}
    changed = {name: old for name, old in before.items() if variables.get(name) != old}

    def change(to: Mapping[str, str | None]) -> None:
        for name in changed:
            value = to.get(name)
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    change(variables)
    try:
        with local.env():
            local.env.clear()
            local.env.update(variables)
            yield
    finally:
        change(before)


def author(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Git's variables for the author in `folder`: the user, or us for what git doesn't know."""
    identity = {}
    for part, ours in NOBODY.items():
        users = environment.get(f"GIT_AUTHOR_{part}", "")
        if not users.strip(_CRUD):
            users = _configured(folder, f"user.{part.lower()}", environment)
        identity[part] = users if users.strip(_CRUD) else ours
    return {f"GIT_{role}_{part}": identity[part] for role in _ROLES for part in identity}


def _without_git(environment: Mapping[str, str], kept: Iterable[str]) -> dict[str, str]:
    """The environment without git's variables, except those that begin with one of `kept`."""
    stay = (_ALWAYS, *kept)
    return {
        **{
            name: value
            for name, value in environment.items()
            if name != "LANGUAGE" and (not name.startswith("GIT_") or name.startswith(stay))
        },
        "LC_ALL": "C",  # always the same language, because we read some messages
        "GIT_OPTIONAL_LOCKS": "0",  # reading commands write nothing
    }


def _as_variables(settings: Sequence[tuple[str, str]], before: int = 0) -> dict[str, str]:
    """Settings in the form in which git reads them from its environment.

    The last one with a name counts. These come after `before` earlier ones.
    """
    variables = {"GIT_CONFIG_COUNT": str(before + len(settings))}
    for number, (name, value) in enumerate(settings, before):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _users_settings(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The settings that the user has in the environment."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    named = [
        (environment.get(f"GIT_CONFIG_KEY_{n}", ""), environment.get(f"GIT_CONFIG_VALUE_{n}", ""))
        for n in range(int(count) if count.isdecimal() and len(count) < 4 else 0)
    ]
    return [(name, value) for name, value in named if "." in name and name not in SETTINGS]


def _configured(folder: Path, name: str, environment: Mapping[str, str]) -> str:
    try:
        done = run(folder, "config", "--get", name, environment=asking(environment))
    except OSError:  # no git; the caller reports it
        return ""
    return done.stdout.strip()
