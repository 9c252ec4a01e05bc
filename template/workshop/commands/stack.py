"""`workshop down` and `status`: stop the services, and list them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psutil
import typer

from workshop.check import progress
from workshop.commands import tables
from workshop.moving import versions
from workshop.problem import Problem
from workshop.record import share
from workshop.settings import Settings, load, steps
from workshop.stack import containers, running, supervisor_file
from workshop.terminal import console

app = typer.Typer()


@app.command()
def down() -> None:
    """Stop the services, wherever they run."""
    settings = load()
    require_own_machine(settings)
    state = supervisor_file.read(settings.run_dir)
    if state is None:
        if not containers.services(settings):
            console().print("Nothing is running.")
            return
        containers.down(settings)
        console().print("All containers are stopped and removed.")
        return
    try:
        supervisor_file.end(state)
    except psutil.AccessDenied as error:
        raise Problem(
            f"The services belong to another user (pid {state.pid}).", "Ask them to stop it."
        ) from error
    supervisor_file.clear(settings.run_dir)
    console().print("All services are stopped.")


@app.command()
def status() -> None:
    """Show whose workshop this is, its step, what runs, and whether there is an update."""
    settings = load()
    # Meanwhile, because it waits for another machine.
    with ThreadPoolExecutor(max_workers=1) as pool:
        glance = pool.submit(versions.glance, settings.root)
        catalogue = steps(settings.root)
        done = progress.done(settings.run_dir)
        out = console()
        tables.status(out, settings, catalogue, done, running.find(settings))
        if said := share.state(settings)[1]:
            out.print(said, soft_wrap=True)
        release = glance.result()
    if release:
        out.print(f"A newer version of the workshop is available ({release}): workshop update")


def require_own_machine(settings: Settings) -> None:
    """Refuse to start or stop the services from one of their containers, which can't do that."""
    if settings.container:
        raise Problem(
            "You can't start or stop the containers from inside of one.",
            "On your own machine, run `docker compose up` or `docker compose down` in this folder.",
        )
