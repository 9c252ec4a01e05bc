"""`workshop check` and `workshop watch`."""

from __future__ import annotations

from collections.abc import Set
from typing import Annotated

import typer
from rich.console import Console

from workshop.check import prompts, table
from workshop.check.report import Report
from workshop.check.runner import held_steps, refuse_conflicts
from workshop.moving import identity
from workshop.problem import Problem
from workshop.record import share
from workshop.record.checks import check_steps
from workshop.settings import ROOT, Settings, load, steps
from workshop.stack import script
from workshop.terminal import console

app = typer.Typer()


@app.command()
def check(
    step: Annotated[
        int, typer.Option(min=0, help="Check this step, not the current one.", show_default=False)
    ] = 0,
    everything: Annotated[
        bool, typer.Option("--all", help="Check every step so far that still applies.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show pytest's output, with tracebacks.")
    ] = False,
    guess: Annotated[
        float | None,
        typer.Option(
            parser=prompts.milliseconds,
            metavar="<float>",
            help="Your guess: how many milliseconds a pairing takes.",
        ),
    ] = None,
    answers: Annotated[
        str,
        typer.Option(
            help="Your answers, such as abca, in the order of the step's file in checks/. "
            "By default, the command asks."
        ),
    ] = "",
) -> None:
    """Check whether a step is done, by running your code."""
    script.require(ROOT)
    refuse_conflicts(ROOT)
    settings = load()
    catalogue = steps(settings.root)
    number = step or settings.step
    if number > len(catalogue):
        raise Problem(f"There is no step {number}.", f"The last one is {len(catalogue)}.")
    numbers = held_steps(catalogue, number) if everything else [number]
    out = console()
    explained: set[str] = set()
    for one in numbers:
        explained |= prompts.ask(out, settings, catalogue[one - 1], guess, answers)
    reports = show(out, settings, numbers, verbose, explained)
    if not all(report.passed for report in reports):
        raise typer.Exit(1)
    if any(report.step.files for report in reports) and identity.is_missing(settings.root):
        out.print(identity.WHAT_TO_TYPE, soft_wrap=True)
    if numbers[-1] == len(catalogue):
        out.print("To see what you built: workshop finish")


@app.command()
def watch() -> None:
    """Check the current step now, and again whenever you save a file. Ctrl-C ends it."""
    out = console()
    from workshop.check.saves import saves  # `check` doesn't wait for the library

    checked = False
    try:
        # It watches before the first check, so as not to miss a change during the check. That one
        # starts when nothing has changed for a moment.
        for names in saves():
            if names:
                out.print(f"\n{' and '.join(names)} changed.", style="bold")
            if names or not checked:
                checked = True
                _check_what_is_there(out)
    except KeyboardInterrupt:
        out.print("Stopped watching.")


def show(
    out: Console,
    settings: Settings,
    numbers: list[int],
    verbose: bool = False,
    explained: Set[str] = frozenset(),
) -> list[Report]:
    """Run checks, and show the results, without the explanations that were `explained`."""
    with out.status("running your code on a separate stack"):
        reports = check_steps(settings, numbers)
    # A problem that stops one check stops all of them, so print it once.
    for report in reports[:1] if reports[0].problem else reports:
        table.show(out, report, explained)
        out.print(table.summary(report), style="green" if report.passed else "bold")
        out.print()
    if verbose:
        out.print(reports[0].output, soft_wrap=True)
    if said := share.announcement(settings):
        out.print(said, style="yellow", soft_wrap=True)
        out.print()
    return reports


def _check_what_is_there(out: Console) -> None:
    try:
        settings = load()
        show(out, settings, [settings.step])
    except Problem as problem:
        out.print(problem.what, style="bold red", soft_wrap=True)
        out.print(problem.remedy, soft_wrap=True)
    out.print("Waiting for you to save a file.", style="dim")
