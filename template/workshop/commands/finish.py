"""`workshop finish`."""

from __future__ import annotations

import typer

from workshop.finish import sheet
from workshop.finish.make import PAGE, make, still_open
from workshop.settings import load
from workshop.terminal import console

app = typer.Typer()


@app.command()
def finish() -> None:
    """Make your sheet, to keep or print: what you built, before and after, and how long it took."""
    settings = load()
    out = console()
    with out.status("comparing your app with the one that you started with"):
        made = make(settings)
    if left := still_open(settings):
        names = ", ".join(f"{step.number}. {step.title}" for step in left)
        out.print(f"Still open: {names}", soft_wrap=True)
    before, after = made.record.before, made.record.after
    if made.problem:
        out.print(made.shortcoming, style="yellow", soft_wrap=True)
    elif before and after:
        out.print(
            f"A pairing: {before.milliseconds:.1f} ms before, and {after.milliseconds:.1f} ms now."
        )
        out.print(sheet.verdict(before, after), soft_wrap=True)
    address = settings.address("console")
    out.print(
        f"Your sheet is in {PAGE}. While the services run, it's also at {address}/finish.",
        soft_wrap=True,
    )
