"""The results of a session for spreadsheets and programs."""

import csv
import io
from dataclasses import asdict
from typing import Any

from matchmaker.csv_cells import harmless
from matchmaker.progress.results import Result, Results
from matchmaker.progress.steps import catalogue, step_of
from matchmaker.report.times import local


def as_csv(results: Results) -> str:
    """A row for each trainee, with four columns for each step. Times are local, with the zone."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    own = ("name", "slug", "step", "steps done", "minutes", "hints", "bonus", "finished")
    parts = ("passed", "minutes", "hints", "bonus")
    ofs = [f"{step.number} {step.slug} {part}" for step in catalogue() for part in parts]
    rows.writerow([*own, *ofs, "remarks"])
    for one in results.trainees:
        rows.writerow(map(harmless, _row(one)))
    return written.getvalue()


def as_data(results: Results, at: str) -> dict[str, Any]:
    """Everything. Times are in ISO 8601."""
    return {
        "session": results.session,
        "at": at,
        "trainees": [_trainee(one) for one in results.trainees],
        "steps": [asdict(one) for one in results.steps],
        "questions": [asdict(one) for one in results.questions],
        "requirements": [asdict(one) for one in results.requirements],
    }


def _row(result: Result) -> list[str]:
    record = result.known.record
    if record is None:
        empty = [""] * (6 + 4 * len(catalogue()))
        return [result.known.name, result.known.slug, *empty, result.remarks]
    step = step_of(record.step)
    cells = [
        *(result.known.name, result.known.slug, str(step.number) if step else record.step),
        *(str(len(result.done)), minutes(result.seconds), str(result.hints), str(result.bonus)),
        local(result.known.finished) if result.known.finished else "",
    ]
    for each in catalogue():
        one = record.of(each.slug)
        cells += [local(one.passed) if one.passed else "", minutes(one.seconds)]
        cells += [str(one.hints) if one.hints else "", "yes" if one.bonus else ""]
    return [*cells, result.remarks]


def _trainee(result: Result) -> dict[str, Any]:
    record = result.known.record
    return {
        "slug": result.known.slug,
        "name": result.known.name,
        "step": record.step if record else "",
        "done": len(result.done),
        "seconds": result.seconds,
        "hints": result.hints,
        "bonus": result.bonus,
        "finished": result.known.finished,
        "seen": (record.seen or record.at) if record else "",
        "source": result.known.source,
        "steps": [asdict(one) for one in result.steps],
        "remarks": result.remarks,
    }


def minutes(seconds: float) -> str:
    """Seconds as minutes, with one digit after the point. Empty if there are none."""
    return f"{seconds / 60:.1f}" if seconds else ""
