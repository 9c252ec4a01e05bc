"""How our git runs: in an environment in which nobody's configuration changes what comes out of it.

The trainee's tool, the instructor's command and Copier's tasks all run git by this module. The
tasks load the file by its path, so it imports nothing of the tool. It needs git 2.32 or newer.

There are two kinds of environment. `alone` is for work on this machine: of all configuration only
the repository's own counts, and nothing in it that would run a program or change bytes on their way
in or out. `asking` is for a repository that is elsewhere: the user's configuration says how to get
there (proxies, credentials, other addresses), and the same settings are overruled.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    # No program of anybody's.
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "push.gpgSign": "false",
    "log.showSignature": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # Every byte as it is, and every file that is there.
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
    # What is printed, as programs read it.
    "color.ui": "false",
    "column.ui": "never",
    "core.abbrev": "auto",  # Copier records a version without a tag by its short name
    "core.quotePath": "true",
    "log.follow": "false",
    "status.relativePaths": "false",
    "status.showUntrackedFiles": "normal",
    # Git would start another git in each submodule, and that one goes by the submodule's settings.
    "diff.ignoreSubmodules": "all",
    "status.submoduleSummary": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    # The same repository, wherever it is made.
    "clone.defaultRemoteName": "origin",
    "init.defaultBranch": "main",
    "init.defaultObjectFormat": "sha1",
    "init.defaultRefFormat": "files",
    "fetch.prune": "false",
    "fetch.pruneTags": "false",
    "push.followTags": "false",
    "protocol.file.allow": "user",  # as git itself has it
    "safe.bareRepository": "all",
}
"""What holds whatever a configuration says, that of a repository included."""

PLAIN_ATTRIBUTES = (
    "* !text !crlf !eol !ident !filter !working-tree-encoding !diff !merge !whitespace "
    "!conflict-marker-size\n"
)
"""For a repository's `info/attributes`, which counts before every `.gitattributes`."""

NO_FILTER = {"clean": "", "smudge": "", "process": "", "required": "false"}
"""What has to be said of a filter so that git does without it."""

MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
"""A hook, or an alias in a worktree, sets these; git would go by them instead of by its folder."""

# Of git's own variables, those that say how to get to a repository elsewhere.
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

# Where to stop looking for a repository around a folder.
_ALWAYS = "GIT_CEILING_DIRECTORIES"

NOBODY = {"NAME": "Matchmaker", "EMAIL": "matchmaker@localhost"}
"""Who commits where git was told no name: whoever has not told it one can save all the same."""

_ROLES = ("AUTHOR", "COMMITTER")

# A name with nothing else in it is none to git.
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"


def run(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str],
    given: bytes | int = b"",
    output: int | None = None,
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` to its end, for at most `seconds`; the caller looks how it went.

    `given` is what it reads, or a descriptor of a file that it reads; `output` is a descriptor that
    what it prints goes to, in place of `stdout`. File names need not be text, and every byte of
    them counts: what is no UTF-8 comes as surrogates.

    Raises OSError where git, or the folder, is not there, and subprocess.TimeoutExpired.
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
    """The environment for git on this machine; `configuration` stands in for the user's own.

    Who commits is in it only if `environment` says so by git's variables: see `author`.
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
    """The environment for git that asks a repository elsewhere, or what the user has set."""
    return {
        **_without_git(environment, _TO_ASK),
        **_as_variables([*_users_settings(environment), *SETTINGS.items()]),
    }


def without_filters(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for git that writes the index of `folder`, without its filters.

    Git reads a file again that is as new as the index is, and by that it would run the filter that
    the repository has for it: https://git-scm.com/docs/racy-git. Raises OSError as `run` does.
    """
    filters = ("config", "--name-only", "-z", "--get-regexp", r"^filter\.")
    names = run(folder, *filters, environment=environment).stdout.split("\0")
    settings = [
        (f"{driver}.{name}", value)
        for driver in sorted({name.rpartition(".")[0] for name in names if name})
        for name, value in NO_FILTER.items()
    ]
    before = int(environment.get("GIT_CONFIG_COUNT", "0"))
    return {**environment, **_as_variables(settings, before)}


@contextmanager
def instead(variables: Mapping[str, str]) -> Iterator[None]:
    """Give this process another environment, Copier's git included, as long as the block takes."""
    from plumbum import local  # only where Copier is at work, which has imported it

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
    """Git's variables for who commits in `folder`: the user, as far as git was told; or else us."""
    identity = {}
    for part, ours in NOBODY.items():
        users = environment.get(f"GIT_AUTHOR_{part}", "")
        if not users.strip(_CRUD):
            users = _configured(folder, f"user.{part.lower()}", environment)
        identity[part] = users if users.strip(_CRUD) else ours
    return {f"GIT_{role}_{part}": identity[part] for role in _ROLES for part in identity}


def _without_git(environment: Mapping[str, str], kept: Iterable[str]) -> dict[str, str]:
    """The environment without git's variables, but for those that begin with one of `kept`."""
    stay = (_ALWAYS, *kept)
    return {
        **{
            name: value
            for name, value in environment.items()
            if name != "LANGUAGE" and (not name.startswith("GIT_") or name.startswith(stay))
        },
        "LC_ALL": "C",  # messages are in one language, since some are read here
        "GIT_OPTIONAL_LOCKS": "0",  # only looking writes nothing
    }


def _as_variables(settings: Sequence[tuple[str, str]], before: int = 0) -> dict[str, str]:
    """Settings as git takes them from its environment, where the last one of a name counts.

    They come behind those that are there `before`.
    """
    variables = {"GIT_CONFIG_COUNT": str(before + len(settings))}
    for number, (name, value) in enumerate(settings, before):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _users_settings(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The settings that a user gives in the environment."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    named = [
        (environment.get(f"GIT_CONFIG_KEY_{n}", ""), environment.get(f"GIT_CONFIG_VALUE_{n}", ""))
        for n in range(int(count) if count.isdecimal() and len(count) < 4 else 0)
    ]
    return [(name, value) for name, value in named if "." in name and name not in SETTINGS]


def _configured(folder: Path, name: str, environment: Mapping[str, str]) -> str:
    try:
        done = run(folder, "config", "--get", name, environment=asking(environment))
    except OSError:  # no git, which the caller says
        return ""
    return done.stdout.strip()
