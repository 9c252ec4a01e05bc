"""Where each repository of a session stands."""

import json
from datetime import datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from session.generate import prepared
from session.output import Output
from session.repository import GitError, conflicts, edits, own_commits, recorded_in
from session.roster import Roster


def status_table(roster: Roster, output: Output) -> Table:
    """Look at every trainee's repository: step, version, local edits, last check. Reads only.

    Raises Problems for whatever is wrong with the roster.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "version", "edits", "last check"):
        table.add_column(heading, overflow="fold")
    with prepared(roster, output) as ready:
        for trainee in ready.trainees:
            name = Text(str(trainee.checked.answers["trainee_name"]))
            folder = output.repository(trainee.checked.slug)
            recorded = recorded_in(folder)
            if recorded is None:
                there = "something else is there" if folder.exists() else "not generated"
                table.add_row(name, "", "", Text(there, "yellow"), "")
                continue
            is_old = recorded.commit != ready.version
            version = f"{recorded.commit}{f' (now {ready.version})' if is_old else ''}"
            step = str(recorded.answers.get("step"))
            table.add_row(name, step, version, _edits(folder), last_check(folder))
    return table


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
    """The step that `workshop check` has last found done there; it notes them by their slugs."""
    try:
        text = (folder / ".workshop" / "progress.json").read_text(encoding="utf-8")
        found = {slug: datetime.fromisoformat(at) for slug, at in json.loads(text).items()}
        slug, at = max(found.items(), key=lambda entry: entry[1])
        return f"{slug} passed, {at:%Y-%m-%d %H:%M}"
    except (OSError, ValueError, TypeError, AttributeError):
        return "never"
