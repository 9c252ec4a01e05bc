"""Works on a trainee's folder as the user who owns it.

On a shared host, the folders belong to the trainees, and root updates them. The owner controls
everything in such a folder: links, pipes, and git's settings and hooks. So root neither reads nor
runs any of it. A process that has become the owner reads the folder and works on copies of it, and
it can do no more than the owner can. Root moves only whole folders, inside a folder of its own, and
treats the process's answer as data.

If the folder belongs to the user who runs the command, there is no other process. Only root can
work on other people's folders.
"""

import codecs
import contextlib
import json
import os
import pkgutil  # noqa: F401 - see below: Python imports it when a script is run
import pwd
import select
import shlex
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from matchmaker.repositories.git import GitError, isolate, said_by

LOOK_SECONDS = 60.0
"""How long reading a folder may take. Without a limit, its owner could make it last forever."""

WORK_SECONDS = 900.0
"""How long an update of a folder may take."""

# In bytes. All our answers are much shorter.
_LONGEST = 1 << 24


# The folders of root's that we looked through, by device, number, and time of change.
# None outside of a block that remembers them.
_seen: ContextVar[set[tuple[int, int, int]] | None] = ContextVar("_seen", default=None)

# Python may be in a folder that only root can read, so load now what an update would load later.
for _codec in ("latin-1", "unicode-escape", "idna", "ascii", "utf-16"):
    codecs.lookup(_codec)


def as_owner(
    place: Path, do: Callable[..., Any], *arguments: Any, seconds: float = LOOK_SECONDS
) -> Any:
    """Run `do(place, *arguments)` as the owner of the folder. Its result has to fit into JSON.

    Raises GitError if it fails or takes too long, or if this user isn't allowed to do it.
    """
    owner = owner_of(place)
    if owner.st_uid == os.geteuid():
        return do(place, *arguments)
    return _answer(owner, place, lambda: do(place, *arguments), seconds)


def owner_of(place: Path) -> os.stat_result:
    """The owner of a folder. Raises GitError if it isn't one, or if this user can't work in it."""
    try:
        status = place.lstat()
    except OSError as error:
        raise GitError(said_by(error)) from error
    if stat.S_ISLNK(status.st_mode):
        raise GitError(
            "a symbolic link is in its place, which matchmaker doesn't follow; move the link away, "
            "or use --fresh"
        )
    if not stat.S_ISDIR(status.st_mode):
        raise GitError("it is not a folder")
    user = os.geteuid()
    if user not in (0, status.st_uid):
        name = name_of(status.st_uid)
        raise GitError(f"the folder belongs to {name}: run this as root, or as {name}")
    if user == status.st_uid == 0:
        seen, this = _seen.get(), (status.st_dev, status.st_ino, status.st_ctime_ns)
        if seen is None or this not in seen:
            _require_roots(place)
        if seen is not None:
            seen.add(this)
    return status


@contextlib.contextmanager
def seen_once() -> Iterator[None]:
    """During the block, look through each folder of root's only once, instead of each time.

    Only root can change what such a folder contains, so it stays root's.
    """
    token = _seen.set(set())
    try:
        yield
    finally:
        _seen.reset(token)


def name_of(user: int) -> str:
    """The name of a user."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def hand_over(folder: Path, owner: os.stat_result) -> None:
    """Give a folder and its contents to the owner of another one. Nobody else can reach it yet."""
    for path, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.chown(Path(path, name), owner.st_uid, owner.st_gid, follow_symlinks=False)
    os.chown(folder, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _require_roots(place: Path) -> None:
    """Let root work as root only if root owns the folder and everything in it."""
    for inner, status in _below(place):
        others = stat.S_IWOTH | (stat.S_IWGRP if status.st_gid else 0)
        what = ""
        if status.st_uid:
            what = f"belongs to {name_of(status.st_uid)}"
        elif status.st_mode & others and not stat.S_ISLNK(status.st_mode):
            what = "is writable by others"
        if what:
            raise GitError(
                f"the folder belongs to root, but {os.path.relpath(inner, place)} in it {what}; "
                "give the whole folder to one user with chown -R"
            )


def _below(place: Path) -> Iterator[tuple[str, os.stat_result]]:
    """A folder and everything in it, with its status, without following links."""
    yield str(place), place.lstat()
    folders = [str(place)]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # it is gone
                    continue
                if stat.S_ISDIR(status.st_mode):
                    folders.append(entry.path)
                yield entry.path, status


def _answer(owner: os.stat_result, place: Path, do: Callable[[], Any], seconds: float) -> Any:
    temporary = Path(tempfile.mkdtemp(prefix="matchmaker-as-"))
    os.chown(temporary, owner.st_uid, owner.st_gid)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work_as(owner, (place, temporary), do, writer)
    os.close(writer)
    try:
        written = _read_answer(reader, time.monotonic() + seconds)
    finally:
        os.close(reader)
        _end(child)
        shutil.rmtree(temporary, ignore_errors=True)
    name = name_of(owner.st_uid)
    if written is None:
        raise GitError(f"working there as {name} took too long; check what the folder contains")
    try:
        answer = json.loads(written)
        if "error" in answer:
            raise GitError(str(answer["error"]))
        return answer["result"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise GitError(f"working there as {name} stopped before it was done") from error


def _read_answer(reader: int, deadline: float) -> bytes | None:
    """Everything written until the other end closes; None if that takes too long."""
    answer = b""
    while len(answer) <= _LONGEST:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            return None
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            return answer
        answer += chunk
    return None


def _end(child: int) -> None:
    """End the process and everything that it started, and wait for it."""
    # macOS raises PermissionError for a group whose processes have all ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _work_as(
    owner: os.stat_result, folders: tuple[Path, Path], do: Callable[[], Any], writer: int
) -> None:
    """Become the owner for good, write the result, and end.

    The folders are the one to work in, and one for temporary files.
    """
    try:
        os.setsid()
        _become(owner, folders[1])
        for folder in folders:
            _require_a_way_to(folder, name_of(owner.st_uid))
        answer = {"result": do()}
    except BaseException as error:
        answer = {"error": said_by(error)}
    try:
        with os.fdopen(writer, "wb") as file:
            file.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _require_a_way_to(folder: Path, name: str) -> None:
    for path in (*reversed(folder.parents), folder):
        if not os.access(path, os.X_OK):
            raise GitError(
                f"{name} owns this folder but can't enter {path}; to allow it: "
                f"chmod o+x {shlex.quote(str(path))}"
            )


def _become(owner: os.stat_result, temporary: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.chdir("/")
    try:
        account = pwd.getpwuid(owner.st_uid)
        name, home, group = account.pw_name, account.pw_dir, account.pw_gid
    except KeyError:
        name, home, group = str(owner.st_uid), "/nonexistent", owner.st_gid
    os.setgroups([group])
    os.setgid(group)
    os.setuid(owner.st_uid)
    if (os.getuid(), os.geteuid(), os.getgid(), os.getegid()) != (owner.st_uid,) * 2 + (group,) * 2:
        raise GitError("this process could not become another user")
    os.umask(0o022)
    tempfile.tempdir = str(temporary)
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    whose = {"HOME": home, "USER": name, "LOGNAME": name, "TMPDIR": str(temporary)}
    isolate(Path("/"), {**kept, **whose})
