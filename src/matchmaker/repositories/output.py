"""The folder that a session is generated into: who may write there, and how it stays whole.

    <slug>/          a trainee's repository
    session.json     what is there, for programs
    cards.html       what is there, for printing
    _bundles/        what --bundle wrote
    _replaced/       what was moved aside, by time; nothing of it is ever removed
    .matchmaker/     ours: what is being made; a run that was killed leaves it to the next

No slug has a dot or an underscore, so that nothing here can be mistaken for a trainee.
"""

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
        self.bundles = self.root / "_bundles"
        self._ours = self.root / ".matchmaker"
        self.drafts = self._ours / "new"
        self._old = self._ours / "old"
        self._others = self._ours / "others"
        self._replaced = self.root / "_replaced" / datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")

    def repository(self, slug: str) -> Path:
        """Where a trainee's repository is, or will be."""
        return self.root / slug

    def draft(self, name: str) -> Path:
        """Where to make something, out of everybody's sight, before it is moved to its place."""
        return self.drafts / name

    def others(self, name: str) -> Path:
        """Where something is made by another user, who cannot look around there."""
        self._others.mkdir(mode=0o711, exist_ok=True)
        return self._others / name

    @contextmanager
    def opened(self, say: Say) -> Iterator[None]:
        """Keep other runs out for as long as the block takes; wait for one that is at work.

        Tidies up after a run that was killed. Raises Problems when nothing can be written here.
        """
        try:
            self._ours.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._ours.chmod(0o711)
            (self._ours / ".gitignore").write_text("*\n")
            lock = (self._ours / "lock").open("w")
        except OSError as error:
            what = f"{self.root} cannot be written to: {error.strerror}."
            remedy = "Make room or get the right to, or choose another folder with --out."
            raise Problems([Problem(what, remedy)]) from error
        with lock:
            # Workers that we fork do not inherit this kind of lock, so it goes when we go.
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
        """Move a finished draft to where a repository is to be. Raises OSError if one is there."""
        self.draft(slug).rename(self.repository(slug))

    def swap(self, slug: str) -> Path:
        """Put a finished draft in the place of a repository; gives where that is now.

        A kill in between leaves the place empty, and the next run moves the old one back.
        """
        self._old.mkdir(mode=0o711, exist_ok=True)
        old = self._old / slug
        self.repository(slug).rename(old)
        others = self._others / slug
        (others if others.exists() else self.draft(slug)).rename(self.repository(slug))
        return old

    def move_aside(self, slug: str) -> Path:
        """Take what is in a repository's place away; gives where it is now."""
        return self.keep(self.repository(slug))

    def keep(self, path: Path) -> Path:
        """Move what was replaced to where it stays; gives that place."""
        self._replaced.mkdir(parents=True, exist_ok=True)
        kept = self._replaced / path.name
        path.rename(kept)
        return kept

    def dispose(self, old: Path) -> None:
        """Remove what `swap` took away."""
        waste = self.draft(f"{old.name}.old")  # a kill half-way must not leave half of it in `old`
        old.rename(waste)
        shutil.rmtree(waste, ignore_errors=True)

    def write(self, path: Path, text: str) -> None:
        """Replace a file of the session in one move; leave it alone if it says this already."""
        if path.is_file() and path.read_bytes() == text.encode():
            return
        draft = self.draft(path.name)
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)  # noqa: PTH105
