"""Finds out whether a port is taken."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Collection

from workshop.settings import HOST, Settings
from workshop.stack.services import Service, console_service, services
from workshop.troubles import troubles

TAKEN_REMEDY = troubles()["port-taken"].remedy


def is_taken(port: int) -> bool:
    """Whether a process listens on 127.0.0.1:`port`, or nothing can listen there."""
    # Connect first: on a Mac, binding succeeds even if a process listens on every address.
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=0.5):
        return True
    # Nothing answers, but the port may be bound, or forbidden. Unlike a plain bind,
    # `create_server` ignores connections that a server left when it ended (TIME_WAIT).
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return True
    return False


def taken(settings: Settings, names: Collection[str]) -> list[Service]:
    """The services in `names` whose port is in use."""
    every = [*services(settings), console_service(settings)]
    return [s for s in every if s.name in names and is_taken(s.port)]


def explain_taken(service: Service) -> str:
    """Which process has the port of a service."""
    from workshop.stack import listeners  # it needs psutil, and usually every port is free

    return listeners.explain(service)
