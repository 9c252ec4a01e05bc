"""A trainee's repository: what it is made from, and what the trainee has done to it.

Nothing here trusts what the repository says of itself: each look is made as its owner (owner.py),
follows no link (inside.py), and git runs in a directory of ours that has the repository's history
and none of its settings.
"""

import contextlib
import io
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dotenv
import yaml

from matchmaker.repositories import git_environment, inside
from matchmaker.repositories.git import GitError, git, said_by, users_environment
from matchmaker.repositories.owner import as_owner
from matchmaker.roster.keys import VARIABLE

ANSWERS_FILE = ".copier-answers.yml"
ENV_FILE = ".env"

# Bytes; what is longer is none of ours.
_LONGEST = 1 << 20
_MOST_ANSWERS = 100_000

# Of a repository's settings, those that say how it is stored, and what its disk can do.
_OF_STORAGE = (
    "core.filemode",
    "core.symlinks",
    "core.ignorecase",
    "core.precomposeunicode",
    "extensions.objectformat",
    "extensions.refstorage",
)

# What git knows of a repository, besides its settings and its objects.
_STATE = ("HEAD", "index", "packed-refs", "shallow", "info/exclude")


@dataclass(frozen=True)
class Recorded:
    """What a repository's answers file says."""

    source: str
    commit: str
    answers: dict[str, Any]


def recorded_in(folder: Path) -> Recorded | None:
    """What a repository was made from; None when the folder is none, or nothing that we may read.

    `recorded_or_why_not` says which.
    """
    try:
        return recorded_or_why_not(folder)
    except GitError:
        return None


def recorded_or_why_not(folder: Path) -> Recorded | None:
    """What a repository was made from; None when the folder is none.

    Raises GitError when it seems to be one, and cannot be read.
    """
    content = as_owner(folder, _answers_in)
    if content is None:
        return None
    answers = {name: value for name, value in content.items() if name[:1] != "_"}
    return Recorded(str(content.get("_src_path")), str(content.get("_commit")), answers)


def broken(what: str) -> str:
    """What is wrong with an answers file, and what to do about it."""
    return f"its {ANSWERS_FILE} {what}; in it: git restore {ANSWERS_FILE}; or use --fresh"


def conflicts(folder: Path) -> list[str]:
    """The files in which a merge is not resolved. Raises GitError."""
    return [str(name) for name in as_owner(folder, _conflicts)]


def edits(folder: Path) -> list[str]:
    """The files that differ from the last commit, new ones among them. Raises GitError."""
    return [str(name) for name in as_owner(folder, _edits)]


def own_commits(folder: Path) -> int:
    """How many commits were made since it was generated, or last updated. Raises GitError."""
    return int(as_owner(folder, _own_commits))


def key_of(folder: Path) -> str:
    """The key in its `.env`; empty when there is none. Raises GitError."""
    return str(as_owner(folder, _key))


def text_in(folder: Path, name: str) -> str:
    """What a file in it says. Raises GitError where there is none that can be read."""
    return str(as_owner(folder, _text, name))


@contextmanager
def view_of(folder: Path) -> Iterator[Mapping[str, str]]:
    """Git's variables to look at a repository without its settings, hooks, filters and the like.

    They lead to a directory of ours, with what the repository says of its history copied to it, and
    to its files and objects. For who may read the folder: see `as_owner`. Raises GitError.
    """
    _require_plain(folder)
    with tempfile.TemporaryDirectory(prefix="matchmaker-git-") as temporary:
        ours = Path(temporary)
        (ours / "objects").mkdir()
        (ours / "refs").mkdir()
        (ours / "info").mkdir()
        try:
            for name in _state_of(folder):
                (ours / name).parent.mkdir(parents=True, exist_ok=True)
                (ours / name).write_bytes(inside.read(folder, f".git/{name}"))
        except OSError as error:
            raise GitError(f"its git cannot be read: {error.strerror}") from error
        (ours / "config").write_text(_plain_settings(folder), encoding="utf-8")
        (ours / "info" / "attributes").write_text(git_environment.PLAIN_ATTRIBUTES)
        variables = {
            "GIT_DIR": str(ours),
            "GIT_WORK_TREE": str(folder),
            "GIT_OBJECT_DIRECTORY": str(folder / ".git" / "objects"),
        }
        _forget_flags(folder, variables)
        yield variables


