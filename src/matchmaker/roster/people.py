"""Reads a roster in CSV, in our own form or exported by another program."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matchmaker.problem import Problem, Problems, ranges
from matchmaker.roster.columns import Sorted, sort_columns
from matchmaker.roster.entries import Entry, Roster
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import KeySource, has_key, key_source_in_csv
from matchmaker.roster.known import answer_of, known_columns
from matchmaker.roster.masking import masked
from matchmaker.roster.name_columns import kind_of
from matchmaker.roster.names import are_turned, clean, joined, turned
from matchmaker.roster.slugs import is_slug, session_name
from matchmaker.roster.spreadsheet import DELIMITERS, NoTable, Table, read_table
from matchmaker.roster.text_file import Text
from matchmaker.roster.typed import NotOfItsType
from matchmaker.roster.words import plain

Ask = Callable[[Sequence[tuple[str, str]]], Sequence[int]]
"""Asks which columns have the names. Gets each column with a sample of it, and returns indexes."""

_NOT_HERE = {
    "session": "Remove it: the session has one name, which you can set with --session.",
    "dd_api_key": "A roster never contains an API key; a column api_key says where to find it.",
    "template": "It is the same for everyone: remove the column, and use --template.",
    "version": "It is the same for everyone: remove the column, and use --version.",
    **dict.fromkeys(
        ("ports", "push", "bundle", "create", "invite"),
        "It applies to the whole session: a roster in TOML has it below [session].",
    ),
}
_SHOWN = 3
"""How many values a message shows."""
_LONGEST = 30
"""How many characters of each."""


@dataclass(frozen=True)
class Told:
    """What the instructor said in the command, because a CSV file cannot say it."""

    session: str = ""
    template: str = ""
    version: str = ""
    name_columns: tuple[str, ...] = ()
    """The columns with the name or its parts, in the order in which people write it."""
    encoding: str = ""
    ask: Ask | None = None
    """None if nobody is there to answer."""

    @property
    def options(self) -> list[str]:
        """The options of the command that say this."""
        said = {
            "--session": self.session,
            "--template": self.template,
            "--version": self.version,
            "--name-column": self.name_columns,
            "--encoding": self.encoding,
        }
        return [option for option, value in said.items() if value]


def read_people(path: Path, read: Text, told: Told) -> Roster:
    """Read a table of people. The result includes mistakes. Raises Problems if it isn't a table."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ""
    try:
        table = read_table(read.text, _is_known, delimiter)
    except NoTable as error:
        flaw = error.flaw
        raise Problems([Problem(flaw.what, flaw.remedy, f"{path}:{flaw.line}")]) from error
    return _PeopleReader(path, table, read, told).read()


def _is_known(column: str) -> bool:
    """Whether a column's name is one that we know, or one that exports have."""
    if any(sign in column for sign in DELIMITERS if sign != ","):
        return False
    if column in _NOT_HERE or kind_of(column) or "mail" in plain(column):
        return True
    return "," not in column and bool(closest(column, known_columns()))


def _fits(question: str, text: str) -> bool:
    """Whether a text can be the answer to a question."""
    try:
        if question == "api_key":
            key_source_in_csv(text)
        elif question == "trainee_slug":
            return is_slug(text)
        else:
            answer_of(question, text)
    except (NotOfItsType, Problem):
        return False
    return True


