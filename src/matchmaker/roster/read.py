"""The roster: who takes part, and how each trainee's workshop differs."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from json import loads
from pathlib import Path
from typing import Any

from matchmaker.problem import Problem, Problems
from matchmaker.repositories.ports import LAST_PORT
from matchmaker.roster.guesses import closest, halves_of_name, is_full_name
from matchmaker.roster.keys import HOW, KeySource, key_source, key_source_in_csv
from matchmaker.roster.masking import masked
from matchmaker.roster.new import SCHEMA
from matchmaker.roster.positions import Path as _Place
from matchmaker.roster.spreadsheet import DELIMITERS, NoTable, Table, read_table
from matchmaker.roster.text_file import read_text
from matchmaker.roster.toml_text import NotToml, read_toml
from matchmaker.urls import from_folder, push_problem

PARTS = ("session", "answers", "trainee")
SESSION_KEYS = (
    *("name", "template", "version", "ports", "push", "bundle", "create", "invite", "api_key"),
)
_NO_NAME = "no name"
"""The kind of problem with a trainee who has no name."""
_NAMELESS = "session"
"""Replaces the name of a session without one. We never write anything under this name."""
SET_BY_SESSION = {
    "session": "The session's name is `name` in [session]; it is the same for everyone.",
    "dd_api_key": "A roster never contains an API key; `api_key` says where to find it.",
}
_SET_BY_SESSION_IN_CSV = {
    "session": "Remove it: the file's name is the session's name, and the same for everyone.",
    "dd_api_key": "A roster never contains an API key; a column api_key says where to find it.",
}


@dataclass(frozen=True)
class Entry:
    """One trainee: the answers in the roster, and the line of each."""

    answers: Mapping[str, Any]
    line: int
    lines: Mapping[str, int]
    api_key: KeySource | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    """Other text about the trainee, such as an e-mail address, which the template doesn't get."""

    def line_of(self, answer: str) -> int:
        """The line of an answer, or of the trainee if the roster doesn't have that answer."""
        return self.lines.get(answer, self.line)


