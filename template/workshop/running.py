"""What runs of this workshop, wherever: as local processes, or in containers."""

from __future__ import annotations

from dataclasses import dataclass

from workshop import containers, ports, run_state
from workshop.run_state import ServiceState
from workshop.services import NAMES
from workshop.settings import Settings


@dataclass(frozen=True)
class Running:
    """The services of one stack."""

    services: dict[str, ServiceState]
    in_docker: bool
    stop: str
    """How to stop them, as a person says it."""


def find(settings: Settings) -> Running | None:
    """The services that run; None when none does."""
    if state := run_state.read(settings.run_dir):
        elsewhere = f", or with Ctrl-C in its terminal (process {state.pid})"
        stop = f"Stop it with workshop down{'' if state.detached else elsewhere}."
        return Running(state.services, False, stop)
    found = containers.services(settings)
    if any(service.state != "stopped" for service in found.values()):
        return Running(found, True, "In containers. Stop them with workshop down.")
    return None


def ill(settings: Settings, found: Running) -> dict[str, ServiceState]:
    """The services that should be ready and are not, by name; missing ones too."""
    has_postgres = found.in_docker and settings.database == "postgresql"
    expected = [*NAMES, *(["postgres"] if has_postgres else [])]
    states = {name: ServiceState(0, "missing") for name in expected} | found.services
    not_ready = {name: service for name, service in states.items() if service.state != "ready"}
    console = not_ready.get("console")
    if console and console.detail.startswith("Exited") and ports.is_taken(console.port):
        del not_ready["console"]  # `workshop console` has taken its place
    return not_ready
