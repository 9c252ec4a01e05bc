"""Finds this workshop's running services, as local processes or in containers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workshop.settings import Settings, version
from workshop.stack import processes, supervisor_file
from workshop.stack.supervisor_file import RunState, ServiceState

NAMES = ("agent", "redis", "taster", "web")
"""The services of a stack, without the console."""
STOP_CONTAINERS = "In containers. Stop them on your own machine with docker compose down."


@dataclass(frozen=True)
class Running:
    """The services of one stack."""

    services: dict[str, ServiceState]
    in_docker: bool
    stop: str
    """How to stop them, in a sentence."""
    note: str = ""
    """What is unusual about the stack as a whole, and what to do about it."""


def find(settings: Settings) -> Running | None:
    """The services that run, or None."""
    if settings.container:
        from workshop.stack import reach

        return Running(reach.services(settings), True, STOP_CONTAINERS, reach.note(settings))
    if state := supervisor_file.read(settings.run_dir):
        elsewhere = f", or with Ctrl-C in its terminal (process {state.pid})"
        stop = f"Stop them with workshop down{'' if state.detached else elsewhere}."
        services = {name: _as_it_is(service) for name, service in state.services.items()}
        if not services:  # another version started it, and records them differently
            ports_of = {name: getattr(settings.ports, name) for name in (*NAMES, "console")}
            services = {name: ServiceState(port, "unknown") for name, port in ports_of.items()}
        return Running(services, False, stop, _note(state, version(settings.root)))
    from workshop.stack import containers  # usually, no command has to wait for it

    found = containers.services(settings)
    if any(service.state != "stopped" for service in found.values()):
        return Running(found, True, "In containers. Stop them with workshop down.")
    return None


def _as_it_is(service: ServiceState) -> ServiceState:
    """A service with the current state of its process, which the supervisor may not know yet."""
    if service.state == "ready" and service.pid and processes.is_stopped(service.pid):
        return replace(service, state="failed", detail=supervisor_file.STOPPED)
    return service


def _note(state: RunState, now: str) -> str:
    if processes.is_stopped(state.pid):
        return (
            f"The process that runs the services ({state.pid}) is stopped, for example by Ctrl-Z: "
            "type fg in its terminal."
        )
    if state.version == now:
        return ""
    version_then = f" ({state.version})" if state.version else ""
    version_now = f"; it is {now} now" if now else ""
    return (
        f"Another version of the workshop started this{version_then}{version_now}. "
        "Restart it: workshop down, then workshop up."
    )


def ill(settings: Settings, found: Running) -> dict[str, ServiceState]:
    """The services that should be ready but aren't, by name, including missing ones."""
    has_postgres = found.in_docker and settings.database == "postgresql"
    expected = [*NAMES, *(["postgres"] if has_postgres else [])]
    states = {name: ServiceState(0, "missing") for name in expected} | found.services
    return {name: service for name, service in states.items() if service.state != "ready"}
