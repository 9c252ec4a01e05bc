"""What a trainee has done to their repository, and what we do to it.

Nothing here trusts what the repository says about itself. We read it as its owner (owner.py) and
follow no link (inside.py), and git looks at it through view.py.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from workshop import api_key, inside
from workshop.moving import git_environment
from workshop.moving.line_ends import with_lf

from matchmaker.problem import Problem
from matchmaker.repositories import quick_look
from matchmaker.repositories.git import GitError, git, users_environment
from matchmaker.repositories.owner import as_owner
from matchmaker.repositories.recorded import Recorded as Recorded
from matchmaker.repositories.recorded import answers_file
from matchmaker.repositories.recorded import broken as broken
from matchmaker.repositories.recorded import recorded_in as recorded_in
from matchmaker.repositories.recorded import recorded_or_why_not as recorded_or_why_not
from matchmaker.repositories.view import require_plain
from matchmaker.repositories.view import view_of as view_of
from matchmaker.repositories.view import without_its_settings as without_its_settings

# In bytes. Our own files are never longer.
_LONGEST = 1 << 20


def conflicts(folder: Path) -> list[str]:
    """The files with unresolved conflicts. Raises GitError."""
    return [str(name) for name in as_owner(folder, _conflicts)]


@dataclass(frozen=True)
class OwnWork:
    """What a trainee has done in a repository."""

    conflicts: list[str]
    """The files with unresolved conflicts. If there are any, nothing else is known."""
    commits: int = 0
    """How many commits there are since it was generated or last updated."""
    edits: list[str] = field(default_factory=list)
    """The files that differ from the last commit, including new ones."""


def own_work(folder: Path) -> OwnWork:
    """What its trainee has done. Raises GitError, and ValueError if git's answer isn't one."""
    conflicts, commits, edits = as_owner(folder, _own_work)
    return OwnWork([*map(str, conflicts)], int(commits), [*map(str, edits)])


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


def author_in(folder: Path) -> dict[str, str]:
    """Git's variables for the author of commits there."""
    return git_environment.author(folder, users_environment())


def commit_all(folder: Path, message: str, author: Mapping[str, str]) -> None:
    """Commit everything that git does not ignore. Raises GitError."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=author)


def commit_staged(folder: Path, message: str, author: Mapping[str, str]) -> None:
    """Commit what is staged, if some of it is in no file anymore. Raises GitError."""
    with suppress(GitError):  # nobody has committed anything yet
        staged = git(folder, "diff-index", "--cached", "--name-only", "-z", "HEAD").split("\0")
        changed = {*git(folder, "diff-files", "--name-only", "-z").split("\0")}
        if changed & {*filter(None, staged)}:
            git(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=author)


def ignored_in(folder: Path) -> list[str]:
    """The files that git ignores, and so doesn't have. Raises GitError."""
    listed = git(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    return [name for name in listed.split("\0") if name]


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
    require_plain(folder)
    known = quick_look.unresolved(folder)
    if known is not None:
        return known
    with view_of(folder) as variables:
        return unresolved_in(folder, variables)


def _own_work(folder: Path) -> tuple[list[str], int, list[str]]:
    with view_of(folder) as variables:
        unresolved = quick_look.unresolved(folder)
        if unresolved is None:
            unresolved = unresolved_in(folder, variables)
        if unresolved:
            return unresolved, 0, []
        return [], _own_commits(folder, variables), changed_in(folder, variables)


def _own_commits(folder: Path, variables: Mapping[str, str]) -> int:
    last = ("log", "-1", "--format=%H", "--", answers_file(folder))
    generated = git(folder, *last, variables=variables).strip()
    if generated and generated == quick_look.commit(folder):
        return 0
    listed = git(folder, "rev-list", "--count", f"{generated}..HEAD", variables=variables)
    return int(listed)


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
