"""Reads a table as spreadsheets write it, into columns and rows with their lines."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

DELIMITERS = ",;\t|"
"""In some countries, spreadsheets write semicolons."""

_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a line, and what to do. Flaws of one `kind` have the same remedy."""

    line: int
    what: str
    remedy: str
    kind: str = ""


@dataclass
class Table:
    """The columns and rows of a table, without empty ones at the edges."""

    line: int = 1
    """The line of the column names."""
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    """The line on which each row begins, and a field for each column."""
    flaws: list[Flaw] = field(default_factory=list)
    """Mistakes. `rows` leaves out a row if we don't know which of its fields is which."""


class NoTable(Exception):
    """The text isn't a table. `flaw` says from where on."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def read_table(text: str, is_column: Callable[[str], bool], delimiter: str = "") -> Table:
    """Read CSV whose first row names the columns. Raises NoTable.

    Without a `delimiter`, this uses the one in a first line `sep=;`, as Excel writes it. Without
    that line, it uses the one with which `is_column` recognizes the most names.
    """
    skipped = 0
    if declared := re.match(r'"?sep=([^\w\r\n "])"?,*(\r\n|\r|\n|$)', text, re.IGNORECASE):
        delimiter, skipped, text = declared[1], 1, text[declared.end() :]
    if not delimiter:
        delimiter = max(DELIMITERS, key=lambda sign: _fitness(text, sign, is_column))
    rows = [
        (line + skipped, [value.strip().strip("\ufeff") for value in row])
        for line, row in _rows(text, delimiter, skipped)
        if any(value.strip() for value in row)
    ]
    if not rows:
        return Table(line=1 + skipped)
    line, columns = rows.pop(0)
    while not columns[-1]:
        columns.pop()  # spreadsheets keep writing columns that were emptied
    table = Table(line, columns)
    for line, row in rows:
        while len(row) > len(columns) and not row[-1]:
            row.pop()
        if len(row) == len(columns):
            table.rows.append((line, row))
        else:
            table.flaws.append(_wrong_length(line, row, len(columns), delimiter))
    unnamed = [index for index, name in enumerate(columns) if not name]
    for index in unnamed:
        if any(row[index] for _, row in table.rows):
            what = f"Column {index + 1} has no name, but there is something in it."
            table.flaws.append(Flaw(table.line, what, "Name it, or remove it."))
    named = [index for index, name in enumerate(columns) if name]
    table.columns = [columns[index] for index in named]
    table.rows = [(line, [row[index] for index in named]) for line, row in table.rows]
    return table


def _fitness(text: str, delimiter: str, is_column: Callable[[str], bool]) -> tuple[int, int]:
    try:
        first = next(row for _, row in _rows(text, delimiter, 0) if any(row))
    except (NoTable, StopIteration):
        return 0, 0
    return sum(map(is_column, first)), len(first)


def _rows(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        where = line + skipped
        if "unexpected end" in str(error) or "field limit" in str(error):
            what = "This is not CSV: a quote opens on this line and never closes."
        else:
            what = "This is not CSV: something follows a closing quote."
        remedy = 'Double each quote inside a text: "Ada ""Countess"" Lovelace".'
        raise NoTable(Flaw(where, what, remedy)) from error


def _wrong_length(line: int, row: list[str], count: int, delimiter: str) -> Flaw:
    sign = _WORDS.get(delimiter, f"sign {delimiter}")
    fields = f"{len(row)} field{'' if len(row) == 1 else 's'}"
    what = f"This line has {fields}, and the first line names {count}."
    if len(row) > count:
        remedy = f"Put a text that contains a {sign} in double quotes, or name the new column."
        return Flaw(line, what, remedy, "more fields")
    remedy = f"A field can be empty, but keep the {sign} that separates it from the one before."
    return Flaw(line, what, remedy, "fewer fields")
