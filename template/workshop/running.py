"""What runs of this workshop, wherever: as local processes, or in containers."""

from __future__ import annotations

from dataclasses import dataclass

from workshop import containers, run_state
from workshop.run_state import ServiceState
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
