"""`workshop doctor` and `key`: check what a workshop needs, and set the API key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workshop import api_key
from workshop.commands import tables
from workshop.doctor import examine
from workshop.problem import Problem
from workshop.settings import load
from workshop.terminal import console

app = typer.Typer()


@app.command()
def doctor(
    pull: Annotated[
        bool,
        typer.Option(
            "--pull",
            help="Prepare this laptop for a session: "
            "fetch the template's copy, and Docker's images.",
        ),
    ] = False,
) -> None:
    """Check what usually goes wrong, and say how to fix it."""
    settings = load()
    out = console()
    findings = []
    for finding in examine.examine(settings, pull=pull):
        tables.finding(out, finding)
        findings.append(finding)
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)
    if pull and not settings.container:
        out.print("This laptop is ready for the session.", style="bold green")


@app.command(context_settings={"allow_extra_args": True})
def key(
    context: typer.Context,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the key from standard input, without asking.")
    ] = False,
) -> None:
    """Set or replace the Datadog API key in .env. It asks for the key without showing it."""
    if context.args:
        raise Problem(
            "A key does not belong on the command line: the shell's history keeps it, and "
            "everybody on this machine can see it.",
            "Run `workshop key` without it, and paste the key when asked. Also, make a new key.",
        )
    settings = load()
    if stdin or not sys.stdin.isatty():
        value = sys.stdin.readline()
    else:
        value = typer.prompt("Datadog API key (not shown)", hide_input=True)
    is_new = api_key.write(settings.root, value.strip())
    out = console()
    out.print("The key is in .env now." if is_new else "The key in .env is replaced.")
    if settings.backend == "datadog":
        out.print(f"To send traces to {settings.site} with it: docker compose up --detach")
    else:
        out.print("This workshop's traces stay on this machine, without a key. To send them to")
        out.print("Datadog, answer `backend` with datadog: copier update --vcs-ref=:current:")
