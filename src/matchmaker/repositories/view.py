"""Lets git look at a trainee's repository without its settings, hooks, and filters.

Nothing here trusts what the repository says about itself. Git runs in a directory of ours that has
the repository's history and none of its settings.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from workshop import inside
from workshop.moving import git_environment

from matchmaker.repositories import index_file, quick_look
from matchmaker.repositories.git import GitError, git
from matchmaker.repositories.recorded import answers_file

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


@contextmanager
def view_of(folder: Path) -> Iterator[Mapping[str, str]]:
    """Variables with which git reads a repository but not its settings, hooks, or filters.

    They point to a directory of ours, which has a copy of the repository's references, and to the
    repository's own files and objects. Call it as a user who can read the folder (see `as_owner`).
    Raises GitError.
    """
    require_plain(folder)
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
        settings = _plain_settings(folder)
        (ours / "config").write_text(_as_file(settings), encoding="utf-8")
        (ours / "info" / "attributes").write_text(git_environment.PLAIN_ATTRIBUTES)
        variables = {
            "GIT_DIR": str(ours),
            "GIT_WORK_TREE": str(folder),
            "GIT_OBJECT_DIRECTORY": str(folder / ".git" / "objects"),
        }
        _forget_flags(folder, ours, settings, variables)
        yield variables


@contextmanager
def without_its_settings(folder: Path) -> Iterator[None]:
    """During the block, make every git, including Copier's, ignore a repository's own settings.

    It also ignores other repositories in there, which the trainee may have cloned. Use it only for
    a copy of ours, in which nobody else works. Raises GitError.
    """
    require_plain(folder)
    own = folder / ".git"
    (own / "info").mkdir(exist_ok=True)
    exclude = own / "info" / "exclude"
    settings = _plain_settings(folder)
    ours = {
        own / "config": _as_file(settings),
        own / "info" / "attributes": git_environment.PLAIN_ATTRIBUTES,
    }
    paths = (*ours, exclude)
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    for path, text in ours.items():
        path.write_text(text, encoding="utf-8")
    try:
        _forget_flags(folder, own, settings, {})
        if repositories := _repositories_in(folder):
            exclude.write_bytes((before[exclude] or b"") + b"\n" + repositories)
        yield
    finally:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)


def require_plain(folder: Path) -> None:
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
            one = f"{path}/{name}"  # there can be hundreds, and a Path for each takes longer
            try:
                kind = stat.S_IFMT(os.lstat(one).st_mode)
            except FileNotFoundError:  # git can tidy up in the meantime
                continue
            if kind not in (stat.S_IFREG, stat.S_IFDIR):
                what = "symbolic link" if kind == stat.S_IFLNK else "pipe or a device"
                raise GitError(f"{Path(one).relative_to(folder)} is a {what}")
    for name in (".gitignore", ".gitattributes", ".gitmodules", answers_file(folder)):
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


def _plain_settings(folder: Path) -> dict[str, str]:
    """The settings of a repository about how it is stored."""
    settings = quick_look.own_settings(folder)
    if settings is None:
        config = folder / ".git" / "config"
        listed = git(folder, "config", "--file", str(config), "--no-includes", "--list", "-z")
        settings = {
            line.partition("\n")[0]: line.partition("\n")[2] for line in listed.split("\0") if line
        }
    kept = {name: settings[name] for name in _OF_STORAGE if name in settings}
    for name, value in kept.items():
        if not value.isalnum():
            raise GitError(f"its setting {name} has a value that git does not know")
    return kept


def _as_file(settings: Mapping[str, str]) -> str:
    """These settings, and those that every repository has, as a file for git."""
    version = str(int(_is_extended(settings)))
    every = {"core.repositoryformatversion": version, "core.bare": "false", **settings}
    lines = []
    for name, value in every.items():
        section, _, variable = name.partition(".")
        lines.append(f"[{section}]\n\t{variable} = {value}\n")
    return "".join(lines)


def _is_extended(settings: Mapping[str, str]) -> bool:
    return any(name.startswith("extensions.") for name in settings)


def _repositories_in(folder: Path) -> bytes:
    """The rules that make git ignore other repositories in this one. Those in a commit stay."""
    listed = git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    names = [name for name in listed.split("\0") if name.endswith("/") and "\n" not in name]
    rules = ("/" + re.sub(r"([\\*?\[ ])", r"\\\1", name) for name in names)
    return "".join(f"{rule}\n" for rule in rules).encode("utf-8", "surrogateescape")


def _forget_flags(
    folder: Path, own: Path, settings: Mapping[str, str], variables: Mapping[str, str]
) -> None:
    """Make the index compare every existing file, even those that it is set to ignore.

    `own` is where the index is, in a folder of ours.
    """
    if not _is_extended(settings):
        with suppress(OSError):
            special = index_file.special((own / "index").read_bytes())
            if special is not None and not any(entry.is_ignored for entry in special):
                return
    flagged = []
    for line in git(folder, "ls-files", "-v", "-z", variables=variables).split("\0"):
        flag, _, name = line.partition(" ")
        if name and (flag.islower() or (flag == "S" and inside.look(folder, name))):
            flagged.append(name)
    for start in range(0, len(flagged), 500):
        names = flagged[start : start + 500]
        for option in ("--no-assume-unchanged", "--no-skip-worktree"):
            git(folder, "update-index", option, "--", *names, variables=variables)
