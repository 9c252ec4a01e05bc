"""Reads git's index, without starting git: https://git-scm.com/docs/index-format.

Git doesn't check what the owner of an index may have written into it. So this module has to find
the same entries as git in whatever it reads, and leaves everything unusual to git.
"""

import hashlib
import struct
from dataclasses import dataclass

_HEAD = struct.Struct(">4sII")
_PART = struct.Struct(">4sI")
_BEFORE_NAME = 62  # the last two bytes are flags
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
    found, start, find = [], _HEAD.size, content.find
    for _ in range(count):  # hundreds, for each of hundreds of trainees
        first, more = start + _BEFORE_NAME, 0
        flags = content[first - 2] << 8 | content[first - 1]
        if flags & _IS_EXTENDED:
            more = content[first] << 8 | content[first + 1]
            first += 2
        last = find(b"\0", first, end)
        length = last - first
        if length <= 0 or (length if length < _LENGTH else _LENGTH) != flags & _LENGTH:
            return None
        if flags & (_STAGE | _IS_ASSUMED) or more & _IS_SKIPPED:
            name = content[first:last].decode("utf-8", "surrogateescape")
            is_ignored = bool(flags & _IS_ASSUMED or more & _IS_SKIPPED)
            found.append(Entry(name, bool(flags & _STAGE), is_ignored))
        start += (last - start + 8) & ~7  # each entry ends with one to eight zeros
    return found if _has_only_harmless(content, start, end) else None


def _has_only_harmless(content: bytes, start: int, end: int) -> bool:
    """Whether the parts after the entries change nothing, such as entries in another file."""
    while start < end:
        name, length = _PART.unpack_from(content, start)
        if name not in _HARMLESS:
            return False
        start += _PART.size + length
    return start == end
