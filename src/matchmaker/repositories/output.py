"""The output folder of a session: who can write there, and how it stays complete.

    <slug>/          a trainee's repository
    session.json     a list of the repositories, for programs
    cards.html       a list of the repositories, for printing
    handout.csv      a list of the repositories, for a mail merge
    sheets.html      what each trainee built, for printing
    _bundles/        what --bundle wrote
    _replaced/       what we moved aside, by time; we never remove anything from it
    .matchmaker/     ours: work in progress; the next run tidies up after a killed one

Slugs contain no dots or underscores, so none of these names can be a trainee's.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from matchmaker.problem import Problem, Problems

Say = Callable[[str], None]


class Output:
    """The folder of one session."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.session_file = self.root / "session.json"
        self.cards_file = self.root / "cards.html"
        self.handout_file = self.root / "handout.csv"
        self.sheets_file = self.root / "sheets.html"
        self.bundles = self.root / "_bundles"
        self._ours = self.root / ".matchmaker"
        self.drafts = self._ours / "new"
        self._old = self._ours / "old"
        self._others = self._ours / "others"
        self.records = self._ours / "records"
        self._replaced = self.root / "_replaced" / datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")

    def repository(self, slug: str) -> Path:
        """Where a trainee's repository is, or will be."""
        return self.root / slug

    def require_room(self) -> None:
        """Raise Problems if the folder can't be made or written to, for a run that doesn't try."""
        nearest = next(path for path in (self.root, *self.root.parents) if path.exists())
        if not nearest.is_dir():
            raise self._closed(os.strerror(errno.ENOTDIR))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise self._closed(os.strerror(errno.EACCES))

    def _closed(self, why: str | None) -> Problems:
        remedy = "Make room, get write access, or choose another folder with --out."
        return Problems([Problem(f"{self.root} cannot be written to: {why}.", remedy)])

    def draft(self, name: str) -> Path:
        """Where to make something, hidden from everybody, before we move it into place."""
        return self.drafts / name

    def others(self, name: str) -> Path:
        """Where another user makes something, in a folder that they can enter but not list."""
        self._others.mkdir(mode=0o711, exist_ok=True)
        return self._others / name

    @contextmanager
    def opened(self, say: Say) -> Iterator[None]:
        """Keep other runs out during the block, after waiting for any current run to finish.

        Tidies up after a killed run. Raises Problems if the folder isn't writable.
        """
        try:
            self._ours.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._ours.chmod(0o711)
            (self._ours / ".gitignore").write_text("*\n")
            lock = (self._ours / "lock").open("w")
        except OSError as error:
            raise self._closed(error.strerror) from error
        with lock:
            # Forked workers don't inherit this kind of lock, so it ends when this process ends.
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say(f"Another run is writing to {self.root}; waiting for it to finish.")
                fcntl.lockf(lock, fcntl.LOCK_EX)
            self._tidy(say)
            self.drafts.mkdir(mode=0o700, exist_ok=True)
            try:
                yield
            finally:
                self._clear()

    def _tidy(self, say: Say) -> None:
        self._clear()
        for old in sorted(self._old.glob("*")):
            if self.repository(old.name).exists():
                say(f"A run was killed; what it replaced is in {self.keep(old)}.")
            else:
                old.rename(self.repository(old.name))

    def _clear(self) -> None:
        for drafts in (self.drafts, self._others):
            shutil.rmtree(drafts, ignore_errors=True)

    def place(self, slug: str) -> None:
        """Move a finished draft into place. Raises OSError if a repository is already there."""
        self.draft(slug).rename(self.repository(slug))

    def swap(self, slug: str) -> Path:
        """Replace a repository with a finished draft; return where the repository is now.

        If we are killed halfway, the place is empty, and the next run moves the old one back.
        """
        self._old.mkdir(mode=0o711, exist_ok=True)
        old = self._old / slug
        self.repository(slug).rename(old)
        others = self._others / slug
        (others if others.exists() else self.draft(slug)).rename(self.repository(slug))
        return old

    def move_aside(self, slug: str) -> Path:
        """Move away whatever is in a repository's place; return where it is now."""
        return self.keep(self.repository(slug))

    def keep(self, path: Path) -> Path:
        """Move what we replaced to the folder where it stays; return its new path."""
        self._replaced.mkdir(parents=True, exist_ok=True)
        kept = self._replaced / path.name
        path.rename(kept)
        return kept

    def dispose(self, old: Path) -> None:
        """Remove what `swap` took away."""
        waste = self.draft(f"{old.name}.old")  # if killed halfway, we leave no half of it in `old`
        old.rename(waste)
        shutil.rmtree(waste, ignore_errors=True)

    def text_of(self, path: Path) -> str:
        """The text of a file of the session; empty if it can't be read."""
        try:
            return path.read_bytes().decode() if path.is_file() else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, path: Path, text: str, *, private: bool = False) -> None:
        """Replace a file of the session in one step. Don't touch it if it already has this text.

        If it's `private`, only the user can read it, because it has people's addresses.
        """
        is_right = path.is_file() and path.read_bytes() == text.encode()
        if is_right and not (private and path.stat().st_mode & 0o077):
            return
        draft = self.draft(path.name)
        draft.touch(0o600 if private else 0o666)
        draft.write_bytes(text.encode())
        os.replace(draft, path)  # noqa: PTH105
