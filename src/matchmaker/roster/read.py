"""Reads a roster: who takes part, and how each trainee's workshop differs."""

from pathlib import Path

from matchmaker.problem import Problem, Problems
from matchmaker.roster.entries import SET_BY_SESSION, Entry, Roster
from matchmaker.roster.masking import masked
from matchmaker.roster.people import Told, read_people
from matchmaker.roster.text_file import TABLES, read_text
from matchmaker.roster.toml_roster import TomlReader
from matchmaker.roster.toml_text import NotToml, read_toml

__all__ = ["SET_BY_SESSION", "Entry", "Roster", "Told", "read_roster"]


def read_roster(path: Path, told: Told | None = None) -> Roster:
    """Read a TOML or CSV file. The result includes mistakes in its form.

    `told` has what a CSV file cannot say. Raises Problems if the file can't be read at all.
    """
    told = told or Told()
    if path.suffix.lower() in TABLES:
        return read_people(path, read_text(path, told.encoding), told)
    text = read_text(path).text
    if told.options:
        what = f"A roster in TOML says for itself what {' and '.join(told.options)} would say."
        raise Problems([Problem(what, "Write it below [session], and leave the option out.")])
    try:
        content, lines = read_toml(text)
    except NotToml as error:
        problem = Problem(masked(error.what), masked(error.remedy), f"{path}:{error.line}")
        raise Problems([problem]) from error
    return TomlReader(path, content, lines).read()
