"""`workshop cost`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from workshop.check import prompts, replies
from workshop.cost import chart, measurement, result
from workshop.cost.result import Cost
from workshop.problem import Problem
from workshop.settings import Settings, load, steps
from workshop.terminal import console
from workshop.twice import pairing, picture

CHART, PICTURE = "cost.svg", "pairing.svg"
ROUNDS, MOST_ROUNDS = 10, 20

app = typer.Typer()


@app.command()
def cost(
    rounds: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=100,
            help=f"How many rounds. By default, {ROUNDS}, and up to {MOST_ROUNDS} if the ranges "
            "stay wide.",
            show_default=False,
        ),
    ] = None,
    requests: Annotated[
        int, typer.Option(min=2, max=10_000, help="How many requests to each variant in a round.")
    ] = 100,
    guess: Annotated[
        float | None,
        typer.Option(
            parser=prompts.times,
            metavar="<float>",
            help="Your guess: how many times as long as the bare app the traced one takes.",
        ),
    ] = None,
) -> None:
    """Measure what instrumentation costs: the app bare, hand-timed, traced, and in debug mode.

    If the code times a pairing by hand, this also shows one pairing as its lines and as spans.
    """
    settings = load()
    out = console()
    guess = _guessed(settings, guess)
    with _progress(rounds or ROUNDS) as on_round:
        found = measurement.measure(
            settings,
            rounds or ROUNDS,
            requests,
            on_round,
            most_rounds=rounds or MOST_ROUNDS,
        )
    (settings.root / "steps" / CHART).write_text(chart.svg(found), encoding="utf-8")
    _show(out, found, guess)
    if not rounds and found.wide:
        out.print(
            f"Some ranges are still wide after {found.rounds} rounds. This machine is too busy to "
            "tell more. Try again when it has less to do.",
            style="yellow",
        )
    out.print(f"The chart is in steps/{CHART}.")
    try:
        _show_twice(out, settings)
    finally:  # last, since an open page then shows all of this; but Ctrl-C loses no measurement
        result.write(settings.run_dir, found)


def _guessed(settings: Settings, guess: float | None) -> float | None:
    """The guess, which this asks for on a terminal if there is none yet."""
    known = replies.read(settings.run_dir)
    question = next((step.measures for step in steps(settings.root) if step.measures), "")
    if guess is None and known.cost_guess is None and question and sys.stdin.isatty():
        guess = typer.prompt(question, value_proc=prompts.times)
    if guess is not None:
        known.cost_guess = guess
        replies.write(settings.run_dir, known)
    return known.cost_guess


@contextmanager
def _progress(rounds: int) -> Iterator[Callable[[int], None]]:
    """Shows the number of each round: as a bar, or without a terminal, as lines."""
    err = console(stderr=True)
    if not err.is_terminal:
        yield lambda number: err.print(f"Round {number} of {max(rounds, number)}")
        return
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("four variants, in turn", total=rounds)
        yield lambda number: progress.update(task, completed=number - 1, total=max(rounds, number))


def _show(out: Console, found: Cost, guess: float | None) -> None:
    out.print(
        f"GET {found.path}, {found.requests} requests to each variant, in {found.rounds} rounds, "
        "one request at a time"
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("variant")
    for header in ("p50", "p95", "a second", "to bare", "likely range"):
        table.add_column(header, justify="right")
    for name, times in found.variants.items():
        is_bare = name == "bare"
        table.add_row(
            name,
            f"{times.p50:.2f} ms",
            f"{times.p95:.2f} ms",
            f"{times.per_second:.0f}",
            f"{found.ratio(name):.2f}",
            "" if is_bare else f"{times.lowest_ratio:.2f} to {times.highest_ratio:.2f}",
        )
    out.print(table)
    if guess is not None:
        traced = found.variants["traced"]
        out.print(
            f"You guessed {guess:g} for traced. Its range is {traced.lowest_ratio:.2f} to "
            f"{traced.highest_ratio:.2f}."
        )
    out.print(f"The noise: from round to round, bare alone varied by about {found.noise:.0%}.")
    out.print("If 1.00 is in a range, you can't tell that variant from bare on this machine today.")


def _show_twice(out: Console, settings: Settings) -> None:
    """Draw a pairing twice. Without hand-written timing, or if the app fails, there is nothing."""
    path = settings.root / "steps" / PICTURE
    if not pairing.has_timing(settings.root):
        out.print("There is no new picture of a pairing, because your app doesn't time itself.")
        return
    path.unlink(missing_ok=True)
    try:
        with out.status("one pairing of your app, timed by hand and traced"):
            found = pairing.record(settings)
    except Problem as problem:
        out.print(f"There is no picture of a pairing. {problem.what} {problem.remedy}".strip())
        return
    path.write_text(picture.svg(found), encoding="utf-8")
    out.print()
    out.print(f"One pairing of your app took {found.milliseconds:.0f} ms. Here it is twice:")
    for line in picture.text(found):
        out.print(line)
    out.print(f"\nThe picture is in steps/{PICTURE}.")
