"""What a run says in the end: a table for people, `session.json` for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from session.plan import Task
from session.work import FAILURES, Outcome

STYLES = {"unchanged": "dim", "conflict": "bold yellow", "failed": "bold red", "refuse": "bold red"}


def table_of(tasks: Sequence[Task], outcomes: Mapping[str, Outcome], folder: Path) -> Table:
    """Who, at which step, where, on which ports; and what was done and how long it took.

    Without an outcome, a line says what is going to be done. `remarks` has what there is to add.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trainee", "step", "path", "ports", "what"):
        table.add_column(heading, overflow="fold")
    table.add_column("seconds", justify="right")
    for task in tasks:
        outcome = outcomes.get(task.slug)
        did = outcome.did if outcome else task.action
        table.add_row(
            Text(task.name),
            str(task.step),
            str(folder / task.slug),
            port_range(task.facts.ports),
            Text(did, STYLES.get(did, "green")),
            f"{outcome.seconds:.2f}" if outcome and outcome.seconds else "",
        )
    return table


def remarks(tasks: Sequence[Task], outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, str]]:
    """What there is to add to the table, by slug."""
    for task in tasks:
        outcome = outcomes.get(task.slug)
        remark = outcome.detail if outcome else task.why
        if remark:
            yield task.slug, remark


def port_range(ports: Mapping[str, int]) -> str:
    """The ports in their services' order, web first."""
    return " ".join(map(str, ports.values()))


def session_json(
    session: str,
    source: str,
    version: str,
    tasks: Sequence[Task],
    outcomes: Mapping[str, Outcome],
    before: Mapping[str, Mapping[str, Any]],
) -> str:
    """Write down the session. No key is in it.

    `asked` is what the roster gave when a repository was last brought up to it: `before` says it
    for those that could not be, this time.
    """
    trainees = {}
    for task in tasks:
        outcome = outcomes[task.slug]
        failed = outcome.did == "failed"
        trainees[task.slug] = {
            "name": task.name,
            "step": task.step,
            "path": task.slug,
            "env": task.facts.env,
            "ports": task.facts.ports,
            "did": outcome.did,
            "detail": outcome.detail,
            "seconds": round(outcome.seconds, 3),
            "asked": dict(before.get(task.slug, {}) if failed else task.asked),
        }
    content = {
        "session": session,
        "template": source,
        "version": version,
        "ok": not any(outcome.did in FAILURES for outcome in outcomes.values()),
        "trainees": trainees,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def asked_in(session_file: Path) -> dict[str, dict[str, Any]]:
    """What `session.json` says of the last run; empty if it says nothing that can be read."""
    try:
        trainees = json.loads(session_file.read_text(encoding="utf-8"))["trainees"]
        return {str(slug): dict(entry["asked"]) for slug, entry in trainees.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def names_in(session_file: Path) -> dict[str, str]:
    """Each slug of the last run, by the trainee's name; empty if nothing can be read."""
    try:
        trainees = json.loads(session_file.read_text(encoding="utf-8"))["trainees"]
        return {str(entry["name"]): str(slug) for slug, entry in trainees.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
