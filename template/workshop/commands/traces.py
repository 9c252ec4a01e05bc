"""`workshop traffic`, `traces`, and `console`: send requests, and show their traces."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from workshop.commands import tables
from workshop.problem import Problem
from workshop.settings import HOST, load
from workshop.stack import containers, kept_traces, ports, services
from workshop.stack import traffic as requests
from workshop.stack.measurements import MeasuredLog
from workshop.terminal import console
from workshop.traces import comparison, tree_view
from workshop.traces.tree import Trace, fold

app = typer.Typer()


@app.command()
def traffic(
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Requests per second.")] = 5.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="For how many seconds.")] = 10.0,
    path: Annotated[
        list[str] | None,
        typer.Option(help="Request only this, such as /beers. You can repeat the option."),
    ] = None,
) -> None:
    """Send requests to web, mainly pairings, and summarize how long they took."""
    settings = load()
    out = console()
    url = f"http://{HOST}:{settings.ports.web}"
    plan = requests.Plan(url, rate, seconds, tuple(path or ()))
    results = requests.send(plan, console(stderr=True), MeasuredLog(settings.run_dir))
    tables.traffic(out, results)


def _compare(out: Console, before: Trace, after: Trace, everything: bool) -> None:
    if not everything:
        before, after = fold(before), fold(after)
    rows = comparison.compare(before, after)
    tables.comparison(out, rows)
    for text in (*comparison.sentences(before, after, rows), comparison.NOISE):
        out.print(Text(text))


@app.command()
def traces(
    trace_id: Annotated[
        str, typer.Option("--id", help="Show this trace: its ID, or the start or end of it.")
    ] = "",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="A B", help="Compare two traces by their IDs: each operation, before and after."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many of the latest traces.")] = 3,
    everything: Annotated[
        bool, typer.Option("--all", help="Include the framework's own spans, and health checks.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show new traces as they come in.")
    ] = False,
) -> None:
    """Show the latest traces, each as a tree across all services."""
    settings = load()
    out = console()
    if follow:
        try:
            for trace in kept_traces.follow(settings, everything):
                tree_view.show(out, [trace], everything, as_json)
        except KeyboardInterrupt:
            return
    kept = kept_traces.reading(settings)
    if compare:
        one, other = (kept_traces.by_id(settings, wanted, kept) for wanted in compare)
        _compare(out, one, other, everything)
        return
    if trace_id:
        found = [kept_traces.by_id(settings, trace_id, kept)]
    else:
        found = kept_traces.latest(settings, limit, everything, kept)
    tree_view.show(out, found, everything, as_json, kept.left_out)


@app.command("console")
def console_command() -> None:
    """Serve the console for containers from this machine, where it can run checks. Ctrl-C stops it.

    Until then, it replaces the console in the container. `workshop up` includes the console.
    """
    from workshop.console.__main__ import (
        main as serve,
    )  # imported here, because only this command needs it

    settings = load()
    found = containers.services(settings).get("console")
    aside: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if found and found.state != "stopped":
        aside = containers.without(found.container)
    with aside:
        if ports.is_taken(settings.ports.console):
            service = services.console_service(settings)
            raise Problem(ports.explain_taken(service), ports.TAKEN_REMEDY)
        serve(with_token=True)
