"""Where everyone is: each trainee's step, version, edits, and last check."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from matchmaker.problem import Problems
from matchmaker.progress.copies import Copy, copies_of
from matchmaker.progress.known import Known
from matchmaker.progress.reasons import by_reason
from matchmaker.progress.steps import catalogue, step_of, title_of
from matchmaker.report.calm import MOST_ROWS
from matchmaker.report.times import local
from matchmaker.repositories.clones import scratch
from matchmaker.repositories.output import Output
from matchmaker.repositories.template import open_template, source_of, version_of
from matchmaker.roster.read import Roster
from matchmaker.terminal import console

_LONGEST = 100


@dataclass(frozen=True)
class Row:
    """One trainee."""

    known: Known
    copy: Copy | None = None
    """The repository in the session's folder; None if we didn't look."""

    @property
    def step(self) -> str:
        """The number of the step, or the slug if nobody knows it. Empty if that's unknown."""
        record, own = self.known.record, self.copy.step if self.copy else ""
        if record is None or (own and self.known.source == "folder"):
            return own
        step = step_of(record.step)
        return str(step.number) if step else record.step[:_LONGEST]

    @property
    def is_green(self) -> bool:
        """Whether the check of the trainee's own step has passed."""
        record = self.known.record
        return bool(record and record.of(record.step).passed)

    @property
    def check(self) -> str:
        """What the last check said, with the requirement at which it stopped."""
        record = self.known.record
        if record is None or record.check is None:
            return self.copy.last_check if self.copy else "never"
        check = record.check
        told = f"{title_of(check.step)}: {'passed' if check.passed else 'not done'}"
        told += f", {local(check.at)}"
        stopped = check.stopped_at
        if check.passed or not stopped:
            return told
        return f"{told}, at: {stopped[:_LONGEST]}{'…' if len(stopped) > _LONGEST else ''}"

    @property
    def trouble(self) -> str:
        """What is unusual."""
        own = self.copy.trouble if self.copy else ""
        return "; ".join(dict.fromkeys(filter(None, [self.known.problem, own])))


def rows_of(found: Sequence[Known], output: Output) -> list[Row]:
    """Add what the repositories in the session's folder say. Only reads."""
    folders = [output.repository(one.slug) if one.slug else None for one in found]
    return [Row(*pair) for pair in zip(found, copies_of(folders), strict=True)]


def newest_version(roster: Roster) -> str:
    """The version that `generate` would use now; empty, with a message, if there is no template."""
    try:
        with scratch():
            source = source_of(roster)
            return str(open_template(roster, source, version_of(roster, source)).commit)
    except Problems as found:
        text = f"Cannot find out whether the template has a newer version: {found}"
        console(stderr=True).print(text, soft_wrap=True)
        return ""


def shown(rows: Sequence[Row], session: str, newest: str, *, show_all: bool) -> RenderableType:
    """The summary, the table if it's short or with `show_all`, and what is unusual."""
    parts: list[RenderableType] = [summary(rows, session)]
    if steps := list(_by_step(rows)):
        parts += ["", table(("step", "trainees", "green"), steps, numbers=(1, 2))]
    if show_all or len(rows) <= MOST_ROWS:
        parts += ["", _of_everyone(rows, newest)]
    else:
        parts += ["", f"To list all {len(rows)}, add --all. To list some: --only SLUG"]
    if unusual := list(by_reason([(row.known, row.trouble) for row in rows])):
        parts += ["", *unusual]
    return Group(*parts)


def summary(rows: Sequence[Row], session: str) -> str:
    """Everything in one line."""
    records = [row.known.record for row in rows if row.known.record]
    finished = sum(bool(row.known.finished) for row in rows)
    green = sum(row.is_green for row in rows)
    return (
        f"{session}: {len(rows)} trainee{'' if len(rows) == 1 else 's'}, {len(records)} with "
        f"progress, {green} green at their step, {finished} finished"
    )


def as_data(rows: Sequence[Row], session: str, at: str) -> dict[str, Any]:
    """The same for programs."""
    return {"session": session, "at": at, "trainees": [_row_as_data(row) for row in rows]}


def _row_as_data(row: Row) -> dict[str, Any]:
    known, record, copy = row.known, row.known.record, row.copy or Copy()
    check = record.check if record else None
    return {
        "slug": known.slug,
        "name": known.name,
        "step": record.step if record else "",
        "number": int(row.step) if row.step.isdecimal() else None,
        "green": row.is_green,
        "finished": known.finished,
        "seen": (record.seen or record.at) if record else "",
        "source": known.source,
        "generated": copy.is_there,
        "version": copy.version,
        "edits": copy.edits,
        "check": check
        and {
            "step": check.step,
            "at": check.at,
            "passed": check.passed,
            "stopped_at": "" if check.passed else check.stopped_at,
        },
        "problem": row.trouble,
    }


def _by_step(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    """How many trainees are at each step. Steps that we don't know come last, as one."""
    there = [(row.known.record.step, row.is_green) for row in rows if row.known.record]
    known = {step.slug for step in catalogue()}
    all_, green = Counter(slug for slug, _ in there), Counter(slug for slug, is_ in there if is_)
    for step in catalogue():
        if all_[step.slug]:
            yield title_of(step.slug), str(all_[step.slug]), str(green[step.slug])
    if others := [is_green for slug, is_green in there if slug not in known]:
        yield "a step that is not in this version", str(len(others)), str(sum(others))


def _of_everyone(rows: Sequence[Row], newest: str) -> Table:
    if any(row.copy for row in rows):
        headings = ("trainee", "step", "version", "edits", "last check")
        return table(headings, [_with_copy(row, newest) for row in rows])
    return table(
        ("trainee", "step", "last check"), ((row.known.shown, row.step, row.check) for row in rows)
    )


def _with_copy(row: Row, newest: str) -> tuple[str | Text, ...]:
    copy, known = row.copy or Copy(), row.known
    if copy.trouble:
        is_conflict = copy.trouble.startswith("conflicts")
        edits = Text(copy.trouble, "bold yellow" if is_conflict else "bold red")
    elif known.source == "remote":
        edits = Text()  # those in our copy are not the trainee's
    else:
        edits = Text(copy.edits, "dim" if copy.edits == "none" else "")
    if not copy.is_there and not known.record:
        return known.shown, "", "", edits or Text("not generated", "yellow"), ""
    is_other = copy.version and newest not in ("", copy.version)
    version = f"{copy.version}{f' (now {newest})' if is_other else ''}"
    return known.shown, row.step, version, edits, row.check


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str | Text]], numbers: Collection[int] = ()
) -> Table:
    """A table of text; `numbers` are the places of the columns with numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for place, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if place in numbers else "left"
        made.add_column(heading, overflow="fold", justify=justify)
    for row in rows:
        # As plain text, so that markup from a trainee has no effect.
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made
