"""`workshop traffic` and `traces`: send requests, and show their traces."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from workshop.commands import tables
from workshop.problem import Problem
from workshop.settings import load
from workshop.stack import kept_traces
from workshop.stack import traffic as requests
from workshop.stack.measurements import MeasuredLog
from workshop.terminal import console
from workshop.traces import comparison, tree_view
from workshop.traces.query import UnreadableQueryError
from workshop.traces.search import Search
from workshop.traces.tree import Trace, fold

app = typer.Typer()

ALONE = {
    "--compare": ("--json", "--search", "--id", "--follow"),
    "--search": ("--id",),
    "--follow": ("--id",),
}
"""The options of `workshop traces` that others would have no effect on, with those others."""


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
    web, address = settings.url("web"), settings.address("web")
    plan = requests.Plan(web, rate, seconds, tuple(path or ()), address)
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
    search: Annotated[
        str, typer.Option("--search", "-s", metavar="QUERY", help="Show only traces that match.")
    ] = "",
) -> None:
    """Show the latest traces, each as a tree across all services.

    --search looks at every span of a trace. Each term has to match one of them:

    \b
    ZREVRANGE, 500         a word or a number in a name, a resource, or a tag
    service:redis          also resource:, operation:, and type:
    resource:"GET /beers"  a value with spaces
    status:error           the request failed. Also status:ok, status:500
    error:ValueError       an error anywhere, even one that the code handled
    @beer:ipa, @beer:*     a tag. An asterisk stands for any characters.
    >200ms, <1s            how long the trace took
    service:taster >40ms   how long a span of that service took. Also with status:error
    trace_id:, span_id:    a whole ID, hexadecimal or decimal
    -service:redis         no span of that service
    redis OR sqlite        one of them. Parentheses group terms.

    Write a search in single quotation marks: --search 'service:taster >40ms'
    """
    given = {
        "--compare": compare is not None,
        "--search": bool(search),
        "--follow": follow,
        "--id": bool(trace_id),
        "--json": as_json,
    }
    for option, others in ALONE.items():
        if given[option] and (both := [other for other in others if given[other]]):
            raise typer.BadParameter(
                f"it can't be combined with {' or '.join(both)}", param_hint=option
            )
    wanted = _readable(search)
    settings = load()
    out = console()
    if follow:
        try:
            for trace in kept_traces.follow(settings, everything, wanted):
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
        found = kept_traces.latest(settings, limit, everything, kept, wanted)
    tree_view.show(out, found, everything, as_json, kept.left_out)


def _readable(search: str) -> Search | None:
    try:
        return Search(search) if search.strip() else None
    except UnreadableQueryError as error:
        raise Problem(str(error), "For examples, run `workshop traces --help`.") from error
