"""Makes a folder a git repository with one commit, as `git add --all` and `git commit` would.

It writes git's files itself, because a class needs dozens of such repositories whose files are
nearly all the same: this compresses each content only once, and writes one pack instead of a file
for each object. The formats are gitformat-pack and gitformat-index (https://git-scm.com/docs). Git
itself makes the empty repository, and says which files it ignores and who the author is. It also
does the rest for folders that have anything unusual.

The template's tasks load this module by its path, so it imports nothing from the tool.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

BRANCH = "refs/heads/main"
COMMIT, TREE, BLOB = (1, "commit"), (2, "tree"), (3, "blob")
FOLDER, LINK, EXECUTABLE, PLAIN = 0o40000, 0o120000, 0o100755, 0o100644
NOTHING = "0" * 40

# In bytes. A larger file is for git: we hold each file in memory, and from 2 GB on, the listing of
# a pack has another form.
_LARGEST = 1 << 24

# Attributes with which a file's content in git can differ from the one on disk.
_CONVERTING = (b"crlf", b"eol", b"filter", b"ident", b"text", b"working-tree-encoding")
# With these, the difference is only CRLF in a text, and a file that has that is for git.
_HARMLESS = (b"text=auto", b"-text", b"!text", b"-filter", b"!filter")
_IGNORES_MODES = re.compile(r"^\s*filemode\s*=\s*false\s*$", re.MULTILINE | re.IGNORECASE)

# The beginning of a file's entry in the index.
_NUMBERS = struct.Struct(">10I20sH")

Run = Callable[..., Any]
"""The function `run` of git_environment.py."""


def make(folder: Path, message: str, run: Run, environment: Mapping[str, str]) -> None:
    """Make a repository in `folder`, and commit everything that git doesn't ignore.

    `environment` is for git, with the author. Raises OSError with the reason if it can't.
    """

    def git(*arguments: str) -> str:
        done = run(folder, *arguments, environment=environment)
        if done.returncode:
            raise OSError(f"git {arguments[0]} says: {done.stderr.strip()}")
        return str(done.stdout)

    # Without a template: nobody needs its 14 examples of hooks, which take 64 KB.
    git("init", "--quiet", "--template=", "--initial-branch=main")
    for name in ("hooks", "info"):
        (folder / ".git" / name).mkdir(exist_ok=True)
    listed = git("ls-files", "-z", "--others", "--exclude-standard")
    files = _files(folder, filter(None, listed.split("\0")))
    if files is None:
        git("add", "--all")
        git("commit", "--quiet", "--no-verify", "--allow-empty", "-m", message)
        # One file in place of hundreds takes a third of the disk.
        git("repack", "-adq", "--window=0", "--threads=1")
    else:
        _write(folder / ".git", files, message, git("var", "GIT_AUTHOR_IDENT").strip())


@dataclass(frozen=True)
class _Object:
    """An object of git, as it is in a pack."""

    name: bytes
    packed: bytes
    checksum: int


@dataclass(frozen=True)
class _File:
    path: bytes
    mode: int
    blob: _Object
    status: os.stat_result


# Large enough for every file of a workshop, and several versions of those that have a name in them.
@lru_cache(maxsize=1024)
def _object(kind: tuple[int, str], content: bytes) -> _Object:
    number, word = kind
    name = hashlib.sha1(b"%s %d\0" % (word.encode(), len(content)) + content).digest()
    head = bytearray([number << 4 | len(content) & 15])
    left = len(content) >> 4
    while left:
        head[-1] |= 0x80
        head.append(left & 0x7F)
        left >>= 7
    packed = bytes(head) + zlib.compress(content)
    return _Object(name, packed, zlib.crc32(packed))


def _files(folder: Path, names: Iterable[str]) -> list[_File] | None:
    """The files to commit. None if git may store one of them in another way than it is on disk."""
    has_modes = not _IGNORES_MODES.search((folder / ".git" / "config").read_text("utf-8"))
    found = []
    for name in names:
        own = name.encode("utf-8", "surrogateescape")  # as git has it, in whatever locale
        path = os.path.join(os.fsencode(folder), own)
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            mode, content = LINK, os.readlink(path)
        elif stat.S_ISREG(status.st_mode) and status.st_size <= _LARGEST:
            mode = EXECUTABLE if has_modes and status.st_mode & stat.S_IXUSR else PLAIN
            content = _content(path, status.st_size)
            if b"\r\n" in content and b"\0" not in content:
                return None
            if name.rpartition("/")[2] == ".gitattributes" and converts(content):
                return None
        else:  # a large file, or the folder of another repository
            return None
        found.append(_File(own, mode, _object(BLOB, content), status))
    return sorted(found, key=lambda file: file.path)


def _content(path: bytes, size: int) -> bytes:
    """What is in a file, without Python's own buffers, which take longer for a small file."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = [os.read(handle, size + 1)]
        while parts[-1]:
            parts.append(os.read(handle, size + 1))
        return b"".join(parts)
    finally:
        os.close(handle)


