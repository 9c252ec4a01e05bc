"""Reads git's files of a repository that has nothing unusual, without starting git.

A session of hundreds looks into each repository, and most of them need nothing. What this module
can't read, or isn't sure about, is for git.
"""

import re
from pathlib import Path

from workshop import inside

from matchmaker.repositories import index_file
from matchmaker.repositories.settings_file import settings

# In bytes. The index of a workshop is a hundredth of that.
_LONGEST = 1 << 24
_LONGEST_SETTINGS = 100_000

_HEAD = re.compile(rb"ref: refs/heads/[^\s\0-\x20\x7f~^:?*\[\\]+\n|[0-9a-f]{40}\n")
_COMMIT = re.compile(rb"[0-9a-f]{40}\n")
# Settings that change where git looks, or how it stores the index.
_UNUSUAL = re.compile(r"core\.worktree|include.*|extensions\..*", re.DOTALL)


def unresolved(folder: Path) -> list[str] | None:
    """The files with unresolved conflicts, in the order of the index. None if git has to say."""
    if _head(folder) is None:
        return None
    try:
        found = index_file.special(inside.read(folder, ".git/index", _LONGEST))
    except OSError:
        return None
    if found is None:
        return None
    return list(dict.fromkeys(entry.name for entry in found if entry.is_unresolved))


def commit(folder: Path) -> str | None:
    """The commit that is checked out. None if git has to say."""
    head = _head(folder) or b""
    if not head.startswith(b"ref: ") or b".." in head:  # on no branch, or on one that can't be
        return None
    try:
        found = inside.read(folder, f".git/{head[5:-1].decode()}", 1000)
    except (OSError, UnicodeDecodeError):  # such as a branch in packed-refs
        return None
    return found[:-1].decode() if _COMMIT.fullmatch(found) else None


def own_settings(folder: Path) -> dict[str, str] | None:
    """The repository's own settings, without what they include. None if git has to say."""
    try:
        return settings(inside.read(folder, ".git/config", _LONGEST_SETTINGS))
    except OSError:
        return None


def _head(folder: Path) -> bytes | None:
    """What is checked out in a repository that has nothing unusual. None if git has to say."""
    own = own_settings(folder)
    if own is None or any(map(_UNUSUAL.fullmatch, own)) or own.get("core.bare", "false") != "false":
        return None
    try:
        head = inside.read(folder, ".git/HEAD", 1000)
    except OSError:
        return None
    return head if _HEAD.fullmatch(head) else None
