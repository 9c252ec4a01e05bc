"""Finds out which process has a port."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import psutil

from workshop.stack.services import Service


def explain(service: Service) -> str:
    """Which process has the port of a service."""
    process = _listener(service.port)
    who = _describe(process) if process else ""
    if not who and service.port == 5000 and sys.platform == "darwin":
        who = "AirPlay Receiver, most likely: System Settings > General > AirDrop & Handoff"
    said = f"Port {service.port}, for {service.name}, is taken" + (f" by {who}." if who else ".")
    return f"{said} {_whose(process, service)}".rstrip() if process else said


def _describe(process: psutil.Process) -> str:
    where = ""
    with contextlib.suppress(psutil.Error):
        where = f", in {process.cwd()}"
    return f"{process.name()} (pid {process.pid}{where})"


def _whose(process: psutil.Process, service: Service) -> str:
    """What the process is, if it belongs to this workshop or another one."""
    try:
        root = _root(Path(process.cwd()))
        if not (root / "workshop" / "settings.toml").is_file():
            return ""
    except (psutil.Error, OSError):
        return ""
    if root != _root(service.cwd):
        return "That is another workshop: `workshop down` in its folder ends it."
    return (
        "It was started by hand, in this folder: end it with Ctrl-C in its terminal, or with "
        f"`kill {process.pid}`. `workshop up` runs web and taster for you."
    )


def _root(folder: Path) -> Path:
    """The repository of a service that runs in its folder or in its `.workshop`."""
    return folder.parent if folder.name == ".workshop" else folder


def _listens(connection: object, port: int) -> bool:
    address = getattr(connection, "laddr", None)
    is_listening = getattr(connection, "status", "") == psutil.CONN_LISTEN
    return bool(is_listening and address and address.port == port)


def _listener(port: int) -> psutil.Process | None:
    """The process that listens on the port, if this user can see it."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):  # only root may ask this on a Mac; ask for our own processes
        connections = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if any(_listens(c, port) for c in process.net_connections("tcp")):
                    return process
    for connection in connections:
        if _listens(connection, port) and connection.pid:
            with contextlib.suppress(psutil.Error):
                return psutil.Process(connection.pid)
    return None
