"""Reads a table as spreadsheets write it, into columns and rows with their lines."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from matchmaker.roster.name_columns import candidates
from matchmaker.roster.words import plain

DELIMITERS = ";\t|,"
"""In some countries, spreadsheets write semicolons. Commas come last, as texts have them, too."""

_FIRST = 20
"""In how many rows we look for the names of the columns."""

# What a row begins with that sums up the others, in the form that `plain` returns. None is a name.
_SUMMARY = re.compile(
    r"(total|totals|grand_total|summe|gesamt|gesamtsumme|insgesamt|anzahl|somme|totaux|totale"
    r"|totaal|total_general|итого|всего|合計|count|average|durchschnitt|mittelwert|moyenne|promedio)"
    r"(_\d+)*"
)

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
    above: list[int] = field(default_factory=list)
    """The lines above the names of the columns, which we leave out."""
    summaries: list[int] = field(default_factory=list)
    """The lines that sum up the others, which we leave out, too."""
    flaws: list[Flaw] = field(default_factory=list)
    """Mistakes. `rows` leaves out a row if we don't know which of its fields is which."""


class NoTable(Exception):
    """The text isn't a table. `flaw` says from where on."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def read_table(text: str, is_column: Callable[[str], bool], delimiter: str = "") -> Table:
    """Read CSV that has a row with the names of the columns. Raises NoTable.

    That is the first row, or if none of its columns seems to have people's names, the first of the
    next few with such a column. Without a `delimiter`, this uses the one in a first line `sep=;`,
    as Excel writes it. Without that line, it uses the one with which `is_column` recognizes the
    most names.
    """
    skipped = 0
    if declared := re.match(r'"?sep=([^\w\r\n "])"?[,;]*(\r\n|\r|\n|$)', text, re.IGNORECASE):
        delimiter, skipped, text = declared[1], 1, text[declared.end() :]
    if not delimiter:
        delimiter = max(DELIMITERS, key=lambda sign: _fitness(text, sign, is_column))
    rows = [
        (line + skipped, [_cell(value) for value in row])
        for line, row in _rows(text, delimiter, skipped)
        if any(value.strip() for value in row)
    ]
    if not rows:
        return Table(line=1 + skipped)
    header = _header(rows, is_column)
    line, columns = rows[header]
    while not columns[-1]:
        columns.pop()  # spreadsheets keep writing columns that were emptied
    table = Table(line, [" ".join(name.split()) for name in columns])
    table.above = [line for line, _ in rows[:header]]
    for line, row in rows[header + 1 :]:
        while len(row) > len(columns) and not row[-1]:
            row.pop()
        if _is_summary(row):
            table.summaries.append(line)
        elif len(row) == len(columns):
            table.rows.append((line, row))
        else:
            table.flaws.append(_wrong_length(line, row, len(columns), delimiter))
    unnamed = [index for index, name in enumerate(columns) if not name]
    for index in unnamed:
        if any(row[index] for _, row in table.rows):
            what = f"Column {index + 1} has no name, but there is something in it."
            table.flaws.append(Flaw(table.line, what, "Name it, or remove it."))
    named = [index for index, name in enumerate(columns) if name]
    table.columns = [table.columns[index] for index in named]
    table.rows = [(line, [row[index] for index in named]) for line, row in table.rows]
    return table


def _cell(written: str) -> str:
    value = written.strip().strip("\ufeff\u200b").strip()
    # How exports keep Excel from turning a text into a number.
    as_text = re.fullmatch(r'="([^"]*)"', value)
    return as_text[1] if as_text else value


def _header(rows: Sequence[tuple[int, list[str]]], is_column: Callable[[str], bool]) -> int:
    """Which row names the columns. Some programs write a few lines about the export above it."""
    if candidates(rows[0][1]):
        return 0
    for index, (_, row) in enumerate(rows[1:_FIRST], start=1):
        if candidates(row) and sum(map(is_column, row)) > 1:
            return index
    return 0


def _is_summary(row: Sequence[str]) -> bool:
    """Whether a row has only a word such as `Total`, and numbers."""
    filled = [value for value in row if value]
    words = [value for value in filled if not re.fullmatch(r"[\d.,%\s/:-]+", value)]
    return len(words) == 1 and bool(_SUMMARY.fullmatch(plain(words[0])))


def _fitness(text: str, delimiter: str, is_column: Callable[[str], bool]) -> tuple[int, int]:
    """How many names of columns there are with a delimiter, and how many columns."""
    first = []
    # A mistake further down is no sign of another delimiter: it has a line, which we report.
    with suppress(NoTable):
        for _, row in islice(_rows(text, delimiter, 0), _FIRST):
            if any(row):
                first.append(row)
    known = (sum(is_column(_cell(value)) for value in row) for row in first)
    return max(known, default=0), len(first[0]) if first else 0


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
