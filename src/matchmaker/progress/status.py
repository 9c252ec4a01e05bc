"""The step, version, edits, and last check of each repository of a session."""

import json
import tomllib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from matchmaker.problem import Problems
from matchmaker.progress.trainees import memory_of, with_slugs
from matchmaker.repositories.clones import scratch
from matchmaker.repositories.contained import contained, look
from matchmaker.repositories.git import GitError
from matchmaker.repositories.output import Output
from matchmaker.repositories.repository import Recorded, conflicts, edits, own_commits, text_in
from matchmaker.repositories.template import open_template, source_of, version_of
from matchmaker.roster.read import Roster
from matchmaker.terminal import console


def status_table(roster: Roster, output: Output) -> Table:
    """Make a table of every trainee's step, version, local edits, and last check. Only reads.

    It needs no key, and needs the template only to find out whether it has a newer version. Raises
    Problems for mistakes in the roster's form, and for the folder of another session.
    """
    memory = memory_of(roster, output)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "version", "edits", "last check"):
        table.add_column(heading, overflow="fold")
    newest = _newest_version(roster)
    for entry, slug in with_slugs(roster, output, memory):
        name = Text(str(entry.answers["trainee_name"]))
        cells = contained(
            partial(_cells, output.repository(slug) if slug else None, newest),
            lambda said: ("", "", Text(said, "bold red"), ""),
        )
        # As plain text, so that markup from a trainee has no effect.
        table.add_row(name, *map(_plain, cells))
    return table


def _newest_version(roster: Roster) -> str:
    """The version that `generate` would use now; empty, with a message, if there is no template."""
    try:
        with scratch():
            source = source_of(roster)
            return str(open_template(roster, source, version_of(roster, source)).commit)
    except Problems as found:
        text = f"Cannot find out whether the template has a newer version: {found}"
        console(stderr=True).print(text, soft_wrap=True)
        return ""


def _plain(cell: str | Text) -> Text:
    return Text(cell) if isinstance(cell, str) else cell


def _cells(folder: Path | None, newest: str) -> tuple[str | Text, ...]:
    """The cells of one repository's row, except the name."""
    recorded = look(folder) if folder else None
    if folder is None or recorded is None:
        return "", "", Text("not generated", "yellow"), ""
    step = str(recorded.answers.get("step"))
    return step, _version(recorded, newest), _edits(folder), last_check(folder)


def _version(recorded: Recorded, newest: str) -> str:
    is_other = newest not in ("", recorded.commit)
    return f"{recorded.commit}{f' (now {newest})' if is_other else ''}"


def _edits(folder: Path) -> Text:
    try:
        unresolved = conflicts(folder)
        if unresolved:
            return Text(f"conflicts: {', '.join(unresolved)}", "bold yellow")
        counts = [(own_commits(folder), "commit"), (len(edits(folder)), "file")]
    except (GitError, ValueError) as error:
        return Text(f"git cannot read it: {error}", "bold red")
    found = [f"{count} {what}{'s' if count > 1 else ''}" for count, what in counts if count]
    return Text(", ".join(found) or "none", "" if found else "dim")


def last_check(folder: Path) -> str:
    """The step that `workshop check` last checked there, the result, and the time.

    The time is local to this machine, with the name of its zone.
    """

    def told() -> str:
        found = json.loads(text_in(folder, ".workshop/last-check.json"))
        at = datetime.fromisoformat(found["at"])
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
        verdict = "passed" if found["passed"] else "not done"
        return f"{_step(folder, found['step'])}: {verdict}, {local:%Y-%m-%d %H:%M %Z}"

    return contained(told, lambda _: "never")


def _step(folder: Path, slug: Any) -> str:
    """A step's number and title, from the catalogue in a repository."""

    def told() -> str:
        catalogue = tomllib.loads(text_in(folder, "workshop/steps.toml"))["step"]
        step = next(one for one in catalogue if one["slug"] == slug)
        return f"{step['number']}. {step['title']}"

    return contained(told, lambda _: str(slug)[:40])