@contextmanager
def without_its_settings(folder: Path) -> Iterator[None]:
    """Have any git, Copier's too, go by none of a repository's own settings during the block.

    For a copy of ours, which nobody else works in. Raises GitError.
    """
    _require_plain(folder)
    own = folder / ".git"
    (own / "info").mkdir(exist_ok=True)
    ours = {
        own / "config": _plain_settings(folder),
        own / "info" / "attributes": git_environment.PLAIN_ATTRIBUTES,
    }
    before = {path: path.read_bytes() if path.exists() else None for path in ours}
    for path, text in ours.items():
        path.write_text(text, encoding="utf-8")
    try:
        _forget_flags(folder, {})
        yield
    finally:
        for path, content in before.items():
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)


def author_in(folder: Path) -> dict[str, str]:
    """Git's variables for who commits there."""
    return git_environment.author(folder, users_environment())


def commit_all(folder: Path, message: str, author: Mapping[str, str]) -> None:
    """Commit everything that git does not ignore. Raises GitError."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=author)


def unresolved_in(folder: Path, variables: Mapping[str, str] | None = None) -> list[str]:
    """The files in which a merge is not resolved. Raises GitError."""
    listed = git(folder, "ls-files", "--unmerged", "-z", variables=variables)
    names = (entry.partition("\t")[2] for entry in listed.split("\0"))
    return list(dict.fromkeys(name for name in names if name))  # each is there once for every side


def changed_in(folder: Path, variables: Mapping[str, str] | None = None) -> list[str]:
    """The files that differ from the last commit, new ones among them. Raises GitError."""
    listed = git(
        folder,
        *("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all"),
        variables=variables,
    )
    return [entry[3:] for entry in listed.split("\0") if entry]


def saved_branches(folder: Path) -> set[str]:
    """The branches on which the workshop's commands have saved what they overwrote."""
    return set(git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/my").split())


def _conflicts(folder: Path) -> list[str]:
    with view_of(folder) as variables:
        return unresolved_in(folder, variables)


def _edits(folder: Path) -> list[str]:
    with view_of(folder) as variables:
        return changed_in(folder, variables)


def _own_commits(folder: Path) -> int:
    with view_of(folder) as variables:
        last = ("log", "-1", "--format=%H", "--", ANSWERS_FILE)
        generated = git(folder, *last, variables=variables).strip()
        listed = git(folder, "rev-list", "--count", f"{generated}..HEAD", variables=variables)
        return int(listed)


def _answers_in(folder: Path) -> dict[str, Any] | None:
    try:
        text = inside.read(folder, ANSWERS_FILE, _MOST_ANSWERS).decode()
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (FileNotFoundError, NotADirectoryError):
        if inside.is_file(folder, "workshop/steps.toml"):
            raise GitError(broken("is gone")) from None
        return None
    except inside.Refused as error:
        raise GitError(broken("is no file of answers")) from error
    except Exception as error:  # YAML's library stumbles in many ways
        raise GitError(broken(f"cannot be read ({said_by(error)})")) from error
    if not isinstance(content, dict):
        raise GitError(broken("cannot be read"))
    if inside.look(folder, ".git") is None:
        raise GitError("it is no git repository any more; bring its .git back, or use --fresh")
    # Every answer is a line of text, a number or a yes; what is nested has no end, perhaps.
    for name, value in content.items():
        if not isinstance(name, str):
            raise GitError(broken(f"has {str(name)[:40]!r} where the name of an answer stands"))
        if not isinstance(value, str | int | float | None):
            raise GitError(broken(f"has no single answer for `{name[:40]}`"))
    return content


def _key(folder: Path) -> str:
    try:
        text = inside.read(folder, ENV_FILE, _LONGEST).decode()
    except FileNotFoundError:
        return ""
    except (inside.Refused, UnicodeDecodeError) as error:
        raise GitError(f"{error}; put the file there") from error
    found = dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False)
    return found.get(VARIABLE) or ""


