"""The `workshop` command: its list of commands, and what they all do."""

from __future__ import annotations

import os
import signal
import sys

import typer

from workshop.commands import check, cost, doctor, moving, stack, start_with, traces
from workshop.commands.in_words import ProblemsInWords
from workshop.moving import git_environment
from workshop.stack import services
from workshop.terminal import tolerate_any_text

GROUPS = (stack, traces, doctor, check, cost, moving, start_with)
"""Each has an `app` with its commands. `--help` lists them in this order."""

app = typer.Typer(
    name="workshop",
    help="Run the matchmaker and look at its traces.",
    cls=ProblemsInWords,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in GROUPS:
    app.add_typer(group.app)


def main() -> None:
    """The entry point of the `workshop` script."""
    tolerate_any_text()
    for name in git_environment.MISLEADING:
        os.environ.pop(name, None)
    services.keep_from_proxies()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # and not ignored, for example by `nohup`
            signal.signal(number, _exit)
    app(prog_name="workshop")


def _exit(number: int, frame: object) -> None:
    """Exit cleanly, so that a command removes its temporary files, such as those of a check."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
