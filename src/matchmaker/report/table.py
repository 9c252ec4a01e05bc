"""What a run prints at the end: a table, and below it everything unusual."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from matchmaker.handout.deliver import Handout
from matchmaker.report.session_file import Way
from matchmaker.session import FAILURES, Trainee

STYLES = {"unchanged": "dim", "conflict": "bold yellow", "failed": "bold red", "refuse": "bold red"}
DONE: dict[Way, str] = {"push": "pushed", "bundle": "bundled"}


def table_of(trainees: Sequence[Trainee], folder: Path, handouts: Sequence[Handout] = ()) -> Table:
    """A row for each trainee: name, step, path, ports, what the run did, and how long it took.

    Before the work, a row says what the run would do. `remarks` adds details.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "path", "ports", "what"):
        table.add_column(heading, overflow="fold")
    table.add_column("seconds", justify="right")
    for trainee in trainees:
        own = [one for one in handouts if one.slug == trainee.slug]
        what = Text(trainee.did or trainee.action)
        what.stylize(STYLES.get(what.plain, "green"))
        for one in own:
            said = f"{'not ' if one.problem else ''}{DONE[one.way]}"
            what.append(f", {said}", "bold red" if one.problem else "green")
        table.add_row(
            Text(trainee.name),
            str(trainee.step),
            str(folder / trainee.slug),
            port_range(trainee.facts.ports),
            what,
            f"{trainee.seconds:.2f}" if trainee.seconds else "",
        )
    return table


def remarks(trainees: Sequence[Trainee]) -> Iterator[tuple[str, str]]:
    """Details to add to the table, by slug. Before a run, they say what each update changes."""
    for trainee in trainees:
        if trainee.did:
            remark = "; ".join(
                filter(None, [trainee.detail, trainee.stays if trainee.is_lost else ""])
            )
        else:
            remark = trainee.why or "; ".join(filter(None, [trainee.moves, trainee.stays]))
        if remark:
            yield trainee.slug, remark


def count(trainees: Sequence[Trainee], done: Collection[str], what: str) -> str:
    """Say for how many trainees something was done, and for whom it wasn't."""
    rest = [trainee.slug for trainee in trainees if trainee.slug not in done]
    told = f"{len(trainees) - len(rest)} of {len(trainees)} {what}"
    return f"{told}; not {', '.join(rest)}." if rest else f"{told}."


def made(trainees: Sequence[Trainee]) -> set[str]:
    """The slugs of the trainees whose repositories match the roster."""
    return {trainee.slug for trainee in trainees if trainee.did not in FAILURES}


def port_range(ports: Mapping[str, int]) -> str:
    """The ports in the order of their services, with web first."""
    return " ".join(map(str, ports.values()))
