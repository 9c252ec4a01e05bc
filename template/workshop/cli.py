"""The commands: what a trainee types, and what is printed in answer."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from typing import Annotated

import psutil
import typer

from workshop import api_key, locks, progress, settings
from workshop.commands import check, cost, tables
from workshop.commands import moving as moving_commands
from workshop.commands.in_words import ProblemsInWords
from workshop.doctor import examine
from workshop.moving import git_environment, versions
from workshop.problem import Problem
from workshop.settings import Settings
from workshop.stack import (
    console_token,
    containers,
    daemon,
    ports,
    running,
    services,
    shell,
    supervisor_file,
    traffic,
)
from workshop.stack.measurements import MeasuredLog
from workshop.stack.running import Running
from workshop.stack.supervisor import Supervisor
from workshop.stack.supervisor_file import ServiceState
from workshop.terminal import LogView, console, tolerate_any_text
from workshop.traces import find, tree_view

app = typer.Typer(
    name="workshop",
    help="Run the matchmaker and look at its traces.",
    cls=ProblemsInWords,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(moving_commands.app)


def main() -> None:
    """The entry point of the `workshop` script."""
    tolerate_any_text()
    for name in git_environment.MISLEADING:
        os.environ.pop(name, None)
    services.keep_from_proxies()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # and is not ignored, as by `nohup`
            signal.signal(number, _exit)
    app(prog_name="workshop")


def _exit(number: int, frame: object) -> None:
    """End in an orderly way: what a command has begun on disk, such as a check, is taken away."""
    sys.exit(128 + number)


@app.command()
def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Run in the background; `down` stops it.")
    ] = False,
    docker: Annotated[
        bool, typer.Option("--docker", help="In containers, as `docker compose up` does.")
    ] = False,
) -> None:
    """Start the four services and the console, with their logs in one view. Ctrl-C stops them.

    A service whose file you save is started again by itself.
    """
    chosen = settings.load()
    out = console()
    wrong = shell.wrong_names_in_dotenv(settings.dotenv(chosen.root)) | shell.wrong_names()
    for what, remedy in wrong.items():
        out.print(f"{what} {remedy}", style="yellow", soft_wrap=True)
    found = running.find(chosen)
    if found and not (docker and found.in_docker and running.ill(chosen, found)):
        _already_up(chosen, found)
        return
    if docker:
        _up_in_docker(chosen, found.services if found else {}, detach)
        return
    if detach:
        with out.status("starting web, taster, redis, agent and the console"):
            daemon.start(chosen)
        tables.stack(out, chosen, running.find(chosen))
        out.print("In the background; the logs are in .workshop/*.log. Stop it: workshop down")
        return
    lock = locks.hold(chosen.run_dir / "lock")
    if lock is None:
        raise Problem("Another `workshop up` is starting.", "Look at `workshop status`.")
    console_token.renew(chosen)
    view = LogView(out, lambda: supervisor.request_stop("nobody reads this any more"))
    stack = [*services.services(chosen), services.console(chosen)]
    supervisor = Supervisor(chosen, view.say, stack=stack)
    daemon.stop_on_signals(supervisor)
    supervisor.run(
        lambda: tables.stack(out, supervisor.settings, running.find(chosen)),
        parent=psutil.Process().ppid(),
    )
    out.print("All services are stopped.")


def _up_in_docker(chosen: Settings, found: Mapping[str, ServiceState], detach: bool) -> None:
    containers.engine()
    if taken := ports.taken(chosen, containers.unpublished(chosen, found)):
        raise Problem("\n".join(map(ports.explain_taken, taken)), ports.TAKEN_REMEDY)
    if not found:
        console_token.renew(chosen)
    out = console()
    if not detach:
        if chosen.shared_host:
            out.print(f"The console, once it runs: {console_token.link(chosen)}", soft_wrap=True)
        raise typer.Exit(containers.run(chosen))
    with out.status("starting the containers; the first time takes a few minutes"):
        containers.start(chosen)
    tables.stack(out, chosen, running.find(chosen))
    out.print("Their logs: docker compose logs --follow web. Stop them: workshop down")


def _already_up(chosen: Settings, found: Running) -> None:
    moved = [
        name
        for name, service in found.services.items()
        if service.port and name != "view" and service.port != getattr(chosen.ports, name)
    ]
    if moved:
        raise Problem(
            f"The services are up, but on other ports than this repository's: {', '.join(moved)}.",
            "Stop them with `workshop down`, then `workshop up` again.",
        )
    out = console()
    out.print(f"The services are up already. {found.stop}")
    tables.stack(out, chosen, found)


@app.command()
def down() -> None:
    """Stop the services, wherever they run."""
    chosen = settings.load()
    state = supervisor_file.read(chosen.run_dir)
    if state is None:
        if not containers.services(chosen):
            console().print("Nothing is running.")
            return
        containers.down(chosen)
        console().print("All containers are stopped and removed.")
        return
    try:
        supervisor_file.end(state)
    except psutil.AccessDenied as error:
        raise Problem(
            f"The services belong to another user (pid {state.pid}).", "Ask them to stop it."
        ) from error
    supervisor_file.clear(chosen.run_dir)
    console().print("All services are stopped.")


@app.command()
def status() -> None:
    """Say whose workshop this is, at which step, what runs, and if there is an update."""
    chosen = settings.load()
    catalogue = settings.steps(chosen.root)
    done = progress.done(chosen.run_dir)
    out = console()
    tables.status(out, chosen, catalogue, done, running.find(chosen))
    if release := versions.glance(chosen.root):
        out.print(f"A newer version of the workshop is there ({release}): workshop update")


@app.command("traffic")
def traffic_command(
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Requests a second.")] = 5.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="For how long.")] = 10.0,
    path: Annotated[
        list[str] | None,
        typer.Option(help="Ask for this only, such as /beers; may be given several times."),
    ] = None,
) -> None:
    """Send requests to web, mostly pairings, and sum up how long they took."""
    chosen = settings.load()
    out = console()
    url = f"http://{services.HOST}:{chosen.ports.web}"
    plan = traffic.Plan(url, rate, seconds, tuple(path or ()))
    results = traffic.run(plan, console(stderr=True), MeasuredLog(chosen.run_dir))
    tables.traffic(out, results)


@app.command()
def traces(
    trace_id: Annotated[
        str, typer.Option("--id", help="This one: its id, or how that begins or ends.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many of the latest.")] = 3,
    everything: Annotated[
        bool, typer.Option("--all", help="With the framework's own spans, and health checks.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come in.")] = False,
) -> None:
    """Show the latest traces, each as a tree across all services."""
    chosen = settings.load()
    out = console()
    if follow:
        try:
            for trace in find.follow(chosen, everything):
                tree_view.show(out, [trace], everything, as_json)
        except KeyboardInterrupt:
            return
    reading = find.kept(chosen)
    if trace_id:
        found = [find.by_id(chosen, trace_id, reading)]
    else:
        found = find.latest(chosen, limit, everything, reading)
    tree_view.show(out, found, everything, as_json, reading.left_out)


@app.command("console")
def console_command() -> None:
    """Serve the console for containers from here, where it can run checks. Ctrl-C stops it.

    Until then it takes the place of the console in a container. `workshop up` has it with it.
    """
    from workshop.console.__main__ import main as serve  # no other command needs all of it

    chosen = settings.load()
    found = containers.services(chosen).get("console")
    aside: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if found and found.state != "stopped":
        aside = containers.without(found.container)
    with aside:
        if ports.is_taken(chosen.ports.console):
            service = services.console(chosen)
            raise Problem(ports.explain_taken(service), ports.TAKEN_REMEDY)
        serve(with_token=True)


@app.command("doctor")
def doctor_command(
    pull: Annotated[
        bool,
        typer.Option(
            "--pull",
            help="Prepare this laptop for a session: "
            "fetch the template's copy, and Docker's images.",
        ),
    ] = False,
) -> None:
    """Look at what usually goes wrong, and say how to mend what did."""
    chosen = settings.load()
    out = console()
    findings = []
    for finding in examine.examine(chosen, pull=pull):
        tables.finding(out, finding)
        findings.append(finding)
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)
    if pull:
        out.print("This laptop is ready for the session.", style="bold green")


@app.command("key", context_settings={"allow_extra_args": True})
def key_command(
    context: typer.Context,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input; no questions.")
    ] = False,
) -> None:
    """Set or replace the Datadog API key in .env. It is asked for, and not shown."""
    if context.args:
        raise Problem(
            "A key does not belong on the command line: the shell's history keeps it, and "
            "everybody on this machine can see it.",
            "Type `workshop key` alone, and paste it when asked. Better make a new key, too.",
        )
    chosen = settings.load()
    if stdin or not sys.stdin.isatty():
        value = sys.stdin.readline()
    else:
        value = typer.prompt("Datadog API key (not shown)", hide_input=True)
    is_new = api_key.write(chosen.root, value.strip())
    out = console()
    out.print("The key is in .env now." if is_new else "The key in .env is replaced.")
    if chosen.backend == "datadog":
        out.print(f"To send traces to {chosen.site} with it: docker compose up --detach")
    else:
        out.print("This workshop's traces stay on this machine, without a key. To send them to")
        out.print("Datadog, answer `backend` with datadog: copier update --vcs-ref=:current:")


app.command("check")(check.check)
app.command("watch")(check.watch)
app.command("cost")(cost.cost_command)


if __name__ == "__main__":
    main()
