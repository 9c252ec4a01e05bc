"""Reads git's index, without starting git: https://git-scm.com/docs/index-format.

Git doesn't check what the owner of an index may have written into it. So this module has to find
the same entries as git in whatever it reads, and leaves everything unusual to git.
"""

import hashlib
import struct
from dataclasses import dataclass

_HEAD = struct.Struct(">4sII")
_FLAGS = struct.Struct(">H")
_PART = struct.Struct(">4sI")
_BEFORE_FLAGS = 60
_CHECKSUM = 20
_LENGTH = 0xFFF
_STAGE = 0x3000
_IS_EXTENDED = 0x4000
_IS_ASSUMED = 0x8000
_IS_SKIPPED = 0x4000  # in the second flags, which only an extended entry has

# In the number of entries. Git can read a longer index in several parts at once, from where a table
# in it says that they begin.
_MOST = 5_000

# The parts after the entries that say nothing about entries, or about files: trees, conflicts that
# were resolved, and where the entries end.
_HARMLESS = (b"TREE", b"REUC", b"EOIE")


@dataclass(frozen=True)
class Entry:
    """A file that git treats in another way than others. One in conflict has several entries."""

    name: str
    is_unresolved: bool
    is_ignored: bool
    """Whether git takes the file for unchanged, without a look (`git update-index --help`)."""


def special(content: bytes) -> list[Entry] | None:
    """The files in conflict, and those that git ignores changes to. None if git has to say.

    They are in the order of the index, which has to be of a repository with SHA-1.
    """
    try:
        return _special(content)
    except (struct.error, IndexError):
        return None


def _special(content: bytes) -> list[Entry] | None:
    kind, version, count = _HEAD.unpack_from(content)
    end = len(content) - _CHECKSUM
    if kind != b"DIRC" or version not in (2, 3) or count > _MOST:
        return None
    if hashlib.sha1(content[:end]).digest() != content[end:]:
        return None
    found, start = [], _HEAD.size
    for _ in range(count):
        (flags,) = _FLAGS.unpack_from(content, start + _BEFORE_FLAGS)
        first, more = start + _BEFORE_FLAGS + _FLAGS.size, 0
        if flags & _IS_EXTENDED:
            (more,) = _FLAGS.unpack_from(content, first)
            first += _FLAGS.size
        last = content.find(b"\0", first, end)
        if last <= first or min(last - first, _LENGTH) != flags & _LENGTH:
            return None
        is_unresolved = bool(flags & _STAGE)
        is_ignored = bool(flags & _IS_ASSUMED or more & _IS_SKIPPED)
        if is_unresolved or is_ignored:
            name = content[first:last].decode("utf-8", "surrogateescape")
            found.append(Entry(name, is_unresolved, is_ignored))
        start += (last - start + 8) // 8 * 8
    return found if _has_only_harmless(content, start, end) else None


def _has_only_harmless(content: bytes, start: int, end: int) -> bool:
    """Whether the parts after the entries change nothing, such as entries in another file."""
    while start < end:
        name, length = _PART.unpack_from(content, start)
        if name not in _HARMLESS:
            return False
        start += _PART.size + length
    return start == end
