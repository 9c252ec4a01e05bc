"""Prints tables and lines about the running stack."""

from __future__ import annotations

import time
from collections.abc import Container
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from workshop.catalog import Step
from workshop.how_to_run import said
from workshop.moving import identity
from workshop.settings import HOST, Settings
from workshop.stack import console_token
from workshop.stack.supervisor_file import ServiceState
from workshop.stack.told_agent import agent_elsewhere
from workshop.terminal import COLOURS, STATES

if TYPE_CHECKING:  # `status` doesn't always need them
    from rich.table import Table

    from workshop.stack.measurements import Result
    from workshop.stack.running import Running
    from workshop.traces.comparison import Row
    from workshop.troubles import Finding

MOST_OPERATIONS = 50
"""Of two traces, how many to print."""
WIDE = 100
"""Columns of a terminal that has room for each figure."""


def stack(out: Console, settings: Settings, found: Running | None) -> None:
    """Print the addresses of the services, and what to try next."""
    if found is None:
        return
    table = _table("service", "state", "address")
    for name, service in found.services.items():
        scheme = "redis" if name == "redis" else "http"
        table.add_row(
            Text(name, COLOURS.get(name, "")),
            Text(service.state, STATES.get(service.state, "")),
            f"{scheme}://{HOST}:{service.port}" if service.port else "-",
        )
    out.print()
    out.print(table)
    if found.note:
        out.print(found.note, style="yellow", soft_wrap=True)
    if elsewhere := agent_elsewhere(settings):
        out.print(elsewhere, style="yellow", soft_wrap=True)
    elif settings.traces_to and not found.in_docker:
        trouble = _forwarding_trouble(settings)
        told = f"Traces also go to {settings.traces_to}, which hands them on to Datadog."
        out.print(trouble or told, style="yellow" if trouble else "", soft_wrap=True)
    elif settings.backend == "datadog":
        out.print(
            f"Traces go to {settings.site}: {settings.app_url}"
            if found.in_docker
            else "These services keep their traces on this machine. Those of `docker compose up` "
            f"go to {settings.site}.",
            soft_wrap=True,
        )
    if console := found.services.get("console"):
        if console.state == "ready":
            _console_link(out, settings)
        else:
            out.print(f"The console is {console.state}: {console.detail}", style="yellow")
    if settings.forwarded:
        out.print(f"See the app in your browser: {settings.address('web')}/beers", soft_wrap=True)
    web = f"http://{HOST}:{settings.ports.web}"  # as a terminal on this machine reaches it
    out.print(f"Try this in another terminal: curl '{web}/pair/beer?name=ipa'", soft_wrap=True)
    if identity.is_missing(settings.root):
        out.print(identity.WHAT_TO_TYPE, style="yellow", soft_wrap=True)
    out.print()


def status(
    out: Console,
    settings: Settings,
    steps: list[Step],
    done: Container[str],
    found: Running | None,
) -> None:
    """Print whose workshop it is, its step, the finished steps (by slug), and each service."""
    out.print(f"{settings.trainee}, in the session {settings.session}", style="bold")
    step = next((step for step in steps if step.number == settings.step), None)
    if step:
        out.print(f"Step {step.number} of {len(steps)}: {step.title} ({step.page})")
    checked = [str(step.number) for step in steps if step.slug in done]
    out.print(f"Done, according to `workshop check`: {', '.join(checked) or 'none yet'}")
    if found is None:
        out.print("Nothing is running. Start the services: workshop up")
        return
    table = _table("service", "state", "port", "pid", "since", "")
    for name, service in found.services.items():
        table.add_row(
            Text(name, COLOURS.get(name, "")),
            Text(service.state, STATES.get(service.state, "")),
            str(service.port or "-"),
            str(service.pid or service.container[:12] or "-"),
            _since(service),
            service.detail,
        )
    out.print(table)
    if (console := found.services.get("console")) and console.state == "ready":
        _console_link(out, settings)
    if found.note:
        out.print(found.note, style="yellow", soft_wrap=True)
    if elsewhere := agent_elsewhere(settings):
        out.print(elsewhere, style="yellow", soft_wrap=True)
    elif not found.in_docker and (trouble := _forwarding_trouble(settings)):
        out.print(trouble, style="yellow", soft_wrap=True)
    out.print(found.stop)


def _forwarding_trouble(settings: Settings) -> str:
    if not settings.traces_to:
        return ""
    from workshop.stack import forwarding  # it loads what nobody else needs here

    return forwarding.trouble(settings)


def _console_link(out: Console, settings: Settings) -> None:
    link = console_token.link(settings)
    out.print(f"See traces, steps, and more: {link}", style="bold", soft_wrap=True)
    if settings.shared_host:
        has_token = "?" in link
        out.print(
            "Keep that link to yourself: anyone who has it can use your console."
            if has_token
            else "The console asks for a token, but .workshop/console-token is missing, or belongs "
            "to another user. For a new one: workshop down, then workshop up.",
            soft_wrap=True,
        )


def traffic(out: Console, results: list[Result]) -> None:
    """Print how long the requests to each route took."""
    from workshop.stack.traffic import summarise

    table = _table("route", "requests", "errors", "p50", "p95", "max")
    for column in table.columns[1:]:
        column.justify = "right"
    for line in summarise(results):
        table.add_row(
            line.route,
            str(line.requests),
            Text(str(line.errors), "bold red" if line.errors else "dim"),
            *(f"{value:.0f} ms" for value in (line.p50, line.p95, line.max)),
        )
    out.print(table)
    errors = sorted({result.error for result in results if result.error})
    if errors:
        out.print(f"Errors: {', '.join(errors)}", style="red")


def comparison(out: Console, rows: list[Row]) -> None:
    """Print what each operation did in two traces, the one with the largest difference first."""
    headers = ["total ms", *(["self ms"] if out.width >= WIDE else []), "critical ms"]
    table = _table("operation", "service", "", "count", *headers)
    for column in table.columns[3:]:
        column.justify = "right"
        column.no_wrap = True
    for row in rows[:MOST_OPERATIONS]:
        service, _, resource = row.operation
        style = {"faster": "green", "slower": "red"}.get(row.verdict, "dim")
        one, other = row.before, row.after
        figures = [(one.total, other.total), (one.critical, other.critical)]
        if out.width >= WIDE:
            figures.insert(1, (one.own, other.own))
        table.add_row(
            Text(" ".join(resource.split()), no_wrap=True, overflow="ellipsis"),
            Text(service, no_wrap=True, overflow="ellipsis"),
            Text(row.verdict, style),
            _change(str(one.count), str(other.count)),
            *(_change(*(f"{one / 1e6:,.1f}" for one in pair)) for pair in figures),
        )
    out.print(table)
    if len(rows) > MOST_OPERATIONS:
        out.print(f"And {len(rows) - MOST_OPERATIONS:,} more, with smaller differences.")


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} -> {after}"


def finding(out: Console, found: Finding) -> None:
    """Print a finding on one line, and its remedy below it, with each of its lines indented."""
    style = {"ok": "green", "warning": "yellow", "problem": "bold red"}[found.level]
    out.print(Text.assemble((f"{found.level:<8}", style), said(found.what)), soft_wrap=True)
    if found.remedy:
        remedy = found.remedy.replace("\n", f"\n{'':11}")
        out.print(f"{'':8}-> {remedy}", style="bold", soft_wrap=True)


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(header)
    return table


def _since(service: ServiceState) -> str:
    return time.strftime("%H:%M:%S", time.localtime(service.since)) if service.since else ""
