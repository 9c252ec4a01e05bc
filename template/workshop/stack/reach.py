"""Finds out which services answer, from inside of a container, where nothing else tells."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

from workshop.settings import Settings
from workshop.stack import supervisor_file
from workshop.stack.supervisor_file import ServiceState

SECONDS = 1.0
AGENT_IS_AWAY = (
    "Datadog's Agent doesn't answer, so your traces stay on this machine.",
    "Most likely it has no API key: save your key in .key/datadog, then run "
    "`docker compose restart agent`. Its own words: `docker compose logs agent`.",
)
"""What is wrong, and what to do."""


def answers(url: str) -> bool:
    """Whether something accepts a connection there. It sends nothing that a log would show."""
    parts = urlsplit(url)
    with (
        contextlib.suppress(OSError),
        socket.create_connection((parts.hostname, parts.port), SECONDS),
    ):
        return True
    return False


def services(settings: Settings) -> dict[str, ServiceState]:
    """The services of the stack whose console's container this is.

    web's container records the services that only web can reach.
    """
    is_handed_on = "forward" in settings.urls
    names = ["web", "taster", "redis", "agent", *(["view"] if is_handed_on else []), "console"]
    if settings.database == "postgresql":
        names.insert(3, "postgres")
    return {name: _service(settings, name) for name in names}


def _service(settings: Settings, name: str) -> ServiceState:
    if name in ("redis", "postgres"):
        return supervisor_file.of_container(settings.run_dir, name) or ServiceState(0, "starting")
    is_real_agent = name == "agent" and "forward" in settings.urls
    key = "forward" if is_real_agent else "agent" if name == "view" else name
    recorded = supervisor_file.of_container(settings.run_dir, name) or ServiceState(0, "stopped")
    recorded.port = getattr(settings.ports, "agent" if name == "view" else name)
    if is_real_agent:
        recorded.port = 0
    if name == "console" or answers(settings.url(key)):
        recorded.state, recorded.detail = "ready", ""
    elif is_real_agent:
        recorded.state, recorded.detail = "stopped", " ".join(AGENT_IS_AWAY)
    elif recorded.state == "ready":
        recorded.state, recorded.detail = "stopped", "its container doesn't answer"
    return recorded
