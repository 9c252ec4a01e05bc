"""Looks at a process by its number, without psutil where the system itself tells.

Every command asks whether the supervisor runs. Importing psutil for that would take a tenth of the
time of `workshop status`, and some of the memory of a supervisor. So on Linux this reads /proc
itself (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html), with the same results.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROC = Path("/proc")
_IS_LINUX = sys.platform == "linux"
# Fields of /proc/PID/stat after the name, which is in parentheses, and may contain anything.
_STATE, _START = 0, 19


def began(pid: int) -> float | None:
    """When a process began, in seconds since the epoch. None if it is gone, or over."""
    if _IS_LINUX:
        fields = _fields(pid)
        if not fields or fields[_STATE] in "ZX":
            return None
        return _boot_time() + int(fields[_START]) / os.sysconf("SC_CLK_TCK")
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def is_stopped(pid: int) -> bool:
    """Whether a process is suspended, so that it does nothing until it gets SIGCONT."""
    if _IS_LINUX:
        fields = _fields(pid)
        return bool(fields) and fields[_STATE] == "T"
    import psutil

    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def _fields(pid: int) -> list[str]:
    """What the system says about a process. Empty if it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_bytes().decode("utf-8", "replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _boot_time() -> float:
    for line in (PROC / "stat").read_text(encoding="ascii").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    raise OSError(f"{PROC}/stat does not say when the system started")
