"""`workshop up`: starts the services."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

import typer

from workshop import api_key, state_file
from workshop.commands import tables
from workshop.commands.stack import require_own_machine
from workshop.problem import Problem
from workshop.settings import Settings, dotenv, load
from workshop.stack import (
    console_token,
    containers,
    daemon,
    forwarding,
    ports,
    running,
    services,
    shell,
    supervisor_file,
)
from workshop.stack.running import Running
from workshop.stack.supervisor import Supervisor
from workshop.stack.supervisor_file import ServiceState
from workshop.terminal import LogView, console

app = typer.Typer()


@app.command()
def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Run in the background. `down` stops it.")
    ] = False,
    docker: Annotated[
        bool, typer.Option("--docker", help="Run in containers, as `docker compose up` does.")
    ] = False,
) -> None:
    """Start the four services and the console, with their logs in one view. Ctrl-C stops them.

    When you save a service's file, the service restarts by itself.
    """
    settings = load()
    require_own_machine(settings)
    out = console()
    if moved := api_key.tidied(settings.root):
        out.print(moved, style="yellow", soft_wrap=True)
    wrong = shell.wrong_names_in_dotenv(dotenv(settings.root)) | shell.wrong_names()
    for what, remedy in wrong.items():
        out.print(f"{what} {remedy}", style="yellow", soft_wrap=True)
    found = running.find(settings)
    if found and not (docker and found.in_docker and running.ill(settings, found)):
        _already_up(settings, found)
        return
    if docker:
        _up_in_docker(settings, found.services if found else {}, detach)
        return
    forwarding.require_other(settings)
    if detach:
        with out.status("starting web, taster, redis, agent, and the console"):
            daemon.start(settings)
        tables.stack(out, settings, running.find(settings))
        out.print("Running in the background. Logs: .workshop/*.log. To stop: workshop down")
        return
    lock = state_file.lock(settings.run_dir / supervisor_file.LOCK)
    if lock is None:
        raise Problem("Another `workshop up` is starting.", "Look at `workshop status`.")
    console_token.renew(settings)
    view = LogView(out, lambda: supervisor.request_stop("nobody reads this anymore"))
    stack = [*services.services(settings), services.console_service(settings)]
    supervisor = Supervisor(settings, view.say, stack=stack)
    daemon.stop_on_signals(supervisor)
    supervisor.run(
        lambda: tables.stack(out, supervisor.settings, running.find(settings)),
        parent=os.getppid(),
    )
    out.print("All services are stopped.")


def _up_in_docker(settings: Settings, found: Mapping[str, ServiceState], detach: bool) -> None:
    containers.engine()
    containers.require_own(settings)
    if taken := ports.taken(settings, containers.unpublished(settings, found)):
        raise Problem("\n".join(map(ports.explain_taken, taken)), ports.TAKEN_REMEDY)
    if not found:
        console_token.renew(settings)
    out = console()
    if not detach:
        if settings.shared_host:
            out.print(f"The console, once it runs: {console_token.link(settings)}", soft_wrap=True)
        raise typer.Exit(containers.run_attached(settings))
    with out.status("starting the containers; the first time takes a few minutes"):
        containers.start(settings)
    tables.stack(out, settings, running.find(settings))
    out.print("Their logs: docker compose logs --follow web. To stop: workshop down")
    if settings.backend == "datadog" and not _has_key(settings):
        out.print(
            "The agent has no API key, so traces stay on this machine. To save one: workshop key",
            style="yellow",
            soft_wrap=True,
        )


def _has_key(settings: Settings) -> bool:
    """Whether the agent finds a key. If its file can't be read, `workshop doctor` says why."""
    try:
        return bool(api_key.read(settings.root).text)
    except Problem:
        return False


def _already_up(settings: Settings, found: Running) -> None:
    moved = [
        name
        for name, service in found.services.items()
        if service.port and name != "view" and service.port != getattr(settings.ports, name)
    ]
    if moved:
        raise Problem(
            f"The services are up, but not on this repository's ports: {', '.join(moved)}.",
            "Stop them with `workshop down`, then `workshop up` again.",
        )
    out = console()
    out.print(f"The services are up already. {found.stop}")
    tables.stack(out, settings, found)
