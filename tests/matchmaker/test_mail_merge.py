"""`handout.csv`, as a program for mail merges reads it."""

import csv
import io
from dataclasses import replace

import pytest

from matchmaker.csv_cells import harmless
from matchmaker.handout.cards import card
from matchmaker.handout.mail_merge import mail_merge
from matchmaker.report.session_file import HandedOut
from matchmaker.roster.questions import Facts
from matchmaker.session import Trainee
from tests.matchmaker.conftest import KEY

FACTS = Facts("spring-ada", {"web": 5000, "console": 8000}, "", "Explore", False)
PUSHED = HandedOut("push", "c0ffee", "2026-11-24", url="git@host:team/ada.git")
UNZIPPED = HandedOut("bundle", "c0ffee", "2026-11-24")


def rows(*trainees: tuple[Trainee, HandedOut]) -> list[dict[str, str]]:
    """The rows of the file, by the names of its columns."""
    text = mail_merge("spring", [card(one, "/out", way) for one, way in trainees])
    assert text.startswith('\ufeff"name","slug",')
    assert text.replace("\r\n", "").count("\n") == 0
    assert KEY not in text
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_a_row_has_what_a_trainee_needs() -> None:
    notes = {"Team": "red", "session": "late", "E-Mail": "ada@example.org"}
    ada = Trainee("ada", "Ada, “Countess”", 1, FACTS, {}, key=KEY, notes=notes)
    li = Trainee("li-lei", "李雷", 2, FACTS, {}, notes={"E-Mail": "li@example.org"})
    first, second = rows((ada, PUSHED), (li, UNZIPPED))
    assert first == {
        "name": "Ada, “Countess”",
        "slug": "ada",
        "E-Mail": "ada@example.org",
        "session (roster)": "late",
        "Team": "red",
        "session": "spring",
        "step": "1",
        "get": "git clone git@host:team/ada.git",
        "clone": "git@host:team/ada.git",
        "zip": "",
        "codespace": "",
        "console": "http://localhost:8000",
        "ports": "5000 8000",
    }
    assert list(first)[:3] == ["name", "slug", "E-Mail"]
    assert (second["name"], second["Team"], second["zip"]) == ("李雷", "", "li-lei.zip")
    (hosted,) = rows((ada, replace(PUSHED, url="git@github.com:team/ada.git")))
    assert hosted["codespace"] == "https://codespaces.new/team/ada?quickstart=1"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("\t=1", "'=1"),
        ("\r\n =1", "'=1"),
        ("\x00=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("x;=1", "x;'=1"),
        ('"=1', "\"'=1"),
        ('x","=1', 'x","\'=1'),
        ("x\n=1", "x =1"),
        ("+49 (170) 123-45/6", "+49 (170) 123-45/6"),
        ("-3.5", "-3.5"),
        ("ada@example.org", "ada@example.org"),
        ("Anne-Marie O'Brien", "Anne-Marie O'Brien"),
        ("1+1=2", "1+1=2"),
    ],
)
def test_no_value_is_a_formula(value: str, shown: str) -> None:
    assert harmless(value) == shown
    trainee = Trainee("ada", value, 1, FACTS, {}, notes={"x": value, value: "y"})
    (row,) = rows((trainee, PUSHED))
    assert row["name"] == row["x"] == shown
    assert row[shown] == "y"
