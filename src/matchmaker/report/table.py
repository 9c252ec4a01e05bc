"""What a run prints at the end: a summary, a table, and below it everything unusual."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from rich.table import Table
from rich.text import Text

from matchmaker.handout.deliver import Handout
from matchmaker.report.calm import MOST_ROWS, named
from matchmaker.report.session_file import Way
from matchmaker.session import FAILURES, Action, Did, Trainee

STYLES = {"unchanged": "dim", "conflict": "bold yellow", "failed": "bold red", "refuse": "bold red"}
DONE: dict[Way, str] = {"push": "pushed", "bundle": "bundled"}


def summary_of(trainees: Sequence[Trainee], session_size: int) -> str:
    """Say in one line what the run did, or would do, for how many trainees."""
    is_done = any(trainee.did for trainee in trainees)
    counts = Counter(trainee.did or trainee.action for trainee in trainees)
    order = [*get_args(Did if is_done else Action)]
    parts = [f"{counts[word]} {word}" for word in order if counts[word]]
    if not is_done:
        parts = [f"{word} {counts[word]}" for word in order if counts[word]]
    size = f"{session_size} trainee{'' if session_size == 1 else 's'}"
    if len(trainees) < session_size:
        size = f"{len(trainees)} of {size}"
    return f"{size}: {'' if is_done else 'would '}{', '.join(parts)}."


def table_of(
    trainees: Sequence[Trainee],
    folder: Path,
    handouts: Sequence[Handout] = (),
    *,
    show_all: bool = False,
) -> Table | None:
    """A row for each trainee: name, step, path, ports, what the run did, and how long it took.

    Before the work, a row says what the run would do. `remarks` adds details. A large session has
    only the rows that are unlike most others, unless you ask for all; None if there are none.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "path", "ports", "what"):
        table.add_column(heading, overflow="fold")
    table.add_column("seconds", justify="right")
    own: dict[str, list[Handout]] = {}
    for one in handouts:
        own.setdefault(one.slug, []).append(one)
    whats = {trainee.slug: _what(trainee, own.get(trainee.slug, ())) for trainee in trainees}
    for trainee in trainees if show_all else _worth_showing(trainees, whats, own):
        table.add_row(
            Text(trainee.name),
            str(trainee.step),
            str(folder / trainee.slug),
            port_range(trainee.facts.ports),
            whats[trainee.slug],
            f"{trainee.seconds:.2f}" if trainee.seconds else "",
        )
    return table if table.row_count else None


def _what(trainee: Trainee, handouts: Sequence[Handout]) -> Text:
    what = Text(trainee.did or trainee.action)
    what.stylize(STYLES.get(what.plain, "green"))
    for one in handouts:
        said = f"{'not ' if one.problem else ''}{DONE[one.way]}"
        what.append(f", {said}", "bold red" if one.problem else "green")
    return what


def _worth_showing(
    trainees: Sequence[Trainee],
    whats: Mapping[str, Text],
    handouts: Mapping[str, Sequence[Handout]],
) -> list[Trainee]:
    """Everyone in a small session. In a large one, those who are unlike most others."""
    if len(trainees) <= MOST_ROWS:
        return list(trainees)
    counts = Counter(what.plain for what in whats.values())
    usual = counts.most_common(1)[0][0]
    unlike = [trainee for trainee in trainees if whats[trainee.slug].plain != usual]
    if len(unlike) <= MOST_ROWS:
        return unlike
    bad = [
        trainee
        for trainee in unlike
        if trainee.did in FAILURES
        or trainee.action == "refuse"
        or any(one.problem or one.left for one in handouts.get(trainee.slug, ()))
    ]
    return bad[:MOST_ROWS]


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
    return f"{told}; not {named(rest)}." if rest else f"{told}."


def port_range(ports: Mapping[str, int]) -> str:
    """The ports in the order of their services, with web first."""
    return " ".join(map(str, ports.values()))
