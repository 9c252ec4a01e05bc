"""`workshop doctor` and `key`: check what a workshop needs, and set the API key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from workshop import api_key
from workshop.commands import tables
from workshop.doctor import examine
from workshop.problem import Problem
from workshop.settings import Settings, load
from workshop.stack import running
from workshop.terminal import console

app = typer.Typer()


@app.command()
def doctor(
    pull: Annotated[
        bool,
        typer.Option(
            "--pull",
            help="Prepare this laptop for a session: fetch Docker's images.",
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
    move: Annotated[
        bool, typer.Option("--move", help="Move the key from .env, where your code can read it.")
    ] = False,
) -> None:
    """Set or replace the Datadog API key, in .key/datadog. It asks for it without showing it."""
    if context.args:
        raise Problem(
            "A key does not belong on the command line: the shell's history keeps it, and "
            "everybody on this machine can see it.",
            "Run `workshop key` without it, and paste the key when asked. Also, make a new key.",
        )
    settings = load()
    if settings.container:
        raise Problem(
            "The API key is the agent's alone: this container can't see it, and can't set it.",
            api_key.HOW_WITHOUT_TOOL,
        )
    if move:
        _move(settings)
        return
    if stdin or not sys.stdin.isatty():
        value = sys.stdin.readline()
    else:
        value = typer.prompt("Datadog API key (not shown)", hide_input=True)
    is_new, remark = api_key.write(settings.root, value)
    out = console()
    said = "The key is in .key/datadog now." if is_new else "The key in .key/datadog is replaced."
    out.print(said, soft_wrap=True)
    if remark:
        out.print(f"{remark} If that is what Datadog gave you, all is well.", style="yellow")
    _say_what_makes_it_count(out, settings)


def _move(settings: Settings) -> None:
    out = console()
    found = api_key.move(settings.root)
    if found in ("another", "reference"):
        raise Problem(api_key.NOT_MOVED[found], api_key.HOW_TO_CHOOSE)
    if not found:
        out.print("There is no API key in .env.")
        return
    out.print(api_key.MOVED[found], soft_wrap=True)
    _say_what_makes_it_count(out, settings)


def _say_what_makes_it_count(out: Console, settings: Settings) -> None:
    """Print the command with which the agent reads the key again."""
    if settings.backend != "datadog":
        out.print("This workshop's traces stay on this machine, without a key. To send them to")
        out.print("Datadog, commit your work, and answer `backend` with datadog:")
        out.print(
            "uvx --with copier-template-extensions copier update --trust --defaults "
            "--vcs-ref=:current: --data backend=datadog",
            soft_wrap=True,
        )
        return
    found = running.find(settings)
    if found and not found.in_docker:
        out.print("The services run without Docker now, and their traces stay on this machine.")
        command = "workshop down, and then docker compose up --detach"
    elif found and "agent" in found.services:
        command = "docker compose restart agent"
    else:
        command = "docker compose up --detach"
    out.print(f"To send traces to {settings.site} with it: {command}", soft_wrap=True)
