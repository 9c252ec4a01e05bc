"""The files of a template that come out as they are, the same for every trainee."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Entries = list[os.DirEntry[str]]


@dataclass(frozen=True)
class PlainFile:
    """A file or a folder of a template, and what it becomes in a repository."""

    path: str
    """Where it is in a repository."""
    mode: int
    content: bytes | None
    """None for a folder."""

    def write(self, root: str) -> bool:
        """Write it below `root`, or return False if there is something in its place."""
        path = f"{root}/{self.path}"
        try:
            if self.content is None:
                os.mkdir(path)  # noqa: PTH102 - hundreds of Paths for each trainee take long
                return True
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            handle = os.open(path, flags, stat.S_IMODE(self.mode))
        except FileExistsError:
            return False
        try:  # without Python's own buffers, which take longer for a small file
            written = 0
            while written < len(self.content):
                written += os.write(handle, self.content[written:] if written else self.content)
            if os.fstat(handle).st_mode != self.mode:
                os.fchmod(handle, stat.S_IMODE(self.mode))
        finally:
            os.close(handle)
        return True

    def is_in(self, root: str) -> bool:
        """Whether this is below `root` already, with the same content and the same execute bits."""
        path = f"{root}/{self.path}"
        try:
            status = os.lstat(path)
            if self.content is None:
                return stat.S_ISDIR(status.st_mode)
            if not stat.S_ISREG(status.st_mode) or (status.st_mode ^ self.mode) & 0o111:
                return False
            if status.st_size != len(self.content):
                return False
            with open(path, "rb") as file:  # noqa: PTH123
                return file.read() == self.content
        except OSError:
            return False


@dataclass(frozen=True)
class Layout:
    """Everything in a template, in Copier's order, with what is plain of it."""

    entries: list[tuple[os.DirEntry[str], PlainFile | None]]

    @property
    def files(self) -> list[str]:
        """The paths of the plain files."""
        return [one.path for _, one in self.entries if one and one.content is not None]

    def write(self, root: Path, *, is_new: bool) -> Iterator[os.DirEntry[str]]:
        """Write what is plain to a new folder `root`, and yield what is left to render.

        In a folder that isn't new, what is there already is left as it is.
        """
        root.mkdir(parents=True, exist_ok=True)
        done = {""}
        for entry, plain in self.entries:
            is_done = False
            if plain is not None and os.path.dirname(plain.path) in done:  # noqa: PTH120
                is_done = plain.write(str(root)) if is_new else plain.is_in(str(root))
            if is_done and plain and plain.content is None:
                done.add(plain.path)
            elif not is_done:
                yield entry


def layout(
    entries: Iterator[os.DirEntry[str]],
    root: Path,
    mode_of: Callable[[Path], int],
    is_plain: Callable[[str], bool],
) -> Layout:
    """The layout of a template whose `entries` are below `root`.

    `mode_of` says which mode a file of the template gets. `is_plain` says of a path, relative to
    `root`, whether Copier would copy what is there as it is, to the same path.
    """
    found: list[tuple[os.DirEntry[str], PlainFile | None]] = []
    plain_folders = {""}
    for entry in entries:
        path = os.path.relpath(entry.path, root)
        plain = None
        if os.path.dirname(path) in plain_folders and not entry.is_symlink() and is_plain(path):  # noqa: PTH120
            if entry.is_dir():
                plain = PlainFile(path, 0, None)
                plain_folders.add(path)
            elif entry.is_file():
                source = Path(entry.path)
                plain = PlainFile(path, mode_of(source), source.read_bytes())
        found.append((entry, plain))
    return Layout(found)
