"""Where each repository of a session stands."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from session.output import Output
from session.problem import Problems
from session.rendering import scratch
from session.report import names_in
from session.repository import (
    GitError,
    Recorded,
    conflicts,
    edits,
    own_commits,
    recorded_in,
    text_in,
    why_not,
)
from session.roster import Entry, Roster
from session.template import open_template, source_of
from session.terminal import console


def status_table(roster: Roster, output: Output) -> Table:
    """Look at every trainee's repository: step, version, local edits, last check. Reads only.

    No key is needed for it, and the template only to tell whether it has a newer version. Raises
    Problems for what is wrong with the roster's form.
    """
    if roster.problems:
        raise Problems(roster.problems)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "version", "edits", "last check"):
        table.add_column(heading, overflow="fold")
    newest = _newest_version(roster)
    for entry, slug, recorded in _found(roster, output):
        name = Text(str(entry.answers["trainee_name"]))
        if recorded is None:
            place = output.repository(slug)
            why = why_not(place) if slug and os.path.lexists(place) else ""
            table.add_row(name, "", "", Text(why or "not generated", "yellow"), "")
            continue
        is_old = newest not in ("", recorded.commit)
        version = f"{recorded.commit}{f' (now {newest})' if is_old else ''}"
        step = str(recorded.answers.get("step"))
        folder = output.repository(slug)
        # As it is written there: no markup of a trainee's means anything.
        table.add_row(name, Text(step), Text(version), _edits(folder), Text(last_check(folder)))
    return table


def _newest_version(roster: Roster) -> str:
    """The version that `generate` would take now; empty, and said, if the template is away."""
    try:
        with scratch():
            return str(open_template(roster, source_of(roster)).commit)
    except Problems as found:
        text = f"Whether the template has a newer version cannot be told: {found}"
        console(stderr=True).print(text, soft_wrap=True)
        return ""


def _found(roster: Roster, output: Output) -> Iterator[tuple[Entry, str, Recorded | None]]:
    """Each trainee's repository: by the slug if the roster gives it, or else by the name."""
    found = {folder.name: recorded_in(folder) for folder in sorted(output.root.glob("*"))}
    given = {entry.answers.get("trainee_slug") for entry in roster.entries}
    by_name = names_in(output.session_file) | {
        str(recorded.answers.get("trainee_name")): slug
        for slug, recorded in found.items()
        if recorded and slug not in given
    }
    for entry in roster.entries:
        name = str(entry.answers["trainee_name"])
        slug = str(entry.answers.get("trainee_slug") or by_name.get(name, ""))
        yield entry, slug, found.get(slug)


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
    """The step that `workshop check` has last looked at there, and what it found."""
    try:
        found = json.loads(text_in(folder, ".workshop/last-check.json"))
        verdict = "passed" if found["passed"] else "not done"
        at = datetime.fromisoformat(found["at"])
        return f"{found['step']} {verdict}, {at:%Y-%m-%d %H:%M}"
    except (GitError, ValueError, TypeError, KeyError, RecursionError):
        return "never"
