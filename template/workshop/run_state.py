"""What is running, as the supervisor writes it to `.workshop/run.json` for the other commands."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from workshop import state_file

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
    detached: bool
    settled: bool = False
    """Whether every service has had its chance to become ready."""
    services: dict[str, ServiceState] = field(default_factory=dict)

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


def own(detached: bool) -> RunState:
    """A new state for the supervisor in this process."""
    return RunState(os.getpid(), psutil.Process().create_time(), detached)


def write(run_dir: Path, state: RunState) -> None:
    """Replace run.json in one move, so that no reader sees half of it."""
    state_file.write(run_dir / "run.json", {**asdict(state), "folder": _identity(run_dir)})


def read(run_dir: Path) -> RunState | None:
    """The state of a supervisor that is alive; None when there is none, whatever the file says."""
    try:
        data = state_file.read(run_dir / "run.json")
        if data.pop("folder", None) not in (None, _identity(run_dir)):
            return None  # it came with a copy of another workshop's folder, and is about that one
        services = {name: ServiceState(**entry) for name, entry in data.pop("services").items()}
        state = RunState(**data, services=services)
    except (TypeError, KeyError, AttributeError):
        return None
    return state if state.process() else None


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
        while state.process() and time.monotonic() < deadline:
            time.sleep(0.02)


def clear(run_dir: Path) -> None:
    """Forget the state: nothing runs any more."""
    (run_dir / "run.json").unlink(missing_ok=True)
