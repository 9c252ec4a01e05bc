"""A trainee's repository: what it is made from, and what the trainee has done to it.

Nothing here trusts what the repository says about itself. We read it as its owner (owner.py) and
follow no link (inside.py). Git runs in a directory of ours that has the repository's history and
none of its settings.
"""

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from workshop import api_key, inside
from workshop.moving import git_environment
from workshop.moving.line_ends import with_lf

from matchmaker.problem import Problem
from matchmaker.repositories import quick_look
from matchmaker.repositories.copier_adapter import ANSWERS_FILE as ANSWERS_FILE
from matchmaker.repositories.git import GitError, git, said_by, users_environment
from matchmaker.repositories.owner import as_owner

# In bytes. Our own files are never longer.
_LONGEST = 1 << 20
_MOST_ANSWERS = 100_000

# We search for an answers file at most this many folders deep, and read at most this many values.
_DEEPEST = 2
_MOST_VALUES = 2_000
_SOURCE = re.compile(rb"^_src_path:", re.MULTILINE)

# The answers that this command reads itself. Each is a single value.
_SINGLE = ("trainee_name", "trainee_slug", "session", "step", "port_offset")

# The settings that say how a repository is stored, and what its disk supports.
_OF_STORAGE = (
    "core.filemode",
    "core.symlinks",
    "core.ignorecase",
    "core.precomposeunicode",
    "extensions.objectformat",
    "extensions.refstorage",
)

# What git knows about a repository, except its settings and its objects.
_STATE = ("HEAD", "index", "packed-refs", "shallow", "info/exclude")


@dataclass(frozen=True)
class Recorded:
    """The contents of a repository's answers file."""

    source: str
    commit: str
    answers: dict[str, Any]
    file: str = ANSWERS_FILE
    """The path of the answers file in the repository. A template can set another name."""


def recorded_in(folder: Path) -> Recorded | None:
    """What a repository was made from; None if the folder isn't one, or if we can't read it.

    To tell the two apart, call `recorded_or_why_not`.
    """
    try:
        return recorded_or_why_not(folder)
    except GitError:
        return None


def recorded_or_why_not(folder: Path) -> Recorded | None:
    """What a repository was made from; None if the folder isn't one.

    Raises GitError if it looks like one but can't be read.
    """
    found = as_owner(folder, _answers_in)
    if found is None:
        return None
    file, content = found
    answers = {name: value for name, value in content.items() if name[:1] != "_"}
    return Recorded(str(content.get("_src_path")), str(content.get("_commit")), answers, str(file))


def broken(what: str, file: str = ANSWERS_FILE) -> str:
    """Say what is wrong with an answers file, and what to do about it."""
    return f"its {file} {what}; in it: git restore {file}; or use --fresh"


def conflicts(folder: Path) -> list[str]:
    """The files with unresolved conflicts. Raises GitError."""
    return [str(name) for name in as_owner(folder, _conflicts)]


def edits(folder: Path) -> list[str]:
    """The files that differ from the last commit, including new ones. Raises GitError."""
    return [str(name) for name in as_owner(folder, _edits)]


def own_commits(folder: Path) -> int:
    """The number of commits since it was generated or last updated. Raises GitError."""
    return int(as_owner(folder, _own_commits))


def key_of(folder: Path) -> str:
    """The key in its `.key/datadog`; empty if there is none that the agent can use.

    Also empty if `.env` still has a key, as in older versions: then it is due to be set. Raises
    GitError.
    """
    return str(as_owner(folder, _key))


def key_files(folder: Path) -> list[str]:
    """The names of the files in it that have an API key. Raises GitError."""
    return [str(name) for name in as_owner(folder, _key_files)]


def text_in(folder: Path, name: str) -> str:
    """The text of a file in it. Raises GitError if it can't be read."""
    return str(as_owner(folder, _text, name))


@contextmanager
def view_of(folder: Path) -> Iterator[Mapping[str, str]]:
    """Variables with which git reads a repository but not its settings, hooks, or filters.

    They point to a directory of ours, which has a copy of the repository's references, and to the
    repository's own files and objects. Call it as a user who can read the folder (see `as_owner`).
    Raises GitError.
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
            raise GitError(f"its .git cannot be read: {error.strerror}") from error
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
    """During the block, make every git, including Copier's, ignore a repository's own settings.

    Use it only for a copy of ours, in which nobody else works. Raises GitError.
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
    """Git's variables for the author of commits there."""
    return git_environment.author(folder, users_environment())


