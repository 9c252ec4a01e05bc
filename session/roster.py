"""The roster: who takes part, and what is different for whom."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from session.keys import KeySource, key_source, key_source_in_csv
from session.ports import LAST_PORT
from session.positions import line_numbers
from session.problem import Problem, Problems
from session.urls import from_folder, push_problem

SESSION_KEYS = ("name", "template", "version", "ports", "push", "bundle", "api_key")
_NO_NAME = "session"
"""Stands in for the name of a session that has none; nothing is ever written under it."""
SET_BY_SESSION = {
    "session": "The session's name is `name` in [session]; it is the same for everyone.",
    "dd_api_key": "An API key never stands in the roster; `api_key` says where it is.",
}


@dataclass(frozen=True)
class Entry:
    """One trainee: the answers that the roster gives, and the line of each."""

    answers: Mapping[str, Any]
    line: int
    lines: Mapping[str, int]
    api_key: KeySource | None = None

    def line_of(self, answer: str) -> int:
        """The line of an answer; the trainee's own if the roster does not give it."""
        return self.lines.get(answer, self.line)


@dataclass(frozen=True)
class Roster:
    """What a roster says, with defaults and `[answers]` already in each entry."""

    path: Path
    name: str
    entries: tuple[Entry, ...]
    template: str = ""
    """A URL or a path; empty for where this command was installed from."""
    version: str = ""
    """A tag; empty for that of this command; see template.py."""
    distinct_ports: bool = False
    first_port: int = 0
    """With distinct ports: none that is given out is below this one."""
    push: str = ""
    """Where every repository is pushed to, with `{slug}` in it; empty for nowhere."""
    bundle: bool = False
    """Whether a zip and a git bundle of every repository are written."""
    is_text: bool = False
    """Whether all answers are text, as a CSV file's are."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The lines of what stands in `[session]`."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with its form; then the rest is what can be made of it, to be checked too."""

    def where(self, line: int) -> str:
        """A place in this file."""
        return f"{self.path}:{line}"

    def where_set(self, setting: str) -> str:
        """The place of what stands in `[session]`, or could stand there."""
        return self.where(self.lines.get(setting, 1))