@dataclass(frozen=True)
class Roster:
    """The contents of a roster, with defaults and `[answers]` already in each entry."""

    path: Path
    name: str
    entries: tuple[Entry, ...]
    template: str = ""
    """A URL or a path; empty for the place that this command was installed from."""
    version: str = ""
    """A tag; empty for the version of this command (see template.py)."""
    distinct_ports: bool = False
    first_port: int = 0
    """With distinct ports, the lowest port to give out."""
    push: str = ""
    """Where to push every repository, with `{slug}` in it; empty for nowhere."""
    bundle: bool = False
    """Whether to write a zip and a git bundle of every repository."""
    create: str = ""
    """The command that makes the repository to push to; empty for none."""
    invite: str = ""
    """The command that invites a trainee to it; empty for none."""
    is_text: bool = False
    """Whether all answers are text, as in a CSV file."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The lines of the settings in `[session]`."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """The columns of a CSV file that contain answers, each with its line."""
    problems: tuple[Problem, ...] = ()
    """Mistakes in its form. If there are any, the rest is our best guess, to be checked as well."""

    def where(self, line: int) -> str:
        """A place in this file."""
        return f"{self.path}:{line}"

    def where_set(self, setting: str) -> str:
        """The place of a setting in `[session]`, or where you could add it."""
        return self.where(self.lines.get(setting, 1))

    def without_consequences(
        self, misspelled: Iterable[str], entry: Entry, problems: list[Problem]
    ) -> tuple[Entry, list[Problem]]:
        """An entry and the problems, without those that only follow from misspelled names.

        If `trainee_name` or `api_key` is misspelled, we don't also report that it is missing.
        """
        meant = {closest(name, known_columns()) for name in misspelled}
        if "trainee_name" in meant:
            nameless = (self.where(entry.line), _NO_NAME)
            problems = [
                problem for problem in problems if (problem.where, problem.kind) != nameless
            ]
        if "api_key" in meant and entry.api_key is None:
            entry = replace(entry, api_key=KeySource("later"))
        return entry, problems


def read_roster(path: Path) -> Roster:
    """Read a TOML or CSV file. The result includes mistakes in its form.

    Raises Problems if the file can't be read at all.
    """
    text = read_text(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ""
        try:
            table = read_table(text, _is_known, delimiter)
        except NoTable as error:
            flaw = error.flaw
            problem = Problem(flaw.what, flaw.remedy, f"{path}:{flaw.line}")
            raise Problems([problem]) from error
        return _TableReader(path, table).read()
    try:
        content, lines = read_toml(text)
    except NotToml as error:
        problem = Problem(masked(error.what), masked(error.remedy), f"{path}:{error.line}")
        raise Problems([problem]) from error
    return _Reader(path, content, lines).read()


@cache
def known_answers() -> tuple[str, ...]:
    """The answers that the template of this version takes, to guess from but not to check with."""
    schema = loads((resources.files("matchmaker.roster") / SCHEMA).read_text(encoding="utf-8"))
    return tuple(schema["properties"]["answers"]["properties"])


def known_columns() -> tuple[str, ...]:
    """The names that the columns of a CSV file can have."""
    return (*known_answers(), "api_key")


class _Reader:
    """Reads one TOML roster, and collects mistakes in its form."""

    def __init__(self, path: Path, content: Mapping[str, Any], lines: Mapping[_Place, int]) -> None:
        self._path = path
        self._content = dict(content)
        self._lines = dict(lines)
        self._problems: list[Problem] = []

    def _wrong(self, what: str, remedy: str, *place: str | int, kind: str = "") -> None:
        places = (place, (*place, 0), place[:-1])  # for a list of tables, the first table
        line = next((self._lines[where] for where in places if where in self._lines), 1)
        self._problems.append(Problem(masked(what), remedy, f"{self._path}:{line}", kind))

    def read(self) -> Roster:
        self._parts()
        session = self._session()
        answers = self._without_reserved(self._table("answers"), "answers")
        session_key = self._key(session, "session")
        entries = tuple(
            self._entry(index, trainee, answers, session_key)
            for index, trainee in enumerate(self._trainees())
        )
        texts = {name: value for name, value in session.items() if isinstance(value, str)}
        return Roster(
            path=self._path,
            name=texts.get("name", _NAMELESS),
            entries=entries,
            template=texts.get("template", ""),
            version=texts.get("version", ""),
            distinct_ports="ports" in session,
            first_port=_first_port(session.get("ports")),
            push=from_folder(texts["push"], self._path.parent) if texts.get("push") else "",
            bundle=session.get("bundle") is True,
            create=texts.get("create", ""),
            invite=texts.get("invite", ""),
            problems=tuple(self._problems),
            lines={
                name: self._lines.get(("session", name)) or self._lines.get(("session",), 1)
                for name in SESSION_KEYS
            },
        )

    def _parts(self) -> None:
        """Report unknown parts, and read a misspelled one as the part that was meant."""
        for name in [name for name in self._content if name not in PARTS]:
            value = self._content.pop(name)
            meant, place = self._meant_by(name, value)
            remedy = "Its parts are [session], [answers], and one [[trainee]] for each trainee."
            if len(place) > 1:
                remedy = f"Put {place[1]} = … below [{place[0]}]."
            elif meant:
                remedy = f"Did you mean {'[[trainee]]' if meant == 'trainee' else f'[{meant}]'}?"
            self._wrong(f"`{name}` is not a part of a roster.", remedy, name)
            if meant:
                self._move((name,), place)
            if len(place) > 1:
                self._content[place[0]] = {**self._content.get(place[0], {}), place[1]: value}
            elif meant:
                self._content[meant] = value

    def _meant_by(self, name: str, value: Any) -> tuple[str, tuple[str, ...]]:
        """What was meant by a name above all tables, and where it belongs."""
        if isinstance(value, dict | list):
            meant = closest(name, [part for part in PARTS if part not in self._content])
            return meant, (meant,)
        for part, known in (("session", SESSION_KEYS), ("answers", known_answers())):
            table = self._content.get(part, {})
            meant = closest(name, known)
            if meant and isinstance(table, dict) and meant not in table:
                return meant, (part, meant)
        return "", ("",)

    def _move(self, place: _Place, to: _Place) -> None:
        """Make the lines of one place available under another place."""
        count = len(place)
        inside = [(p, line) for p, line in self._lines.items() if p[:count] == place]
        self._lines |= {(*to, *p[count:]): line for p, line in inside}

    def _table(self, name: str) -> dict[str, Any]:
        table = self._content.get(name, {})
        if isinstance(table, dict):
            return dict(table)
        what = f"`{name}` is not a table."
        if isinstance(table, list):
            what = f"`{name}` is a list, and there can be only one."
        self._wrong(what, f"Write [{name}], in single brackets, and its values below.", name)
        return {}

    def _trainees(self) -> list[dict[str, Any]]:
        trainees = self._content.get("trainee", [])
        if not isinstance(trainees, list) or not all(isinstance(t, dict) for t in trainees):
            what = "The trainees are not a list."
            remedy = 'Write [[trainee]] above each of them, and trainee_name = "…" below it.'
            self._wrong(what, remedy, "trainee")
            if not isinstance(trainees, dict):
                return []
            self._move(("trainee",), ("trainee", 0))
            return [trainees]
        if not trainees:
            what = "There are no trainees."
            self._wrong(what, 'Add [[trainee]] and trainee_name = "…".', "trainee")
        return trainees

    def _session(self) -> dict[str, Any]:
        session = self._table("session")
        for name in [name for name in session if name not in SESSION_KEYS]:
            meant = closest(name, [key for key in SESSION_KEYS if key not in session])
            if meant:
                remedy = f"Did you mean {meant}?{f' {HOW}' if meant == 'api_key' else ''}"
            elif name in PARTS:
                remedy = f"Put {name} above [session], or make it a heading."
            elif name in known_answers():
                remedy = "It is an answer: put it below [answers], or below one [[trainee]]."
            else:
                remedy = f"It has {', '.join(SESSION_KEYS)}; answers belong in [answers]."
            self._wrong(f"[session] has no `{name}`.", remedy, "session", name)
            value = session.pop(name)
            if meant == "name":
                session[meant] = value
                self._move(("session", name), ("session", meant))
            elif meant == "api_key":
                session[meant] = "later"  # so that we don't also report that it's missing
        for name in ("name", "template", "version", "push", "create", "invite"):
            self._check_text(session, name)
        if not isinstance(session.get("bundle", False), bool):
            what = "`bundle` is not true or false."
            self._wrong(what, "Write it without quotes.", "session", "bundle")
        ports = session.get("ports", "distinct")
        if ports != "distinct" and not _first_port(ports):
            is_text = isinstance(ports, str | dict)
            self._wrong(
                "`ports` can only be distinct." if is_text else "`ports` is not text.",
                'Write ports = "distinct" for one shared host, ports = {from = 20000} for ports '
                "from that one on, or leave it out.",
                *("session", "ports"),
            )
        push = session.get("push")
        problem = push_problem(push) if isinstance(push, str) and push else None
        if problem:
            self._wrong(problem.what, problem.remedy, "session", "push")
        if "name" not in session and isinstance(self._content.get("session", {}), dict):
            remedy = 'Add a name to [session], such as name = "2026-12-support".'
            self._wrong("The session has no name.", remedy, "session", "name")
        return session

    def _check_text(self, session: dict[str, Any], name: str) -> None:
        value = session.get(name, "")
        if not isinstance(value, str):
            self._wrong(f"`{name}` is not text.", "Put it in quotes.", "session", name)
        elif any(unicodedata.category(character) == "Cc" for character in value):
            what = f"`{name}` has a control character in it."
            self._wrong(what, "Type it again, on one line.", "session", name)
            session[name] = _NAMELESS if name == "name" else ""

    def _without_reserved(self, answers: Mapping[str, Any], *place: str | int) -> dict[str, Any]:
        for name in answers:
            if name in SET_BY_SESSION:
                what = f"`{name}` cannot be answered here."
                self._wrong(what, SET_BY_SESSION[name], *place, name, kind=f"{name} here")
        return {name: value for name, value in answers.items() if name not in SET_BY_SESSION}

    def _key(self, table: Mapping[str, Any], *place: str | int) -> KeySource | None:
        if "api_key" not in table:
            return None
        try:
            return key_source(table["api_key"])
        except Problem as problem:
            self._wrong(problem.what, problem.remedy, *place, "api_key", kind=problem.what)
            return KeySource("later")  # so that we don't also report that it's missing

    def _entry(
        self,
        index: int,
        trainee: Mapping[str, Any],
        answers: Mapping[str, Any],
        session_key: KeySource | None,
    ) -> Entry:
        place = ("trainee", index)
        own = self._without_reserved(trainee, *place)
        own.pop("api_key", None)
        notes = own.pop("notes", {})
        notes = notes if isinstance(notes, dict) else {}
        misnamed = ""
        if "trainee_name" not in own:
            misnamed = next((name for name in own if is_full_name(name)), "")
            if misnamed:
                what = f"The template has no question `{misnamed}`."
                self._wrong(what, "Did you mean trainee_name?", *place, misnamed, kind="name")
                own = {"trainee_name": own.pop(misnamed), **own}
            else:
                remedy = 'Add trainee_name = "…", or remove this [[trainee]].'
                self._wrong("This trainee has no name.", remedy, *place, kind=_NO_NAME)
        lines = {
            **{name: self._lines.get(("answers", name), 1) for name in answers},
            **{name: self._lines.get((*place, name), 1) for name in trainee},
        }
        if misnamed:
            lines["trainee_name"] = lines[misnamed]
        return Entry(
            answers={**answers, **own},
            line=self._lines.get(place) or self._lines.get(("trainee",), 1),
            lines=lines,
            api_key=self._key(trainee, *place) or session_key,
            notes={name: str(value) for name, value in notes.items()},
        )


def _first_port(ports: Any) -> int:
    """The port of `{from = …}`; 0 if it isn't a port."""
    if not isinstance(ports, dict) or ports.keys() != {"from"}:
        return 0
    first = ports["from"]
    is_number = isinstance(first, int) and not isinstance(first, bool)
    return first if is_number and 0 < first <= LAST_PORT else 0


