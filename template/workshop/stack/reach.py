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
TAKEN_OVER = "taken-over"
"""A file with a sentence, if another copy of this workshop used these containers before."""
FRESH_SECONDS = 20.0
"""What web's container recorded longer ago than this no longer counts."""


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


def note(settings: Settings) -> str:
    """What is unusual about the containers as a whole, in sentences, or nothing."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (settings.run_dir / TAKEN_OVER).read_text(encoding="utf-8")
    return ""


def _service(settings: Settings, name: str) -> ServiceState:
    is_real_agent = name == "agent" and "forward" in settings.urls
    if name in ("redis", "postgres") or is_real_agent:
        return _seen_by_others(settings, "forward" if is_real_agent else name)
    state = supervisor_file.of_container(settings.run_dir, name) or ServiceState(0, "stopped")
    is_there = name == "console" or answers(settings.url("agent" if name == "view" else name))
    state.port = getattr(settings.ports, "agent" if name == "view" else name)
    state.pid = None  # it means nothing outside of that container
    if is_there:
        state.state = "ready"
    elif state.state == "ready":
        state.state, state.detail = "stopped", "its container doesn't answer"
    return state


def _seen_by_others(settings: Settings, name: str) -> ServiceState:
    """A service whose state the container that needs it records."""
    state = supervisor_file.of_container(settings.run_dir, name, FRESH_SECONDS)
    if state is None:
        return ServiceState(0, "stopped", detail="nobody who needs it runs")
    if name == "forward" and state.state == "stopped":
        state.detail = " ".join(AGENT_IS_AWAY)
    return state
