"""`workshop down` and `status`: stop the services, and list them."""

from __future__ import annotations

import threading

import typer

from workshop.check import progress
from workshop.commands import tables
from workshop.moving import glance
from workshop.moving.releases import Release
from workshop.problem import Problem
from workshop.settings import Settings, load, steps
from workshop.stack import running, supervisor_file
from workshop.terminal import console

app = typer.Typer()


@app.command()
def down() -> None:
    """Stop the services, wherever they run."""
    settings = load()
    require_own_machine(settings)
    state = supervisor_file.read(settings.run_dir)
    if state is None:
        from workshop.stack import containers

        if not containers.services(settings):
            console().print("Nothing is running.")
            return
        containers.down(settings)
        console().print("All containers are stopped and removed.")
        return
    try:
        supervisor_file.end(state)
    except PermissionError as error:
        raise Problem(
            f"The services belong to another user (pid {state.pid}).", "Ask them to stop it."
        ) from error
    supervisor_file.clear(settings.run_dir)
    console().print("All services are stopped.")


@app.command()
def status() -> None:
    """Show whose workshop this is, its step, what runs, and whether there is an update."""
    settings = load()
    releases: list[Release | None] = []
    # Meanwhile, because it waits for another machine.
    looking = threading.Thread(target=lambda: releases.append(glance.newer(settings.root)))
    looking.start()
    catalogue = steps(settings.root)
    done = progress.done(settings.run_dir)
    out = console()
    tables.status(out, settings, catalogue, done, running.find(settings))
    if said := _about_sharing(settings):
        out.print(said, soft_wrap=True)
    looking.join()
    if any(releases):
        out.print(f"A newer version of the workshop is available ({releases[0]}): workshop update")


def _about_sharing(settings: Settings) -> str:
    """A sentence about sharing the record. Empty if this workshop shares nothing."""
    if not settings.share_progress:
        return ""
    from workshop.record import share  # most workshops don't need it, and wait for it

    return share.state(settings)[1]


def require_own_machine(settings: Settings) -> None:
    """Refuse to start or stop the services from one of their containers, which can't do that."""
    if settings.container:
        raise Problem(
            "You can't start or stop the containers from inside of one.",
            "On your own machine, run `docker compose up` or `docker compose down` in this folder.",
        )
