"""The folder with what `matchmaker host` wrote, which keeps what somebody else changed there.

.written.json    what we wrote there: the hash of each file
.lock            locked by the run that writes now
_replaced/       files that somebody changed, by time; we never remove anything from it
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from matchmaker.problem import Problem, Problems
from matchmaker.repositories.output import Output

_WRITTEN = ".written.json"
_REPLACED = "_replaced"
_LOCK = ".lock"
DEFAULT = "_cluster"
"""The folder's name inside of the session's folder. It's no slug, so it can't be a trainee's."""


@dataclass(frozen=True)
class File:
    """A file to write."""

    content: bytes
    is_private: bool = False
    """Whether only the user can read it."""
    is_program: bool = False

    @property
    def mode(self) -> int:
        """The file's permissions, before the user's mask."""
        return 0o600 if self.is_private else 0o777 if self.is_program else 0o666


def place(out: Path | None, output: Output) -> Path:
    """Where to write: `out`, or inside of the session's folder. Raises Problems if that's no place.

    It's a new folder, or an empty one, or one that this command wrote earlier.
    """
    found = out or output.root / DEFAULT
    if found.is_symlink():
        what = f"{found} is a symbolic link, and this command follows none."
        raise Problems([Problem(what, f"Name the folder itself: --out {found.resolve()}")])
    found = found.resolve()
    if (found / DEFAULT / _WRITTEN).is_file():  # of a session that `generate` hasn't begun with yet
        found /= DEFAULT
    try:
        is_ours = not os.path.lexists(found) or (found / _WRITTEN).is_file()
        if is_ours or {one.name for one in found.iterdir()} <= {_LOCK}:
            return found
        what = f"{found} has files that this command did not write."
    except OSError as error:
        what = f"{found} is not a folder for this: {error.strerror}."
    raise Problems([Problem(what, "Name a new folder, or an empty one, with --out.")])


@contextmanager
def locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Make the folder, and keep other runs out during the block, after waiting for any current one.

    Raises Problems.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another run is writing to {folder}; waiting for it to finish.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def refuse_links(folder: Path, names: Iterable[str]) -> None:
    """Raise Problems for symbolic links in the place of these files, or on the way to them."""
    ours = [_WRITTEN, _REPLACED, *names]
    paths = dict.fromkeys(
        folder / part for name in ours for part in (name, *map(str, Path(name).parents))
    )
    remedy = "Move it away, or put what it leads to in its place. Then run the command again."
    problems = [
        Problem(f"{path} is a symbolic link, and this command follows none.", remedy)
        for path in paths
        if path.is_symlink()
    ]
    if problems:
        raise Problems(problems)


def write(folder: Path, files: Mapping[str, File], stays: str) -> list[Path]:
    """Write the files, and remove those of ours that are no longer needed, except for `stays`.

    A file that somebody changed is moved aside first. Returns where these are now. Raises Problems.
    """
    try:
        written = _written(folder)
        old = [name for name in written if name not in files and name != stays]
        aside = folder / _REPLACED / datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
        # Without a hash, a file counts as changed. So a run that is killed loses nobody's changes.
        kept = [
            _keep(folder, name, aside)
            for name in (*files, *old)
            if name != stays and _is_changed(folder / name, written.get(name), files.get(name))
        ]
        for name in old:
            (folder / name).unlink(missing_ok=True)
        for name, file in files.items():
            _write(folder / name, file)
        hashes = {name: _hash(file.content) for name, file in files.items()}
        _write(folder / _WRITTEN, File((json.dumps(hashes, indent=1) + "\n").encode()))
    except OSError as error:
        raise _unwritable(folder, error) from error
    return kept


def _unwritable(folder: Path, error: OSError) -> Problems:
    what = f"{error.filename or folder} cannot be written: {error.strerror}."
    remedy = "Make room, or name another folder with --out. Then run the command again."
    return Problems([Problem(what, remedy)])


def _written(folder: Path) -> dict[str, str]:
    """What we wrote there: the hash of each file."""
    try:
        content = json.loads((folder / _WRITTEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    hashes = content.items() if isinstance(content, dict) else ()
    return {name: value for name, value in hashes if _is_inside(name) and isinstance(value, str)}


def _is_inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _is_changed(path: Path, hash_before: str | None, new: File | None) -> bool:
    if not os.path.lexists(path):
        return False
    if not path.is_file():
        return True
    content = path.read_bytes()
    return _hash(content) != hash_before and (new is None or content != new.content)


def _keep(folder: Path, name: str, aside: Path) -> Path:
    kept = aside / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    (folder / name).rename(kept)
    return kept


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, file: File) -> None:
    """Replace a file in one step, with its permissions from the start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(draft, "wb") as opened:
            opened.write(file.content)
        Path(name).chmod(file.mode & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
