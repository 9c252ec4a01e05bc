"""`matchmaker results`: what came of a session, and what one liar can't change about it."""

import csv
import dataclasses
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from workshop.record.form import Count, StepRecord

from extensions.steps import STEPS
from matchmaker.progress.known import Known
from matchmaker.progress.results import results_of
from tests.matchmaker.remotes import AT, Class, puzzled, record_of

FORMULA = '=HYPERLINK("http://evil.example")'
HARD = "What does a span have that a log line lacks?"
EASY = "What is a trace?"


@pytest.fixture
def class_(tmp_path: Path) -> Class:
    """Four trainees, in folders: two got one question wrong, one lies, and one hasn't begun."""
    made = Class(tmp_path)
    made.write("ada", "bob", "eve", "zoe")
    made.hand_in("ada", puzzled("ada", HARD, done=3, finished=AT))
    made.hand_in("bob", puzzled("bob", HARD, 2, done=2))
    lies = [
        StepRecord(
            STEPS[0].slug,
            AT,
            999_999.0,
            99_999,
            bonus=True,
            wrong=[Count(FORMULA, 100_000), *(Count(f"lie {n}", 99_999) for n in range(40))],
        ),
        StepRecord(FORMULA, AT, 999_999.0, 99_999, wrong=[Count(EASY, 100_000)]),
    ]
    made.hand_in("eve", record_of("eve", step=FORMULA, steps=lies, seen="2199-01-01T00:00:00Z"))
    (made.out / "zoe").mkdir()
    return made


def test_the_table_says_what_to_explain_better(class_: Class) -> None:
    said = class_.run("results")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("spring: 3 of 4 trainees have a record, 1 ran workshop finish")
    lines = said.out.splitlines()
    (first,) = [line for line in lines if line.startswith("1. Meet the app ")]
    # Whoever says that it took a week, or took 99,999 hints, is one person among three.
    assert first.split()[-5:] == ["3", "3", "2", "3", "1"]
    hard = lines.index("Explain better next time: questions that most got wrong")
    assert lines[hard + 2].split(maxsplit=2)[:2] == ["2", "3"]
    assert HARD in lines[hard + 2]
    assert lines[hard + 3].split()[:2] == ["1", "20"]
    assert EASY not in said.out  # which is of a step that nobody knows
    stopped = lines.index("Explain better next time: requirements that stopped most")
    assert "a line for each request" in lines[stopped + 2]
    (eve,) = [line for line in lines if line.startswith("Eve: ")]
    assert f"steps that are not in this version: {FORMULA}" in eve
    assert "the clock there is ahead" in eve


def test_the_files_are_for_spreadsheets_and_programs(class_: Class) -> None:
    said = class_.run("results", "--csv", "results.csv", "--json", "-")
    assert said.code == 0, said.err
    data = json.loads(said.out)
    assert [one["slug"] for one in data["trainees"]] == ["ada", "bob", "eve", "zoe"]
    assert data["trainees"][0]["finished"] == AT
    assert data["questions"][0] == {"step": "explore", "what": HARD, "people": 2, "times": 3}
    content = (class_.folder / "results.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    ada, bob, eve, zoe = rows
    assert (ada["name"], ada["step"], ada["steps done"], ada["minutes"]) == ("Ada", "4", "3", "6.0")
    assert ada["1 explore passed"] == ada["finished"] == "2026-11-24 10:00 CET"
    assert (bob["finished"], bob["4 correlate passed"]) == ("", "")
    assert eve["step"].startswith("'=")
    assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row.values())
    assert (zoe["step"], zoe["remarks"]) == ("", "")
    printed = class_.run("results", "--csv", "-")
    assert printed.out.encode() == content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def test_a_file_that_cannot_be_written(class_: Class) -> None:
    said = class_.run("results", "--csv", "nowhere/results.csv")
    assert said.code == 1
    assert "nowhere/results.csv cannot be written: No such file or directory." in said.err
    (class_.folder / "folder").mkdir()
    said = class_.run("results", "--json", "folder")
    assert said.code == 1
    assert "folder cannot be written: Is a directory." in said.err
    assert not [one for one in class_.folder.iterdir() if one.name.startswith(".")]


def test_odd_times_change_nothing() -> None:
    early = dataclasses.replace(
        record_of("ada", at="2001-01-01T00:00:00Z", done=2), finished="2001-01-01T00:00:00Z"
    )
    steps = [
        dataclasses.replace(early.steps[0], began="2030-01-01T00:00:00Z", seconds=0.0),
        dataclasses.replace(early.steps[1], began="", seconds=0.4),
    ]
    found = results_of("spring", [Known("ada", "Ada", dataclasses.replace(early, steps=steps))])
    assert [(one.done, one.minutes) for one in found.steps[:3]] == [(1, None), (1, 0.0), (0, None)]
    assert found.trainees[0].remarks.startswith("times in the future")


def test_sheets_come_from_remotes_and_print_one_to_a_page(class_: Class, browser: Browser) -> None:
    for slug in ("ada", "eve"):
        class_.create(slug)
    class_.push("zoe", record_of("zoe", done=8, finished=AT))
    class_.push("bob", record_of("bob", done=8, finished=AT, at="2026-11-24T12:00:00+01:00"))
    assert "1 of 4 trainees have a sheet." in class_.run("sheets").out
    said = class_.run("sheets", "--fetch")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Sheets to print: spring/sheets.html",
        "3 of 4 trainees have a sheet.",
        "Eve: has not run `workshop finish`",
    ]
    page = browser.new_page()
    page.goto((class_.out / "sheets.html").as_uri())
    assert page.locator("h1").all_inner_texts() == ["Ada", "Bob", "Zoe"]
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 3
    page.close()