def converts(attributes: bytes) -> bool:
    """Whether git may store a file in another way than it is on disk, by a `.gitattributes`."""
    for line in attributes.splitlines():
        _, *given = line.split() or [b"#"]
        if line.lstrip().startswith(b"#"):
            continue
        harmless = {*_HARMLESS, b"eol=lf"} if b"text=auto" in given else {*_HARMLESS}
        names = {one.lstrip(b"-!").partition(b"=")[0] for one in given if one not in harmless}
        if names & {*_CONVERTING}:
            return True
    return False


def _write(own: Path, files: list[_File], message: str, author: str) -> None:
    objects = {file.blob.name: file.blob for file in files}
    tree = _tree({file.path: (file.mode, file.blob.name) for file in files}, objects)
    text = f"tree {tree.hex()}\nauthor {author}\ncommitter {author}\n\n{message}\n"
    commit = _object(COMMIT, text.encode("utf-8", "surrogateescape"))
    objects[commit.name] = commit
    _write_pack(own / "objects" / "pack", objects)
    (own / "index").write_bytes(_index(files))
    subject = message.partition("\n")[0]
    entry = f"{NOTHING} {commit.name.hex()} {author}\tcommit (initial): {subject}\n"
    for name in ("HEAD", BRANCH):
        log = own / "logs" / name
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(entry.encode("utf-8", "surrogateescape"))
    (own / BRANCH).parent.mkdir(parents=True, exist_ok=True)
    (own / BRANCH).write_text(f"{commit.name.hex()}\n", "ascii")


def _tree(entries: Mapping[bytes, tuple[int, bytes]], objects: dict[bytes, _Object]) -> bytes:
    """Add the tree of these paths, and all that it contains, to `objects`. Return its name."""
    here: dict[bytes, tuple[int, bytes]] = {}
    below: dict[bytes, dict[bytes, tuple[int, bytes]]] = {}
    for path, entry in entries.items():
        first, slash, rest = path.partition(b"/")
        if slash:
            below.setdefault(first, {})[rest] = entry
        else:
            here[first] = entry
    for name, inner in below.items():
        here[name] = FOLDER, _tree(inner, objects)
    lines = []
    for name in sorted(here, key=lambda name: name + b"/" if name in below else name):
        mode, blob = here[name]
        lines.append(b"%o %s\0%s" % (mode, name, blob))
    made = _object(TREE, b"".join(lines))
    objects[made.name] = made
    return made.name


def _write_pack(folder: Path, objects: Mapping[bytes, _Object]) -> None:
    parts = [struct.pack(">4sII", b"PACK", 2, len(objects))]
    offsets, end = {}, len(parts[0])
    for one in objects.values():
        offsets[one.name] = end
        parts.append(one.packed)
        end += len(one.packed)
    pack = b"".join(parts)
    checksum = hashlib.sha1(pack).digest()
    names = sorted(objects)
    counts, number = [], 0
    for first in range(256):
        while number < len(names) and names[number][0] == first:
            number += 1
        counts.append(number)
    listing = b"".join(
        [
            struct.pack(">4sI256I", b"\377tOc", 2, *counts),
            *names,
            *(struct.pack(">I", objects[name].checksum) for name in names),
            *(struct.pack(">I", offsets[name]) for name in names),
            checksum,
        ]
    )
    listing += hashlib.sha1(listing).digest()
    folder.mkdir(parents=True, exist_ok=True)
    # First the pack, because git looks for packs by their listings.
    for ending, content in (("pack", pack + checksum), ("idx", listing)):
        file = folder / f"pack-{checksum.hex()}.{ending}"
        file.write_bytes(content)
        file.chmod(0o444)


def _index(files: list[_File]) -> bytes:
    """The index, with the time and the size of each file, so that git need not read them again."""
    parts = [struct.pack(">4sII", b"DIRC", 2, len(files))]
    for file in files:
        status = file.status
        numbers = (
            *divmod(status.st_ctime_ns, 10**9),
            *divmod(status.st_mtime_ns, 10**9),
            *(status.st_dev, status.st_ino, file.mode),
            *(status.st_uid, status.st_gid, status.st_size),
        )
        flags = min(len(file.path), 0xFFF)
        entry = _NUMBERS.pack(*[number & 0xFFFFFFFF for number in numbers], file.blob.name, flags)
        parts += entry, file.path, b"\0" * (8 - (len(entry) + len(file.path)) % 8)
    content = b"".join(parts)
    return content + hashlib.sha1(content).digest()