def _text(folder: Path, name: str) -> str:
    try:
        return inside.read(folder, name, _LONGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise GitError(str(error)) from error


def _require_plain(folder: Path) -> None:
    """Raises GitError where git's folder leads elsewhere, or has what never ends in it."""
    own = folder / ".git"
    try:
        is_folder = stat.S_ISDIR(own.lstat().st_mode)
    except OSError:
        return  # it is no repository, which others say
    if not is_folder:
        raise GitError(
            "its .git is no folder, but leads to another one; bring its own back, or use --fresh"
        )
    if (own / "commondir").exists():
        raise GitError("its .git is a part of another repository")
    if (own / "objects" / "info" / "alternates").exists():
        raise GitError("its git takes objects from elsewhere (objects/info/alternates)")
    for path, folders, files in os.walk(own):
        if Path(path) == own and "hooks" in folders:
            folders.remove("hooks")  # which nobody runs
        for name in (*folders, *files):
            one = Path(path, name)
            with contextlib.suppress(FileNotFoundError):  # git tidies up meanwhile
                kind = stat.S_IFMT(one.lstat().st_mode)
                if kind not in (stat.S_IFREG, stat.S_IFDIR):
                    what = "symbolic link" if kind == stat.S_IFLNK else "pipe or a device"
                    raise GitError(f"{one.relative_to(folder)} is a {what}")
    for name in (".gitignore", ".gitattributes", ".gitmodules", ANSWERS_FILE):
        found = inside.look(folder, name)
        if found and not stat.S_ISREG(found.st_mode):
            raise GitError(f"{name} is no plain file")


def _state_of(folder: Path) -> Iterator[str]:
    own = folder / ".git"
    yield from (name for name in _STATE if inside.is_file(folder, f".git/{name}"))
    yield from (path.name for path in own.glob("sharedindex.*"))
    for part in ("refs", "reftable"):
        for path, _, files in os.walk(own / part):
            yield from (str(Path(path, name).relative_to(own)) for name in files)


def _plain_settings(folder: Path) -> str:
    """The configuration of a repository, reduced to how it is stored."""
    config = folder / ".git" / "config"
    listed = git(folder, "config", "--file", str(config), "--no-includes", "--list", "-z")
    settings = {
        line.partition("\n")[0]: line.partition("\n")[2] for line in listed.split("\0") if line
    }
    kept = {name: settings[name] for name in _OF_STORAGE if name in settings}
    is_extended = any(name.startswith("extensions.") for name in kept)
    kept = {"core.repositoryformatversion": str(int(is_extended)), "core.bare": "false", **kept}
    lines = []
    for name, value in kept.items():
        section, _, variable = name.partition(".")
        if not value.isalnum():
            raise GitError(f"its setting {name} is none that git knows")
        lines.append(f"[{section}]\n\t{variable} = {value}\n")
    return "".join(lines)


def _forget_flags(folder: Path, variables: Mapping[str, str]) -> None:
    """Have the index compare every file that is there, whatever it was told not to look at."""
    flagged = []
    for line in git(folder, "ls-files", "-v", "-z", variables=variables).split("\0"):
        flag, _, name = line.partition(" ")
        if name and (flag.islower() or (flag == "S" and inside.look(folder, name))):
            flagged.append(name)
    for start in range(0, len(flagged), 500):
        names = flagged[start : start + 500]
        for option in ("--no-assume-unchanged", "--no-skip-worktree"):
            git(folder, "update-index", option, "--", *names, variables=variables)
