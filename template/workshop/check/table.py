"""Shows the result of a check."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from workshop.check.report import Report, Requirement
from workshop.how_to_run import said

_STYLES = {"pass": "green", "fail": "bold red", "open": "yellow"}


def show(out: Console, report: Report, explained: Set[str] = frozenset()) -> None:
    """Print one line for each requirement, and below each failed one, help with it.

    Leaves out the explanations that were printed before.
    """
    out.print(f"Step {report.step.number}: {report.step.title}", style="bold")
    if report.problem:
        out.print(
            Text.assemble(("fail  ", _STYLES["fail"]), said(report.problem.what)), soft_wrap=True
        )
        if report.problem.remedy:
            out.print(f"      {report.problem.remedy}", soft_wrap=True)
    else:
        table = Table.grid(padding=(0, 2, 0, 0))
        for requirement in report.requirements:
            is_told = requirement.outcome == "pass" and requirement.seen in explained
            _add(table, replace(requirement, seen="") if is_told else requirement)
        out.print(table)
    for note in report.notes:
        out.print(Text.assemble(("gone  ", _STYLES["fail"]), said(note)), soft_wrap=True)


def summary(report: Report) -> str:
    """The sentence at the end."""
    step = f"Step {report.step.number}"
    if report.problem:
        return "Nothing can be checked until you fix that."
    needed = [line for line in report.requirements if not line.is_bonus]
    missing = sum(line.outcome != "pass" for line in needed)
    if missing:
        return f"{step} is not done yet: {missing} of {len(needed)} missing."
    if any(line.outcome != "pass" for line in report.requirements):
        return f"{step} is done. You can still do its bonus."
    return f"{step} is done."


def _add(table: Table, one: Requirement) -> None:
    outcome = "open" if one.is_bonus and one.outcome == "fail" else one.outcome
    table.add_row(Text(outcome, _STYLES[outcome]), one.name)
    if one.outcome == "pass" and one.seen:
        table.add_row("", Text(one.seen, "dim"))
    if one.outcome == "fail":
        for label, text in (("expected", one.expected), ("seen", one.seen)):
            table.add_row("", Text.assemble((f"{label} ", "dim"), said(text)))
        table.add_row("", Text(said(one.hint), "italic"))