def commit_all(folder: Path, message: str, author: Mapping[str, str]) -> None:
    """Commit everything that git does not ignore. Raises GitError."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=author)


def unresolved_in(folder: Path, variables: Mapping[str, str] | None = None) -> list[str]:
    """The files with unresolved conflicts. Raises GitError."""
    listed = git(folder, "ls-files", "--unmerged", "-z", variables=variables)
    names = (entry.partition("\t")[2] for entry in listed.split("\0"))
    return list(dict.fromkeys(name for name in names if name))  # git lists each side of a conflict


def changed_in(folder: Path, variables: Mapping[str, str] | None = None) -> list[str]:
    """The files that differ from the last commit, including new ones. Raises GitError."""
    listed = git(
        folder,
        *("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all"),
        variables=variables,
    )
    return [entry[3:] for entry in listed.split("\0") if entry]


def compare_anew(folder: Path) -> None:
    """Let the index of a copy know its files, so that not every command of git reads them all."""
    git(folder, "update-index", "-q", "--refresh", "--unmerged")


def end_lines_as_committed(folder: Path) -> None:
    """Give files with CRLF the LF that they have in git: every line would be in conflict otherwise.

    An editor or a checkout on Windows makes a whole file of CRLF. Lines with CRLF between others
    stay as they are. Use it only for a copy of ours. Raises GitError.
    """
    for name in filter(None, git(folder, "ls-files", "-z", "--modified").split("\0")):
        try:
            content = inside.read(folder, name)
        except OSError:  # missing, or a link
            continue
        text = with_lf(content)
        if text == content:
            continue
        committed = git(folder, "cat-file", "blob", f":0:{name}").encode(errors="surrogateescape")
        is_whole = content.count(b"\n") == content.count(b"\r\n")
        if text == committed or (is_whole and b"\r\n" not in committed):
            inside.write(folder, name, text)


def saved_branches(folder: Path) -> set[str]:
    """The branches on which the workshop's commands saved what they overwrote."""
    return set(git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/my").split())


def _conflicts(folder: Path) -> list[str]:
    _require_plain(folder)
    known = quick_look.unresolved(folder)
    if known is not None:
        return known
    with view_of(folder) as variables:
        return unresolved_in(folder, variables)


def _edits(folder: Path) -> list[str]:
    with view_of(folder) as variables:
        return changed_in(folder, variables)


def _own_commits(folder: Path) -> int:
    with view_of(folder) as variables:
        last = ("log", "-1", "--format=%H", "--", _answers_file(folder))
        generated = git(folder, *last, variables=variables).strip()
        listed = git(folder, "rev-list", "--count", f"{generated}..HEAD", variables=variables)
        return int(listed)


def _answers_in(folder: Path) -> tuple[str, dict[str, Any]] | None:
    """The name of the answers file, and its contents."""
    file = _answers_file(folder)
    try:
        text = inside.read(folder, file, _MOST_ANSWERS).decode()
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (FileNotFoundError, NotADirectoryError):
        if inside.is_file(folder, "workshop/steps.toml"):
            raise GitError(broken("is gone")) from None
        return None
    except inside.Refused as error:
        raise GitError(broken("is not a file of answers", file)) from error
    except Exception as error:  # the YAML library fails in many ways
        raise GitError(broken(f"cannot be read ({said_by(error)})", file)) from error
    if not isinstance(content, dict):
        raise GitError(broken("cannot be read", file))
    if inside.look(folder, ".git") is None:
        raise GitError("it is no longer a git repository; restore its .git, or use --fresh")
    left = [_MOST_VALUES]
    for name, value in content.items():
        if not isinstance(name, str):
            what = f"has {str(name)[:40]!r} as the name of an answer"
            raise GitError(broken(what, file))
        is_nested = isinstance(value, list | dict)
        if (is_nested and name in _SINGLE) or not _is_bounded(value, left):
            raise GitError(broken(f"has no single answer for `{name[:40]}`", file))
    return file, content


def _answers_file(folder: Path) -> str:
    """The file in which Copier recorded the answers. A template can give it another name."""
    if inside.look(folder, ANSWERS_FILE) is not None:
        return ANSWERS_FILE
    for path, folders, files in os.walk(folder):
        depth = len(Path(path).relative_to(folder).parts)
        folders[:] = sorted(one for one in folders if one != ".git" and depth < _DEEPEST)
        for name in sorted(files):
            if name.endswith((".yml", ".yaml")):
                file = Path(path, name).relative_to(folder).as_posix()
                with contextlib.suppress(OSError, ValueError):
                    if _SOURCE.search(inside.read(folder, file, _MOST_ANSWERS)):
                        return file
    return ANSWERS_FILE


def _is_bounded(value: Any, left: list[int], levels: int = 20) -> bool:
    """Whether a value fits into JSON and is finite: YAML can refer to itself without end."""
    left[0] -= 1
    if left[0] < 0 or levels == 0:
        return False
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            return False
        value = list(value.values())
    if isinstance(value, list):
        return all(_is_bounded(one, left, levels - 1) for one in value)
    return isinstance(value, str | int | float | None)


def _key(folder: Path) -> str:
    try:
        key = api_key.read(folder)
        return "" if key.obstacle or api_key.in_dotenv(folder) else key.text
    except Problem as problem:
        raise GitError(f"{problem.what.rstrip('.')}; put a text file in its place") from problem


def _key_files(folder: Path) -> list[str]:
    try:
        has = {
            api_key.FILE: bool(api_key.read(folder).text),
            api_key.FORMER_FILE: bool(api_key.in_dotenv(folder)),
        }
    except Problem as problem:
        raise GitError(f"{problem.what.rstrip('.')}; put a text file in its place") from problem
    return [name for name, has_key in has.items() if has_key]


def _text(folder: Path, name: str) -> str:
    try:
        return inside.read(folder, name, _LONGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise GitError(str(error)) from error


def _require_plain(folder: Path) -> None:
    """Raise GitError if git's folder leads elsewhere, or contains anything that could block us."""
    own = folder / ".git"
    try:
        is_folder = stat.S_ISDIR(own.lstat().st_mode)
    except OSError:
        return  # it isn't a repository, and our callers report that
    if not is_folder:
        raise GitError(
            "its .git is not a folder, but leads to another one; restore its own, or use --fresh"
        )
    if (own / "commondir").exists():
        raise GitError("its .git is part of another repository")
    if (own / "objects" / "info" / "alternates").exists():
        raise GitError("its git takes objects from elsewhere (objects/info/alternates)")
    for path, folders, files in os.walk(own):
        if Path(path) == own and "hooks" in folders:
            folders.remove("hooks")  # we never run them
        for name in (*folders, *files):
            one = Path(path, name)
            with contextlib.suppress(FileNotFoundError):  # git can tidy up in the meantime
                kind = stat.S_IFMT(one.lstat().st_mode)
                if kind not in (stat.S_IFREG, stat.S_IFDIR):
                    what = "symbolic link" if kind == stat.S_IFLNK else "pipe or a device"
                    raise GitError(f"{one.relative_to(folder)} is a {what}")
    for name in (".gitignore", ".gitattributes", ".gitmodules", _answers_file(folder)):
        found = inside.look(folder, name)
        if found and not stat.S_ISREG(found.st_mode):
            raise GitError(f"{name} is not a plain file")


def _state_of(folder: Path) -> Iterator[str]:
    own = folder / ".git"
    yield from (name for name in _STATE if inside.is_file(folder, f".git/{name}"))
    yield from (path.name for path in own.glob("sharedindex.*"))
    for part in ("refs", "reftable"):
        for path, _, files in os.walk(own / part):
            yield from (str(Path(path, name).relative_to(own)) for name in files)


def _plain_settings(folder: Path) -> str:
    """The configuration of a repository, reduced to the settings about how it is stored."""
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
            raise GitError(f"its setting {name} has a value that git does not know")
        lines.append(f"[{section}]\n\t{variable} = {value}\n")
    return "".join(lines)


def _forget_flags(folder: Path, variables: Mapping[str, str]) -> None:
    """Make the index compare every existing file, even those that it is set to ignore."""
    flagged = []
    for line in git(folder, "ls-files", "-v", "-z", variables=variables).split("\0"):
        flag, _, name = line.partition(" ")
        if name and (flag.islower() or (flag == "S" and inside.look(folder, name))):
            flagged.append(name)
    for start in range(0, len(flagged), 500):
        names = flagged[start : start + 500]
        for option in ("--no-assume-unchanged", "--no-skip-worktree"):
            git(folder, "update-index", option, "--", *names, variables=variables)
