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
    where: str
    """As a person says it, with how to stop them."""


def find(settings: Settings) -> Running | None:
    """The services that run; None when none does."""
    if state := run_state.read(settings.run_dir):
        where = (
            "In the background; stop it with workshop down."
            if state.detached
            else f"In the terminal of process {state.pid}; stop it there with Ctrl-C, or here with "
            "workshop down."
        )
        return Running(state.services, False, where)
    found = containers.services(settings)
    if any(service.state != "stopped" for service in found.values()):
        return Running(found, True, "In containers; stop them with workshop down.")
    return None
