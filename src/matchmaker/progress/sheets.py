"""The sheets of all trainees who ran `workshop finish`, as one page to print."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workshop import inside
from workshop.finish import sheet
from workshop.finish.sheet import Sheet
from workshop.record import form as record

from matchmaker.problem import Problem, Problems
from matchmaker.progress.trainees import memory_of, with_slugs
from matchmaker.repositories.contained import Unusable, contained, look
from matchmaker.repositories.output import Output
from matchmaker.repositories.owner import as_owner
from matchmaker.repositories.repository import text_in
from matchmaker.roster.read import Roster
from matchmaker.terminal import console

RECORD = f".workshop/{record.FILE}"


@dataclass(frozen=True)
class Sheets:
    """The page, and who isn't on it."""

    page: str
    names: list[str]
    """Whose sheets are on it."""
    lacking: list[tuple[str, str]]
    """The name of each trainee without a sheet, and why."""


def sheets_of(roster: Roster, output: Output) -> Sheets:
    """Read the records of all trainees, and draw their sheets. Only reads.

    A record comes from the trainee's machine. If it can't be used, only that trainee lacks a sheet.
    The names and the session are those of the roster. Raises Problems as `status_table` does.
    """
    found: list[tuple[str, str]] = []
    lacking: list[tuple[str, str]] = []
    for entry, slug in with_slugs(roster, output, memory_of(roster, output)):
        name = str(entry.answers["trainee_name"])
        folder = output.repository(slug) if slug else None
        drawn, why = contained(
            partial(_drawn, folder, slug, name, roster.name), lambda said: ("", said)
        )
        if drawn:
            found.append((name, drawn))
        else:
            lacking.append((name, why))
    page = sheet.page(f"Sheets of {roster.name}", [drawn for _, drawn in found])
    return Sheets(page, [name for name, _ in found], lacking)


def write_sheets(sheets: Sheets, output: Output) -> None:
    """Write the page to the session's folder. Raises Problems if that's impossible."""
    with output.opened(lambda text: console(stderr=True).print(text, soft_wrap=True)):
        try:
            output.write(output.sheets_file, sheets.page)
        except OSError as error:
            what = f"{output.sheets_file} cannot be written: {error.strerror}."
            raise Problems([Problem(what, "Make room, and run the command again.")]) from error


def _drawn(folder: Path | None, slug: str, name: str, session: str) -> tuple[str, str]:
    """One sheet as HTML, or why there is none."""
    if folder is None or look(folder) is None:
        return "", "not generated"
    if not as_owner(folder, _has_record):
        return "", "has not run `workshop finish`"
    try:
        found = record.parse(text_in(folder, RECORD).encode())
    except record.Unusable as error:
        raise Unusable(f"{RECORD} cannot be used: {error}") from error
    if (found.slug, found.session) != (slug, session):
        raise Unusable(f"{RECORD} is the record of somebody else")
    return sheet.body(Sheet(name, session, found)), ""


def _has_record(folder: Path) -> bool:
    return inside.look(folder, RECORD) is not None
