"""The state of the services, which the supervisor writes to `.workshop/run.json` for others."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workshop import state_file
from workshop.stack import processes

FILE = "run.json"
OF_CONTAINER = "container-{}.json"
"""The file of a container, which supervises one service. It also names the service."""
LOCK = "lock"
"""A file that the supervisor keeps locked."""
STOPPED = "does not answer: its process is stopped, for example by Ctrl-Z"
END_SECONDS = 8.0


@dataclass
class ServiceState:
    """One service. `state` is starting, ready, failed, waiting, or stopped."""

    port: int
    """On 127.0.0.1, or 0 for a container without a port there."""
    state: str = "starting"
    pid: int | None = None
    since: float = 0.0
    """Seconds since the epoch."""
    detail: str = ""
    ready_at: list[float] = field(default_factory=list)
    """When it became ready, each time, in seconds since the epoch. The latest time is last."""
    container: str = ""
    """Its ID in Docker. Empty for a local process."""


@dataclass
class RunState:
    """One supervisor and its services."""

    pid: int
    created: float
    """When the process began, in seconds since the epoch. The system may reuse the pid."""
    detached: bool = True
    settled: bool = False
    """Whether each service has become ready or failed."""
    services: dict[str, ServiceState] = field(default_factory=dict)
    version: str | None = None
    """The template's version of the tool that started it, or None if it didn't record one."""

    @property
    def is_running(self) -> bool:
        """Whether the supervisor's process still exists."""
        began = processes.began(self.pid)
        return began is not None and abs(began - self.created) < 1


def own(detached: bool, version: str | None = None) -> RunState:
    """A new state for the supervisor in this process."""
    created = processes.began(os.getpid())
    assert created is not None  # it is this one
    return RunState(os.getpid(), created, detached, version=version)


def write(run_dir: Path, state: RunState, name: str = FILE) -> None:
    """Replace the file in one move, so that no reader sees half of it.

    Writes nothing if the folder's owner has moved it, because the file went with it.
    """
    with contextlib.suppress(FileNotFoundError):
        folder = _identity(run_dir)
        state_file.write(run_dir / name, {**asdict(state), "folder": folder})


def read(run_dir: Path) -> RunState | None:
    """The state of a running supervisor, or None if none runs, whatever the file says.

    Another version may have written the file. This ignores fields that it doesn't know, and
    replaces missing ones with defaults. If the file doesn't even name a process, the supervisor is
    the process that holds the lock of this stack.
    """
    path = run_dir / FILE
    data = state_file.read(path)
    if isinstance(data, dict) and data.get("folder") not in (None, _identity(run_dir)):
        return None  # it came with a copied folder, and describes the original
    known = state_file.known(RunState, data)
    if known.keys() >= {"pid", "created"}:
        services = data.get("services")
        found = services.items() if isinstance(services, dict) else ()
        entries = {str(name): state_file.known(ServiceState, entry) for name, entry in found}
        known["services"] = {name: ServiceState(**{"port": 0, **e}) for name, e in entries.items()}
        state = RunState(**known)
        return state if state.is_running else None
    return _holder(run_dir / LOCK) if path.exists() else None


def _holder(lock: Path) -> RunState | None:
    """The process that holds a lock, with what the lock can tell about it, or None."""
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
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and any(
                Path(file.path) == lock.resolve() for file in process.open_files()
            ):
                return RunState(process.pid, process.create_time())
    return None


def _identity(folder: Path) -> str:
    """Identifies a folder: it keeps this if it is moved, and copies get another one."""
    status = folder.stat()
    return f"{status.st_dev}:{status.st_ino}"


def end(state: RunState) -> None:
    """End the supervisor, and return when it is gone. Raises PermissionError.

    If it takes too long, this kills it, and its services end on their own a moment later.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + END_SECONDS
        with contextlib.suppress(ProcessLookupError):
            if state.is_running:
                os.kill(state.pid, number)
                # After Ctrl-Z, for example, it gets no SIGTERM until it resumes.
                os.kill(state.pid, signal.SIGCONT)
        while state.is_running and time.monotonic() < deadline:
            time.sleep(0.02)


def of_container(run_dir: Path, service: str, seconds: float | None = None) -> ServiceState | None:
    """What a container recorded about a service, at most `seconds` ago, or at any time, or None."""
    data = state_file.read(run_dir / OF_CONTAINER.format(service))
    created = data.get("created") if isinstance(data, dict) else None
    is_old = not isinstance(created, int | float) or time.time() - created > (seconds or 0)
    if seconds is not None and is_old:
        return None
    services = data.get("services") if isinstance(data, dict) else None
    entry = services.get(service) if isinstance(services, dict) else None
    known = state_file.known(ServiceState, entry)
    return ServiceState(**{"port": 0, **known}) if known else None


def clear(run_dir: Path, name: str = FILE) -> None:
    """Delete the state, because nothing runs anymore."""
    with contextlib.suppress(OSError):
        (run_dir / name).unlink()
