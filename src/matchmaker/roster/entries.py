"""What a roster says, whatever file it is in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from matchmaker.problem import Problem
from matchmaker.roster.guesses import closest
from matchmaker.roster.keys import KeySource
from matchmaker.roster.known import known_columns

NO_NAME = "no name"
"""The kind of problem with a trainee who has no name."""
NAMELESS = "session"
"""Replaces the name of a session without one. We never write anything under this name."""
SET_BY_SESSION = {
    "session": "The session's name is `name` in [session]; it is the same for everyone.",
    "dd_api_key": "A roster never contains an API key; `api_key` says where to find it.",
}
OF_ONE_TRAINEE = ("trainee_name", "trainee_slug")
"""The answers that tell one trainee from another, so that they can't be for everyone."""


@dataclass(frozen=True)
class Entry:
    """One trainee: the answers in the roster, and the line of each."""

    answers: Mapping[str, Any]
    line: int
    lines: Mapping[str, int]
    api_key: KeySource | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    """What else the roster says about the trainee, as text. The template never gets it."""

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
    create: str = ""
    """The command that makes the place to push to, with `{slug}` in it; empty for none."""
    invite: str = ""
    """The command that invites a trainee to it; empty for none. See host_commands.py for both."""
    bundle: bool = False
    """Whether to write a zip and a git bundle of every repository."""
    host: Mapping[str, str] = field(default_factory=dict)
    """What `[host]` says about the cluster. See matchmaker.host.settings."""
    is_text: bool = False
    """Whether all answers are text, as in a CSV file."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The lines of the settings in `[session]`."""
    host_lines: Mapping[str, int] = field(default_factory=dict)
    """The lines of the settings in `[host]`. The line of `[host]` itself has no name."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """The columns of a CSV file that contain answers, each with its line."""
    remarks: tuple[str, ...] = ()
    """What we had to assume to read a CSV file, in sentences."""
    problems: tuple[Problem, ...] = ()
    """Mistakes in its form. If there are any, the rest is our best guess, to be checked as well."""
    of_rows: tuple[Problem, ...] = ()
    """Those of `problems` that are about single trainees, so they don't concern the others."""

    @property
    def has_names(self) -> bool:
        """Whether the trainees have names, so that it makes sense to propose slugs."""
        return any("trainee_name" in entry.answers for entry in self.entries)

    def where(self, line: int) -> str:
        """A place in this file."""
        return f"{self.path}:{line}"

    def where_set(self, setting: str) -> str:
        """The place of a setting in `[session]`, or where you could add it."""
        return self.where(self.lines.get(setting, 1))

    def where_hosted(self, setting: str = "") -> str:
        """The place of a setting in `[host]`, or where you could add it."""
        lines = self.host_lines
        return self.where(lines.get(setting) or lines.get("") or 1)

    @property
    def of_all(self) -> list[Problem]:
        """Those of `problems` that concern everybody."""
        return [problem for problem in self.problems if problem not in self.of_rows]

    def lines_of(self, problem: Problem) -> set[int]:
        """The lines where the trainees begin whom a problem `of_rows` is about.

        Empty if nobody can be read there.
        """
        lines = {entry.line for entry in self.entries}
        if self.is_text:  # each row has one line, and those that can't be read have no entry
            return lines & {problem.line}
        return {max((line for line in lines if line <= problem.line), default=0)} & lines

    def without_consequences(
        self, misspelled: Iterable[str], entry: Entry, problems: list[Problem]
    ) -> tuple[Entry, list[Problem]]:
        """An entry and the problems, without those that only follow from misspelled names.

        If `trainee_name` or `api_key` is misspelled, we don't also report that it is missing.
        """
        meant = {closest(name, known_columns()) for name in misspelled}
        if "trainee_name" in meant:
            nameless = (self.where(entry.line), NO_NAME)
            problems = [
                problem for problem in problems if (problem.where, problem.kind) != nameless
            ]
        if "api_key" in meant and entry.api_key is None:
            entry = replace(entry, api_key=KeySource("later"))
        return entry, problems
