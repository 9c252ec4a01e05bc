"""`workshop cost`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from workshop.cost import chart, measurement, result
from workshop.cost.result import Cost
from workshop.settings import load
from workshop.terminal import console

CHART = "cost.svg"

app = typer.Typer()


@app.command()
def cost(
    rounds: Annotated[int, typer.Option(min=2, max=100, help="How many rounds.")] = 10,
    requests: Annotated[
        int, typer.Option(min=2, max=10_000, help="How many requests to each variant in a round.")
    ] = 100,
) -> None:
    """Measure what instrumentation costs: the app bare, hand-timed, traced, and in debug mode."""
    settings = load()
    out = console()
    with Progress(console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("four variants, in turn", total=rounds)
        found = measurement.measure(settings, rounds, requests, lambda: progress.advance(task))
    path = settings.root / "steps" / CHART
    path.write_text(chart.svg(found), encoding="utf-8")
    result.write(settings.run_dir, found)
    _show(out, found)
    out.print(f"The chart is in steps/{CHART}.")


def _show(out: Console, found: Cost) -> None:
    out.print(
        f"GET {found.path}, {found.requests} requests to each variant, in {found.rounds} rounds, "
        "one request at a time"
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("variant")
    for header in ("p50", "p95", "a second", "to bare", "in the rounds"):
        table.add_column(header, justify="right")
    for name, times in found.variants.items():
        table.add_row(
            name,
            f"{times.p50:.2f} ms",
            f"{times.p95:.2f} ms",
            f"{times.per_second:.0f}",
            f"{found.ratio(name):.2f}",
            f"{times.lowest_ratio:.2f} to {times.highest_ratio:.2f}",
        )
    out.print(table)
    out.print(
        "If the rounds of two ratios overlap, you can't tell the two apart on this machine today."
    )
