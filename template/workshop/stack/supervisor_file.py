"""What is running, as the supervisor writes it to `.workshop/run.json` for the other commands."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from workshop import state_file

FILE = "run.json"
LOCK = "lock"
"""A file that the supervisor holds locked."""
STOPPED = "does not answer: its process is stopped, as by Ctrl-Z"
END_SECONDS = 8.0


@dataclass
class ServiceState:
    """One service: `state` is starting, ready, failed, waiting or stopped."""

    port: int
    """On 127.0.0.1; 0 for a container that is not reached from there."""
    state: str = "starting"
    pid: int | None = None
    since: float = 0.0
    """Seconds since the epoch."""
    detail: str = ""
    ready_at: list[float] = field(default_factory=list)
    """When it became ready, each time, the latest last; in seconds since the epoch."""
    container: str = ""
    """Docker's id of it; empty for a local process."""


@dataclass
class RunState:
    """One supervisor and its services."""

    pid: int
    created: float
    """When the process began, in seconds since the epoch: a pid alone is used again one day."""
    detached: bool = True
    settled: bool = False
    """Whether every service has had its chance to become ready."""
    services: dict[str, ServiceState] = field(default_factory=dict)
    version: str | None = None
    """The template's version of the tool that started it; None where that did not say."""

    def process(self) -> psutil.Process | None:
        """The supervisor, or None when it is gone."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.created) < 1 and process.is_running()
            if alive and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except psutil.Error:
            pass
        return None


def is_stopped(pid: int) -> bool:
    """Whether a process is there and does nothing until it is told to go on."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def own(detached: bool, version: str | None = None) -> RunState:
    """A new state for the supervisor in this process."""
    created = psutil.Process().create_time()
    return RunState(os.getpid(), created, detached, version=version)


def write(run_dir: Path, state: RunState) -> None:
    """Replace run.json in one move, so that no reader sees half of it.

    Nothing is written where the folder has gone, moved by its owner: the file went with it.
    """
    with contextlib.suppress(FileNotFoundError):
        folder = _identity(run_dir)
        state_file.write(run_dir / FILE, {**asdict(state), "folder": folder})


def read(run_dir: Path) -> RunState | None:
    """The state of a supervisor that is alive; None when there is none, whatever the file says.

    What the file has beyond what is known here is left out, and what it lacks is unknown: another
    version may have written it. Where it does not even say which process it is about, the one that
    holds the lock of this stack is.
    """
    path = run_dir / FILE
    data = state_file.read(path)
    if isinstance(data, dict) and data.get("folder") not in (None, _identity(run_dir)):
        return None  # it came with a copy of another workshop's folder, and is about that one
    known = state_file.known(RunState, data)
    if known.keys() >= {"pid", "created"}:
        services = data.get("services")
        found = services.items() if isinstance(services, dict) else ()
        entries = {str(name): state_file.known(ServiceState, entry) for name, entry in found}
        known["services"] = {name: ServiceState(**{"port": 0, **e}) for name, e in entries.items()}
        state = RunState(**known)
        return state if state.process() else None
    return _holder(run_dir / LOCK) if path.exists() else None


def _holder(lock: Path) -> RunState | None:
    """The process that holds a lock, as far as that tells; None when nobody does."""
    try:
        with lock.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                return None
    except OSError:
        return None
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and any(
                Path(file.path) == lock.resolve() for file in process.open_files()
            ):
                return RunState(process.pid, process.create_time())
    return None


def _identity(folder: Path) -> str:
    """What a folder keeps when it is moved, and does not share with its copies."""
    status = folder.stat()
    return f"{status.st_dev}:{status.st_ino}"


def end(state: RunState) -> None:
    """End the supervisor, and return when it is gone. Raises psutil.AccessDenied.

    When it takes too long it is killed; its services end by themselves then, a moment later.
    """
    for send in (psutil.Process.terminate, psutil.Process.kill):
        deadline = time.monotonic() + END_SECONDS
        with contextlib.suppress(psutil.NoSuchProcess):
            if process := state.process():
                send(process)
                process.resume()  # a stopped one, as after Ctrl-Z, does not hear of it
        while state.process() and time.monotonic() < deadline:
            time.sleep(0.02)


def clear(run_dir: Path) -> None:
    """Forget the state: nothing runs any more."""
    with contextlib.suppress(OSError):
        (run_dir / FILE).unlink()