class _PeopleReader:
    """Reads one table, and collects mistakes in it, each once and not once for each row."""

    def __init__(self, path: Path, table: Table, read: Text, told: Told) -> None:
        self._path = path
        self._table = table
        self._read = read
        self._told = told
        self._remarks: list[str] = []
        self._problems = [
            Problem(masked(flaw.what), flaw.remedy, f"{path}:{flaw.line}", flaw.kind)
            for flaw in table.flaws
        ]
        # Flaws of the whole table are on the line with the names of the columns.
        self._of_rows = [one for one in self._problems if one.line != table.line]

    def read(self) -> Roster:
        session = self._session()
        columns = self._table.columns
        rows = [row for _, row in self._table.rows]
        if self._read.guessed:
            self._say_encoding()
        if len(columns) == 1 and any(
            sign in columns[0] for sign in DELIMITERS if sign != "," or not kind_of(columns[0])
        ):
            # The problems with other lines depend on the columns in this one.
            self._problems, self._of_rows = [], []
            what = f"The first line is one long text in quotes: `{columns[0]}`."
            self._wrong(what, "Save the table as CSV again, without quotes around whole lines.")
            return self._roster(session, [], [])
        self._refuse_keys(columns)
        found = self._sorted(columns, rows)
        if not self._table.rows and not self._table.flaws:
            self._wrong("There are no trainees.", "Add a line for each.")
        names = self._names(columns, rows, found.name)
        entries = [
            self._entry(line, row, name, found)
            for (line, row), name in zip(self._table.rows, names, strict=True)
        ]
        if found.name:
            self._say_who_is_nameless(entries)
        self._say_what_is_left_out()
        if notes := [found.notes[i] for i in found.notes if any(row[i] for row in rows)]:
            shown = ", ".join(map(masked, notes))
            self._remarks.append(f"Kept as notes, which the template does not get: {shown}.")
        return self._roster(session, found.answers.values(), entries)

    def _wrong(self, what: str, remedy: str, line: int = 0, kind: str = "") -> None:
        where = f"{self._path}:{line or self._table.line}"
        self._problems.append(Problem(masked(what), masked(remedy), where, kind))

    def _wrong_row(self, what: str, remedy: str, line: int, kind: str = "") -> None:
        self._wrong(what, remedy, line, kind)
        self._of_rows.append(self._problems[-1])

    def _roster(self, session: str, answers: Iterable[str], entries: Iterable[Entry]) -> Roster:
        return Roster(
            self._path,
            session,
            tuple(entries),
            template=self._told.template,
            version=self._told.version,
            is_text=True,
            columns={name: self._table.line for name in answers if name != "api_key"},
            remarks=tuple(self._remarks),
            problems=tuple(self._problems),
            of_rows=tuple(self._of_rows),
        )

    def _session(self) -> str:
        told, stem = self._told.session, self._path.stem
        name = session_name(told or stem)
        if told and name != told:
            what = f"A session cannot be called `{told}`."
            remedy = f"Use a-z, 0-9, and single hyphens, such as --session {name}."
            self._wrong(what, remedy)
        elif name != stem and not told:
            text = f"The session is called {name}, after {self._path.name}; --session renames it."
            self._remarks.append(masked(text))
        return name

    def _say_encoding(self) -> None:
        words = re.findall(r"[^\W\d_]+", self._read.text)
        foreign = list(dict.fromkeys(word for word in words if not word.isascii()))[:_SHOWN]
        sample = ", ".join(masked(word) for word in foreign)
        self._remarks.append(
            f"{self._path.name} is not UTF-8, so it was read as {self._read.guessed}: {sample}. If "
            "that is wrong, name the right encoding with --encoding."
        )

    def _refuse_keys(self, columns: Sequence[str]) -> None:
        """Report each column with something that looks like an API key, without repeating it."""
        remedy = "Remove it from the file, and replace the key with a new one."
        for index, column in enumerate(columns):
            lines = [
                line
                for line, row in self._table.rows
                if has_key(row[index]) and plain(column) != "api_key"  # has its own message
            ]
            if lines:
                what = f"The column `{column}` has what looks like an API key, on {_lines(lines)}."
                self._wrong(f"{what} Everyone who gets the file would have it.", remedy, lines[0])
            elif has_key(column):
                self._wrong("The name of a column looks like an API key.", remedy)

    def _sorted(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Sorted:
        """What each column is; reports those that can't be here."""
        refused = {index for index, column in enumerate(columns) if column in _NOT_HERE}
        for index in sorted(refused):
            self._wrong(f"The column `{columns[index]}` cannot be here.", _NOT_HERE[columns[index]])
        told = self._told_columns(columns)
        found = sort_columns(columns, rows, _fits, left_out=refused, name=told)
        for index, meant in found.near.items():
            what = f"The template has no question `{columns[index]}`."
            remedy = "If not, rename the column, and it becomes a note."
            self._wrong(what, f"Did you mean {meant}? {remedy}")
            if meant == "trainee_name" and not found.name:
                found = found.named((index,))
        found = self._without_doubles(columns, rows, found)
        if not found.name and (columns or not self._problems):
            found = found.named(self._asked(columns, rows, found))
        self._say_names(columns, found)
        return found

    def _told_columns(self, columns: Sequence[str]) -> tuple[int, ...]:
        chosen = []
        for name in self._told.name_columns:
            same = [i for i, one in enumerate(columns) if one == name] or [
                i for i, one in enumerate(columns) if plain(one) == plain(name)
            ]
            if same:
                chosen.append(same[0])
            else:
                what = f"There is no column `{name}`."
                self._wrong(what, f"The columns are {_listed(columns)}.")
        return tuple(dict.fromkeys(chosen))

    def _without_doubles(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], found: Sorted
    ) -> Sorted:
        """Only one column for each answer; a second one is a mistake, unless it says the same."""
        first: dict[str, int] = {}
        doubles = set()
        for index, question in found.answers.items():
            known = first.setdefault(question, index)
            if known != index:
                doubles.add(index)
                if any(row[known] != row[index] for row in rows):
                    name, other = columns[known], columns[index]
                    what = f"Two columns are called `{name}`."
                    if name != other:
                        what = f"Two columns have answers to `{question}`: `{name}` and `{other}`."
                    self._wrong(what, "Remove one of them, or rename it.")
        twice = [i for i in found.notes if columns[i] == "trainee_name"]
        if twice and any(row[twice[0]] != row[found.name[0]] for row in rows):
            what = "Two columns are called `trainee_name`."
            self._wrong(what, "Remove one of them, or rename it.")
        return found.without({*doubles, *twice})

    def _asked(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], found: Sorted
    ) -> tuple[int, ...]:
        """The columns that somebody says have the names; reports it if nobody is there to ask."""
        possible = [index for index in range(len(columns)) if index not in found.answers]
        if self._told.name_columns:
            return ()
        samples = [(columns[i], next((row[i] for row in rows if row[i]), "")) for i in possible]
        if self._told.ask and possible and rows:
            return tuple(possible[one] for one in self._told.ask(samples))
        if not possible or not rows:
            remedy = "Name the columns in the first line, after the questions: trainee_name,step"
            self._wrong("There is no column with names, such as `trainee_name`.", remedy)
            return ()
        what = (
            f"No column is known to have the trainees' names. The columns are {_listed(columns)}."
        )
        first = next((name for name, sample in samples if sample), samples[0][0])
        remedy = (
            f'Say which one has them, such as --name-column "{_short(first)}". If the first line '
            "is a trainee already, add a line above it: trainee_name,step"
        )
        self._wrong(what, remedy)
        return ()

    def _say_names(self, columns: Sequence[str], found: Sorted) -> None:
        written = [columns[index] for index in found.name]
        if written and written != ["trainee_name"]:
            shown = " and ".join(f"`{masked(name)}`" for name in written)
            self._remarks.append(f"Names are from {shown}.")
        for index, question in found.answers.items():
            if plain(columns[index]) != plain(question):
                self._remarks.append(f"`{masked(columns[index])}` is read as {question}.")

    def _names(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], chosen: Sequence[int]
    ) -> list[str]:
        names = [joined([clean(row[index]) for index in chosen]) for row in rows]
        if len(chosen) != 1 or columns[chosen[0]] == "trainee_name":
            return names
        if are_turned(names):
            example = next(name for name in names if name)
            shown = f"{masked(example)} is {masked(turned(example))}"
            self._remarks.append(f"Last names came first, so they were turned around: {shown}.")
            return [turned(name) if name else "" for name in names]
        lines = [
            line
            for (line, _), name in zip(self._table.rows, names, strict=True)
            if are_turned([name])
        ]
        if lines:
            self._remarks.append(
                f"Names with a comma stay as they are, because not all have one: {_lines(lines)}."
            )
        return names

    def _entry(self, line: int, row: Sequence[str], name: str, found: Sorted) -> Entry:
        answers = {
            question: clean(row[index]) if question == "trainee_slug" else row[index]
            for index, question in found.answers.items()
            if row[index]
        }
        key = KeySource("later") if "api_key" in found.near.values() else None
        if "api_key" in answers:
            try:
                key = key_source_in_csv(answers.pop("api_key"))
            except Problem as problem:
                self._wrong_row(problem.what, problem.remedy, line, kind=problem.what)
                key = KeySource("later")  # so that we don't also report that it's missing
        if name:
            answers = {"trainee_name": name, **answers}
        notes = {note: row[index] for index, note in found.notes.items() if row[index]}
        return Entry(answers, line, dict.fromkeys(answers, line), key, notes)

    def _say_who_is_nameless(self, entries: Sequence[Entry]) -> None:
        lines = [entry.line for entry in entries if "trainee_name" not in entry.answers]
        if lines:
            what = f"{len(lines)} rows have no name: {_lines(lines)}."
            if len(lines) == 1:
                what = "This row has no name."
            self._wrong_row(what, "Fill in the names, or remove the rows.", lines[0])

    def _say_what_is_left_out(self) -> None:
        above, sums = self._table.above, self._table.summaries
        if above:
            self._remarks.append(f"Left out, above the table: {_lines(above)}.")
        if sums:
            self._remarks.append(f"Left out, because they aren't people: {_lines(sums)}.")


def _lines(numbers: Sequence[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {ranges(numbers)}"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f"`{_short(name)}`" for name in columns)


def _short(text: str) -> str:
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
