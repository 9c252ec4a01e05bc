"""The sheets of all trainees who ran `workshop finish`, as one page to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from workshop.finish import sheet
from workshop.finish.sheet import Sheet

from matchmaker.problem import Problem, Problems
from matchmaker.progress.known import Known
from matchmaker.repositories.contained import contained
from matchmaker.repositories.output import Output
from matchmaker.terminal import console


@dataclass(frozen=True)
class Sheets:
    """The page, and who isn't on it."""

    page: str
    names: list[str]
    """Whose sheets are on it."""
    lacking: list[tuple[Known, str]]
    """Each trainee without a sheet, and why."""


def sheets_of(session: str, found: Sequence[Known]) -> Sheets:
    """Draw the sheets of all who have finished, under the names of the roster."""
    sheets: list[tuple[str, str]] = []
    lacking: list[tuple[Known, str]] = []
    for one in found:
        if one.record and one.finished:
            drawn, why = contained(
                partial(_drawn, Sheet(one.name, session, one.record)), lambda said: ("", said)
            )
        else:
            drawn, why = "", one.problem or "has not run `workshop finish`"
        if drawn:
            sheets.append((one.name, drawn))
        else:
            lacking.append((one, why))
    page = sheet.page(f"Sheets of {session}", [drawn for _, drawn in sheets])
    return Sheets(page, [name for name, _ in sheets], lacking)


def write_sheets(sheets: Sheets, output: Output) -> None:
    """Write the page to the session's folder. Raises Problems if that's impossible."""
    with output.opened(lambda text: console(stderr=True).print(text, soft_wrap=True)):
        try:
            output.write(output.sheets_file, sheets.page)
        except OSError as error:
            what = f"{output.sheets_file} cannot be written: {error.strerror}."
            raise Problems([Problem(what, "Make room, and run the command again.")]) from error


def _drawn(one: Sheet) -> tuple[str, str]:
    return sheet.body(one), ""