def read_roster(path: Path) -> Roster:
    """Read a TOML or CSV file; what is wrong with its form is among what it gives.

    Raises Problems when nothing can be made of the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = "`matchmaker new` writes one."
        raise Problems([Problem(f"{path} cannot be read: {error.strerror}.", remedy)]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem("This is not UTF-8.", "Save the file as UTF-8.", f"{path}:{line}")
        raise Problems([problem]) from error
    return _from_csv(path, text) if path.suffix.lower() == ".csv" else _from_toml(path, text)


def _from_toml(path: Path, text: str) -> Roster:
    text = text.replace("\r\n", "\n")
    try:
        content = tomllib.loads(text)
        lines = line_numbers(text)
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has the line as an attribute; before, it stands in the message alone.
        message = str(error)
        found = message.rpartition("(at line ")[2].partition(",")[0]
        line = int(found) if found.isdigit() else text.count("\n") + 1
        what = f"This is not TOML: {message.partition(' (at ')[0]}."
        problem = Problem(what, _toml_remedy(message, text.split("\n")[line - 1]), f"{path}:{line}")
        raise Problems([problem]) from error
    except (ValueError, RecursionError) as error:  # thousands of digits, or of brackets
        what = "A number in it is too long, or a list too deep, to be read."
        problem = Problem(what, "No roster needs either.", f"{path}:1")
        raise Problems([problem]) from error
    return _Reader(path, content, lines).read()


def _toml_remedy(message: str, written: str) -> str:
    """What to do about what the TOML parser says of a line."""
    if "twice" in message or "overwrite" in message or "immutable" in message:
        if "trainee" in message or "[trainee" in written:
            return "Head each trainee with [[trainee]], in two brackets."
        table = written.strip().startswith("[")
        return "Join the two tables into one." if table else "Give each name one value."
    if "Expected ']" in message:
        return "The headings are [session], [answers], and [[trainee]] in two brackets."
    if "Expected '='" in message:
        return "Write a name, an equals sign and a value: step = 3"
    return "Text stands in quotes; true, false and numbers do not."


class _Reader:
    """Goes through one TOML roster and gathers what is wrong with its form."""

    def __init__(self, path: Path, content: dict[str, Any], lines: dict[Any, int]) -> None:
        self._path = path
        self._content = content
        self._lines = lines
        self._problems: list[Problem] = []

    def _wrong(self, what: str, remedy: str, *place: str | int) -> None:
        line = self._lines.get(place) or self._lines.get(place[:-1], 1)
        self._problems.append(Problem(what, remedy, f"{self._path}:{line}"))

    def read(self) -> Roster:
        for name in self._content.keys() - {"session", "answers", "trainee"}:
            self._wrong(
                f"`{name}` is not a part of a roster.",
                "Its parts are [session], [answers] and one [[trainee]] for each.",
                name,
            )
        session = self._session()
        answers = self._without_reserved(self._table("answers"), "answers")
        trainees = self._content.get("trainee", [])
        if not isinstance(trainees, list) or not all(isinstance(t, dict) for t in trainees):
            self._wrong(
                "Trainees come as a list.", "Head each of them with [[trainee]].", "trainee"
            )
            trainees = []
        if not trainees and "trainee" not in self._content:
            self._wrong(
                "There are no trainees.", 'Add [[trainee]] and trainee_name = "…".', "trainee"
            )
        session_key = self._key(session, "session")
        entries = tuple(
            self._entry(index, trainee, answers, session_key)
            for index, trainee in enumerate(trainees)
        )
        texts = {name: value for name, value in session.items() if isinstance(value, str)}
        return Roster(
            path=self._path,
            name=texts.get("name", _NO_NAME),
            entries=entries,
            template=texts.get("template", ""),
            version=texts.get("version", ""),
            distinct_ports="ports" in session,
            first_port=_first_port(session.get("ports")),
            push=from_folder(texts["push"], self._path.parent) if "push" in texts else "",
            bundle=session.get("bundle") is True,
            problems=tuple(self._problems),
            lines={
                name: self._lines.get(("session", name)) or self._lines.get(("session",), 1)
                for name in SESSION_KEYS
            },
        )

    def _table(self, name: str) -> dict[str, Any]:
        table = self._content.get(name, {})
        if isinstance(table, dict):
            return table
        self._wrong(f"`{name}` is not a table.", f"Write [{name}], and its values below.", name)
        return {}

    def _session(self) -> dict[str, Any]:
        session = self._table("session")
        for name, value in session.items():
            if name not in SESSION_KEYS:
                self._wrong(
                    f"[session] has no `{name}`.",
                    f"It has {', '.join(SESSION_KEYS)}; answers stand in [answers].",
                    *("session", name),
                )
            elif name == "bundle" and not isinstance(value, bool):
                self._wrong("`bundle` is not true or false.", "Write it unquoted.", "session", name)
            elif name not in ("api_key", "ports", "bundle") and not isinstance(value, str):
                self._wrong(f"`{name}` is not text.", "Put it in quotes.", "session", name)
        ports = session.get("ports", "distinct")
        if ports != "distinct" and not _first_port(ports):
            is_text = isinstance(ports, str | dict)
            self._wrong(
                "`ports` can only be distinct." if is_text else "`ports` is not text.",
                'Write ports = "distinct" for one shared host, ports = {from = 20000} for none '
                "below that port, or leave it out.",
                *("session", "ports"),
            )
        if isinstance(session.get("push"), str):
            problem = push_problem(session["push"])
            if problem:
                self._wrong(problem.what, problem.remedy, "session", "push")
        if "name" not in session:
            self._wrong(
                "The session has no name.",
                'Add name = "2026-12-support", or the like, to [session].',
                *("session", "name"),
            )
        return session

    def _without_reserved(self, answers: Mapping[str, Any], *place: str | int) -> dict[str, Any]:
        for name in answers.keys() & SET_BY_SESSION.keys():
            self._wrong(f"`{name}` cannot be answered here.", SET_BY_SESSION[name], *place, name)
        return {name: value for name, value in answers.items() if name not in SET_BY_SESSION}

    def _key(self, table: Mapping[str, Any], *place: str | int) -> KeySource | None:
        if "api_key" not in table:
            return None
        try:
            return key_source(table["api_key"])
        except Problem as problem:
            self._wrong(problem.what, problem.remedy, *place, "api_key")
            return KeySource("later")  # so that nobody says, too, that it is not there

    def _entry(
        self,
        index: int,
        trainee: dict[str, Any],
        answers: Mapping[str, Any],
        session_key: KeySource | None,
    ) -> Entry:
        place = ("trainee", index)
        own = self._without_reserved(trainee, *place)
        own.pop("api_key", None)
        if "trainee_name" not in own:
            self._wrong("This trainee has no name.", 'Add trainee_name = "…".', *place)
        lines = {
            **{name: self._lines.get(("answers", name), 1) for name in answers},
            **{name: self._lines.get((*place, name), 1) for name in trainee},
        }
        return Entry(
            answers={**answers, **own},
            line=self._lines.get(place) or self._lines.get(("trainee",), 1),
            lines=lines,
            api_key=self._key(trainee, *place) or session_key,
        )


def _first_port(ports: Any) -> int:
    """The port of `{from = …}`; 0 if it is none."""
    if not isinstance(ports, dict) or ports.keys() != {"from"}:
        return 0
    first = ports["from"]
    is_number = isinstance(first, int) and not isinstance(first, bool)
    return first if is_number and 0 < first <= LAST_PORT else 0


def _from_csv(path: Path, text: str) -> Roster:
    """A header of question names, a line a trainee; the file's name is the session's."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets of some countries write semicolons
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    line = 1
    try:
        for row in reader:
            rows.append((line, [field.strip() for field in row]))
            line = reader.line_num + 1
    except csv.Error as error:
        problem = Problem(f"This is not CSV: {error}.", "Check the quotes.", f"{path}:{line}")
        raise Problems([problem]) from error
    columns = rows.pop(0)[1] if rows else []
    problems = [
        Problem(f"The column `{name}` cannot be here.", SET_BY_SESSION[name], f"{path}:1")
        for name in columns
        if name in SET_BY_SESSION
    ]
    if "trainee_name" not in columns:
        remedy = "Name the columns in the first line, by the questions' names: trainee_name,step"
        problems.append(Problem("There is no column `trainee_name`.", remedy, f"{path}:1"))
    if len(set(columns)) < len(columns):
        remedy = "Remove one of them."
        problems.append(Problem("Two columns have the same name.", remedy, f"{path}:1"))
    entries = []
    for line, row in rows:
        answers = {
            name: value
            for name, value in zip(columns, row, strict=False)
            if value and name not in SET_BY_SESSION
        }
        lines = dict.fromkeys(answers, line)
        if not any(row):
            continue
        if len(row) != len(columns):
            what = f"This line has not {len(columns)} fields, as the header has."
            remedy = "Put a text that holds the delimiter in double quotes."
            problems.append(Problem(what, remedy, f"{path}:{line}"))
            continue  # who knows which field is which
        if "trainee_name" not in answers and "trainee_name" in columns:
            remedy = "Fill in the column trainee_name."
            problems.append(Problem("This trainee has no name.", remedy, f"{path}:{line}"))
        key = None
        if "api_key" in answers:
            try:
                key = key_source_in_csv(answers.pop("api_key"))
            except Problem as problem:
                problems.append(Problem(problem.what, problem.remedy, f"{path}:{line}"))
                key = KeySource("later")  # so that nobody says, too, that it is not there
        entries.append(Entry(answers, line, lines, key))
    if not any(any(row) for _, row in rows):
        problems.append(Problem("There are no trainees.", "Add a line for each.", f"{path}:1"))
    return Roster(path, path.stem, tuple(entries), is_text=True, problems=tuple(problems))
