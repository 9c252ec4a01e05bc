"""The `workshop` command: its list of commands, and what they all do."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from workshop.commands.in_words import ProblemsInWords, run
from workshop.commands.parsing import only_what_is_typed
from workshop.moving import git_environment
from workshop.problem import Problem
from workshop.record import pace
from workshop.settings import load
from workshop.stack import shell
from workshop.terminal import tolerate_any_text

MODULES = {
    "up": "up",
    "down": "stack",
    "status": "stack",
    "traffic": "traces",
    "traces": "traces",
    "doctor": "doctor",
    "key": "doctor",
    "check": "check",
    "watch": "check",
    "cost": "cost",
    "next": "moving",
    "goto": "moving",
    "reset": "moving",
    "update": "moving",
    "diff": "moving",
    "solution": "moving",
    "hint": "moving",
    "start-with": "start_with",
    "finish": "finish",
}
"""The module of `commands/` that has each command. `--help` lists the commands in this order."""


class Commands(Mapping[str, Any]):
    """The commands by name. Imports a command's module only when somebody asks for the command.

    A trainee waits for each command, and importing all modules takes twice as long as one.
    """

    def __getitem__(self, name: str) -> Any:
        module = importlib.import_module(f"workshop.commands.{MODULES[name]}")
        # Everything is imported now (see __main__.py). Without `freeze`, Python would look through
        # all of it at once.
        gc.freeze()
        gc.enable()
        return typer.main.get_group(module.app).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class OnDemand(ProblemsInWords):
    """The group of all commands, which imports only what it runs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands()  # type: ignore[assignment]  # nobody adds to it


app = typer.Typer(
    name="workshop",
    cls=OnDemand,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def about() -> None:
    """Run the matchmaker and look at its traces."""
    with contextlib.suppress(Problem):  # the command itself says what is wrong
        pace.note(load())


def main() -> None:
    """The entry point of the `workshop` script."""
    tolerate_any_text()
    only_what_is_typed()
    for name in git_environment.MISLEADING:
        os.environ.pop(name, None)
    shell.keep_from_proxies()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # and not ignored, for example by `nohup`
            signal.signal(number, _exit)
    run(app, "workshop")


def _exit(number: int, frame: object) -> None:
    """Exit cleanly, so that a command removes its temporary files, such as those of a check."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
