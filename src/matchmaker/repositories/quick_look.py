"""Reads git's files of a repository that has nothing unusual, without starting git.

A session of hundreds looks into each repository, and most of them need nothing. What this module
can't read, or isn't sure about, is for git.
"""

import hashlib
import re
import struct
from pathlib import Path

from workshop import inside

# In bytes. The index of a workshop is a hundredth of that.
_LONGEST = 1 << 24
# In characters. The expression below needs the square of a line's length.
_LONGEST_LINE = 300

_HEAD = re.compile(rb"ref: refs/heads/[^\s\0-\x20\x7f~^:?*\[\\]+\n|[0-9a-f]{40}\n")
_COMMIT = re.compile(rb"[0-9a-f]{40}\n")
_SETTING = re.compile(r'\s*(?:\[[\w.-]+(?: "[^"\\]*")?\]|[A-Za-z][\w-]*\s*=[^"\\#;]*|)\s*')
# Settings that change where git looks, or how it stores the index.
_UNUSUAL = re.compile(r"worktree|include|extensions|bare(?!\s*=\s*false\b)", re.IGNORECASE)
_FLAGS = struct.Struct(">H")
_STAGES = 0x3000
_IS_LONGER = 0x4000


def unresolved(folder: Path) -> list[str] | None:
    """The files with unresolved conflicts, in the order of the index. None if git has to say."""
    if _head(folder) is None:
        return None
    try:
        return _unmerged(inside.read(folder, ".git/index", _LONGEST))
    except (OSError, struct.error, ValueError, IndexError):
        return None


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


def _head(folder: Path) -> bytes | None:
    """What is checked out in a repository that has nothing unusual. None if git has to say."""
    try:
        head = inside.read(folder, ".git/HEAD", 1000)
        settings = inside.read(folder, ".git/config", 100_000).decode()
    except (OSError, UnicodeDecodeError):
        return None
    lines = settings.splitlines()
    is_plain = all(len(line) <= _LONGEST_LINE and _SETTING.fullmatch(line) for line in lines)
    if not is_plain or _UNUSUAL.search(settings) or not _HEAD.fullmatch(head):
        return None
    return head


def _unmerged(content: bytes) -> list[str] | None:
    kind, version, count = struct.unpack_from(">4sII", content)
    if kind != b"DIRC" or version not in (2, 3):
        return None
    if hashlib.sha1(content[:-20]).digest() != content[-20:]:
        return None
    found, start = [], 12
    for _ in range(count):
        (flags,) = _FLAGS.unpack_from(content, start + 60)
        name = start + 62 + (2 if flags & _IS_LONGER else 0)
        end = content.index(b"\0", name)
        if flags & _STAGES:
            found.append(content[name:end].decode("utf-8", "surrogateescape"))
        start += (end - start + 8) // 8 * 8
    if content[start : start + 4] == b"link":  # the rest of it is in another file
        return None
    return list(dict.fromkeys(found))
