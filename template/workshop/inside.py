"""Reads and writes the files of a folder, and nothing outside of it.

A path below a folder can lead out of it, because each part may be a symbolic link. The owner of the
folder can even create one between a check of the path and its use. So this module opens every part
relative to the one before, and never follows links. It also refuses everything that isn't a regular
file, such as a pipe that would never end.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

DRAFTS = ".workshop"
"""The folder inside where a file is written before it moves to its place."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Refused(OSError):
    """A path that leads out of its folder, or not to a regular file. The text is a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(errno.EPERM, sentence)

    def __str__(self) -> str:
        return str(self.strerror)


def look(root: Path, name: str) -> os.stat_result | None:
    """The status of `name`, without following a link. None if it doesn't exist.

    Raises OSError if it can't tell.
    """
    try:
        with _parent(root, name) as (folder, last):
            return os.stat(last, dir_fd=folder, follow_symlinks=False)
    except (Refused, FileNotFoundError, NotADirectoryError):
        return None


def is_file(root: Path, name: str) -> bool:
    """Whether there is a regular file with that name. Raises OSError if it can't tell."""
    status = look(root, name)
    return status is not None and stat.S_ISREG(status.st_mode)


def open_file(root: Path, name: str) -> int:
    """A descriptor for a regular file. Raises Refused, FileNotFoundError, and other OSError."""
    with _parent(root, name) as (folder, last):
        try:
            handle = os.open(last, _FILE, dir_fd=folder)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EOPNOTSUPP):
                raise
            raise _refused(folder, last, name) from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise _refused(folder, last, name)
    return handle


def read(root: Path, name: str, most: int | None = None) -> bytes:
    """The content of a regular file with at most `most` bytes.

    Raises Refused, FileNotFoundError, and other OSError.
    """
    with os.fdopen(open_file(root, name), "rb") as file:
        content = file.read(-1 if most is None else most + 1)
    if most is not None and len(content) > most:
        raise Refused(f"{name} is larger than {most} bytes")
    return content


def read_link(root: Path, name: str) -> bytes:
    """The target of a symbolic link. Raises Refused, FileNotFoundError, and other OSError."""
    with _parent(root, name) as (folder, last):
        return os.fsencode(os.readlink(last, dir_fd=folder))


def write(root: Path, name: str, content: bytes, *, private: bool = False) -> None:
    """Replace a file in one move, or create it with the folders that it needs.

    Keeps the file's permissions. Only its owner can read a `private` file. Replaces a link in its
    place instead of following it. Raises Refused and other OSError.
    """
    draft = "draft"
    with _folder(root, (DRAFTS,), make=True) as drafts, _parent(root, name, make=True) as place:
        folder, last = place
        mode = _mode_there(folder, last, name)
        _unlink(drafts, draft)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(draft, flags, 0o600 if private else 0o666, dir_fd=drafts)
        try:
            with os.fdopen(handle, "wb") as file:
                if mode is not None and not private:
                    os.fchmod(handle, mode)
                file.write(content)
            os.rename(draft, last, src_dir_fd=drafts, dst_dir_fd=folder)
        except BaseException:
            _unlink(drafts, draft)
            raise


def set_mode(root: Path, name: str, mode: int) -> None:
    """Set the permissions of a file or a folder, never of a link's target. Raises OSError."""
    with _parent(root, name) as (folder, last):
        handle = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
                os.fchmod(handle, mode)
        finally:
            os.close(handle)


def remove(root: Path, name: str) -> None:
    """Remove a file or a link if it exists. Raises Refused and other OSError."""
    try:
        with _parent(root, name) as (folder, last):
            _mode_there(folder, last, name)
            _unlink(folder, last)
    except (FileNotFoundError, NotADirectoryError):
        pass


def refusals(root: Path, names: Iterable[str]) -> list[str]:
    """Why files with those names can't be written or removed: a sentence for each reason."""
    reasons: dict[str, None] = {}
    for name in names:
        try:
            with _parent(root, name) as (folder, last):
                _mode_there(folder, last, name)
        except FileNotFoundError:
            continue  # we can create its folders
        except OSError as error:
            reason = str(error) if isinstance(error, Refused) else f"{name}: {error.strerror}"
            reasons[reason] = None
    return list(reasons)


@contextmanager
def _parent(root: Path, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """The open folder of a file, and the last part of the file's name."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        raise Refused(f"{name!r} is not a path inside the folder")
    with _folder(root, path.parts[:-1], make=make) as folder:
        yield folder, path.parts[-1]


@contextmanager
def _folder(root: Path, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, part in enumerate(parts, 1):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=handle)
            try:
                below = os.open(part, _FOLDER, dir_fd=handle)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
                    raise
                raise _refused(handle, part, "/".join(parts[:number]), "folder") from error
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _mode_there(folder: int, last: str, name: str) -> int | None:
    """The permissions of the existing file. None if there is none."""
    try:
        status = os.stat(last, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(status.st_mode):
        return stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return None
    raise _refused(folder, last, name)


def _refused(folder: int, last: str, name: str, wanted: str = "file") -> Refused:
    try:
        mode = os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError:
        mode = 0
    for is_kind, kind in (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISREG, "a file"),
    ):
        if is_kind(mode):
            return Refused(f"{name} is {kind}, where a {wanted} has to be")
    return Refused(f"{name} is not a {wanted}")


def _unlink(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