def _is_known(column: str) -> bool:
    """Whether a column's name is meant for a roster in CSV, or for a part of a TOML roster."""
    if any(sign in column for sign in DELIMITERS):
        return False
    known = column in SET_BY_SESSION or column in SESSION_KEYS
    return known or bool(closest(column, known_columns()))


class _TableReader:
    """Reads one CSV roster, and collects mistakes in its form.

    It has a row of column names and a row for each trainee. Its file name is the session's name.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self._path = path
        self._table = table
        self._problems = [
            Problem(masked(flaw.what), flaw.remedy, f"{path}:{flaw.line}", flaw.kind)
            for flaw in table.flaws
        ]

    def _wrong(self, what: str, remedy: str, line: int = 0, kind: str = "") -> None:
        where = f"{self._path}:{line or self._table.line}"
        self._problems.append(Problem(masked(what), remedy, where, kind))

    def read(self) -> Roster:
        written = self._table.columns
        rows = [dict(zip(written, row, strict=True)) for _, row in self._table.rows]
        if written and not any(map(_is_known, written)) and not halves_of_name(written):
            shown = ", ".join(f"`{name}`" for name in written[:3])
            self._problems = []  # the problems with other lines depend on the columns in this one
            what = f"The first line names no column of a roster: {shown}."
            remedy = "Name the columns there, or in a new line above it: trainee_name,step"
            if len(written) == 1 and any(sign in written[0] for sign in DELIMITERS):
                what = f"The first line is one long text in quotes: {shown}."
                remedy = "Save the table as CSV again, without quotes around whole lines."
            self._wrong(what, remedy)
            return self._roster([], [])
        for name in sorted({name for name in written if written.count(name) > 1}):
            self._wrong(f"Two columns are called `{name}`.", "Remove one of them, or rename it.")
        columns = [name for name in dict.fromkeys(written) if not self._is_refused(name)]
        if "trainee_name" not in columns:
            columns = self._name_trainees(columns, rows)
        self._has_names = "trainee_name" in columns
        if not self._table.rows and not self._table.flaws:
            self._wrong("There are no trainees.", "Add a line for each.")
        lines = [line for line, _ in self._table.rows]
        answers = [{name: row[name] for name in columns if row[name]} for row in rows]
        entries = [self._entry(line, row) for line, row in zip(lines, answers, strict=True)]
        return self._roster(columns, entries)

    def _roster(self, columns: Iterable[str], entries: Iterable[Entry]) -> Roster:
        return Roster(
            self._path,
            self._path.stem,
            tuple(entries),
            is_text=True,
            columns={name: self._table.line for name in columns if name != "api_key"},
            problems=tuple(self._problems),
        )

    def _is_refused(self, column: str) -> bool:
        if column in _SET_BY_SESSION_IN_CSV:
            remedy = _SET_BY_SESSION_IN_CSV[column]
        elif column in SESSION_KEYS and column not in ("name", "api_key"):
            remedy = "It applies to the whole session: a roster in TOML has it below [session]."
        else:
            return False
        self._wrong(f"The column `{column}` cannot be here.", remedy)
        return True

    def _name_trainees(self, columns: list[str], rows: Iterable[dict[str, str]]) -> list[str]:
        """Report that no column is called `trainee_name`, and fill it from the likely columns."""
        meant = next(
            (name for name in columns if closest(name, known_columns()) == "trainee_name"), ""
        )
        halves = halves_of_name(columns)
        if meant:
            what = f"The column `{meant}` must be called `trainee_name`."
            self._wrong(what, "Rename it in the header.")
            from_columns = [meant]
        elif halves:
            what = f"Names are in two columns, `{halves[0]}` and `{halves[1]}`."
            self._wrong(what, "Combine them into one, called trainee_name: Ada Lovelace.")
            from_columns = [*halves]
        else:
            remedy = "Name the columns in the first line, after the questions: trainee_name,step"
            self._wrong("There is no column `trainee_name`.", remedy)
            return columns
        for row in rows:
            row["trainee_name"] = " ".join(row[name] for name in from_columns if row[name])
        return ["trainee_name", *(name for name in columns if name not in from_columns)]

    def _entry(self, line: int, answers: dict[str, str]) -> Entry:
        if self._has_names and "trainee_name" not in answers:
            remedy = "Fill in the name, or remove the line."
            self._wrong("This trainee has no name.", remedy, line, kind=_NO_NAME)
        key = None
        if "api_key" in answers:
            try:
                key = key_source_in_csv(answers.pop("api_key"))
            except Problem as problem:
                self._wrong(problem.what, problem.remedy, line, kind=problem.what)
                key = KeySource("later")  # so that we don't also report that it's missing
        return Entry(answers, line, dict.fromkeys(answers, line), key)
