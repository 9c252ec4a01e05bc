"""What a run says in the end: a table, and below it whatever is not as usual."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from matchmaker.handout.deliver import Handout
from matchmaker.report.session_file import Way
from matchmaker.repositories.task import Task
from matchmaker.repositories.work import FAILURES, Outcome

STYLES = {"unchanged": "dim", "conflict": "bold yellow", "failed": "bold red", "refuse": "bold red"}
DONE: dict[Way, str] = {"push": "pushed", "bundle": "bundled"}


def table_of(
    tasks: Sequence[Task],
    outcomes: Mapping[str, Outcome],
    folder: Path,
    handouts: Sequence[Handout] = (),
) -> Table:
    """Who, at which step, where, on which ports; and what was done and how long it took.

    Without an outcome, a line says what is going to be done. `remarks` has what there is to add.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "path", "ports", "what"):
        table.add_column(heading, overflow="fold")
    table.add_column("seconds", justify="right")
    for task in tasks:
        outcome = outcomes.get(task.slug)
        own = [one for one in handouts if one.slug == task.slug]
        what = Text(outcome.did if outcome else task.action)
        what.stylize(STYLES.get(what.plain, "green"))
        for one in own:
            said = f"{'not ' if one.problem else ''}{DONE[one.way]}"
            what.append(f", {said}", "bold red" if one.problem else "green")
        table.add_row(
            Text(task.name),
            str(task.step),
            str(folder / task.slug),
            port_range(task.facts.ports),
            what,
            f"{outcome.seconds:.2f}" if outcome and outcome.seconds else "",
        )
    return table


def remarks(tasks: Sequence[Task], outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, str]]:
    """What there is to add to the table, by slug; before a run, what each update changes."""
    for task in tasks:
        outcome = outcomes.get(task.slug)
        if outcome:
            remark = "; ".join(filter(None, [outcome.detail, task.stays if task.is_lost else ""]))
        else:
            remark = task.why or "; ".join(filter(None, [task.moves, task.stays]))
        if remark:
            yield task.slug, remark


def count(tasks: Sequence[Task], done: Collection[str], what: str) -> str:
    """How many of a session something was done for, and for whom it was not."""
    rest = [task.slug for task in tasks if task.slug not in done]
    told = f"{len(tasks) - len(rest)} of {len(tasks)} {what}"
    return f"{told}; not {', '.join(rest)}." if rest else f"{told}."


def made(tasks: Sequence[Task], outcomes: Mapping[str, Outcome]) -> set[str]:
    """The slugs of those who have what the roster says."""
    return {task.slug for task in tasks if outcomes[task.slug].did not in FAILURES}


def port_range(ports: Mapping[str, int]) -> str:
    """The ports in their services' order, web first."""
    return " ".join(map(str, ports.values()))
