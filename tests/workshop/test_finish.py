"""`workshop finish`: the record, the sheet, and how long each step took."""

import dataclasses
import json
import os
import re
import time
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from workshop import settings
from workshop.check import progress
from workshop.check.quiz import LETTERS, read
from workshop.finish import sheet, side_by_side
from workshop.finish.make import make, still_open
from workshop.moving import hints
from workshop.problem import Problem
from workshop.record import form as record
from workshop.record import pace
from workshop.record.form import MOST_BARS, Picture, Record, StepRecord, Unusable, parse
from workshop.traces.bars import Bar

from extensions.steps import STEPS
from tests.conftest import REPOSITORY, Render, git
from tests.workshop.conftest import Workshop

LAST = STEPS[-1]
FAST = REPOSITORY / "tests" / "template" / "checks" / "solutions" / f"{LAST.slug}.toml"
RIGHT = "".join(
    LETTERS[question.choices.index(question.right)]
    for question in read((REPOSITORY / "template" / LAST.questions).read_text())
)


def make_fast(root: Path) -> None:
    """Change the app as somebody does who wins the last step's bonus."""
    (solution, *_) = tomllib.loads(FAST.read_text())["right"]
    for edit in solution["edits"]:
        path = root / edit["file"]
        text = path.read_text()
        assert edit["old"] in text
        path.write_text(text.replace(edit["old"], edit["new"]))


def at_last_step(workshop: Workshop) -> None:
    """Move a workshop whose code is complete to the last step."""
    path = workshop.root / "workshop" / "settings.toml"
    path.write_text(re.sub(r"(?m)^step = \d+$", f"step = {LAST.number}", path.read_text()))


def test_somebody_who_did_it_all_sees_what_became_of_it(workshop: Workshop) -> None:
    at_last_step(workshop)
    make_fast(workshop.root)
    hints.following(workshop.root, LAST.slug)
    done = workshop.run("check", "--answers", RIGHT)
    assert done.returncode == 0, done.stdout
    assert "To see what you built: workshop finish" in done.stdout
    done = workshop.run("finish")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Still open" not in done.stdout

    made = parse((workshop.root / ".workshop" / record.FILE).read_bytes())
    assert (made.slug, made.session, made.step) == ("zoe", "self-paced", LAST.slug)
    (last,) = made.steps
    assert (last.slug, last.hints, last.bonus) == (LAST.slug, 1, True)
    assert last.passed
    assert last.seconds > 0
    assert made.before
    assert made.after
    asked = [
        sum(bar.service == "taster" and bar.name.startswith("flask.request") for bar in one.bars)
        for one in (made.before, made.after)
    ]
    assert asked == [4, 1]
    page = (workshop.root / "finish.html").read_text()
    for picture in (made.before, made.after):
        assert f"{picture.milliseconds:.1f} ms" in page
        assert f"{picture.milliseconds:.1f} ms" in done.stdout
    assert "<script" not in page
    assert "finish.html" not in git(workshop.root, "status", "--porcelain")


@pytest.mark.thorough
def test_an_app_that_fails_makes_a_sheet_without_pairings(workshop: Workshop) -> None:
    workshop.edit("app.py", "def pair():", "def pair():\n    raise ValueError('mine')")
    done = workshop.run("finish")
    assert done.returncode == 0
    assert "Still open: 8. " in done.stdout
    assert "The sheet has no waterfalls. A pairing failed: status 500" in done.stdout
    assert "ValueError" in done.stdout
    page = (workshop.root / "finish.html").read_text()
    assert "0 of 9 steps done" in page
    assert "<svg" not in page


def test_a_comparison_that_fails_keeps_the_one_before(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.load(render(step=9))
    monkeypatch.setattr(side_by_side, "measure", lambda _: (PICTURE, PICTURE))
    assert make(here).shortcoming == ""

    def fail(_: settings.Settings) -> None:
        raise Problem("web does not start.", "Fix it.")

    monkeypatch.setattr(side_by_side, "measure", fail)
    made = make(here)
    assert made.record.after == PICTURE
    assert made.shortcoming == "The sheet keeps its earlier waterfalls. web does not start. Fix it."
    assert "<svg" in (here.root / "finish.html").read_text()


def test_what_can_no_longer_be_checked_is_not_open(render: Render) -> None:
    here = settings.load(render(step=7))
    for step in STEPS[1:7]:
        pace.note(dataclasses.replace(here, step=step.number))
    assert [step.number for step in still_open(here)][:3] == [5, 6, 7]


# How long each step took


class Clock:
    """The time, as the tool sees it."""

    now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


@pytest.fixture
def chosen(traced: Path, tmp_path: Path) -> settings.Settings:
    """The settings of somebody at the third step, who leaves no traces elsewhere."""
    return dataclasses.replace(settings.load(traced), run_dir=tmp_path, step=3)


def test_minutes_are_those_between_signs_until_the_check_passes(
    chosen: settings.Settings, clock: Clock
) -> None:
    def sign(after: float, step: int = 3) -> None:
        clock.now += after
        pace.note(dataclasses.replace(chosen, step=step))

    def seconds() -> dict[str, float]:
        return {slug: one.seconds for slug, one in pace.read(chosen.run_dir).items()}

    sign(0)
    sign(60)
    sign(pace.BREAK_SECONDS + 1)  # lunch, a laptop that sleeps, or a clock that jumps
    sign(-5000)
    sign(40)
    assert seconds() == {"drill-down": 100.0}
    clock.now += 20
    pace.checked(chosen, "drill-down", True, False, "")
    sign(300)  # looks around at a step that is done
    sign(10, step=4)
    sign(30, step=4)
    sign(5, step=3)  # goes back
    sign(500, step=3)
    assert seconds() == {"drill-down": 120.0, "correlate": 35.0}
    first = pace.read(chosen.run_dir)["drill-down"].passed
    pace.checked(chosen, "drill-down", True, True, "")
    again = pace.read(chosen.run_dir)["drill-down"]
    assert (again.passed, again.bonus) == (first, True)


@pytest.mark.parametrize("content", ["", "[]", '{"steps": {"a": 1}, "at": 3, "last": "x"}', "\0"])
def test_a_broken_file_begins_anew(chosen: settings.Settings, clock: Clock, content: str) -> None:
    (chosen.run_dir / pace.FILE).write_text(content)
    pace.note(chosen)
    clock.now += 9
    pace.note(chosen)
    assert pace.read(chosen.run_dir)["drill-down"].seconds == 9


def test_where_nothing_can_be_noted_nothing_fails(
    chosen: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chosen.run_dir / pace.FILE).mkdir()
    pace.note(chosen)
    pace.checked(chosen, "drill-down", True, False, "")
    (chosen.run_dir / pace.FILE).rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: -1)  # root, in somebody else's folder
    pace.note(chosen)
    assert not (chosen.run_dir / pace.FILE).exists()
    gone = dataclasses.replace(chosen, run_dir=chosen.run_dir / "gone")
    pace.note(gone)
    assert pace.read(gone.run_dir) == {}
    assert not gone.run_dir.exists()


def test_steps_from_before_the_beginning_are_not_open(chosen: settings.Settings) -> None:
    """A workshop can begin at a later step, and somebody can skip one."""
    pace.note(dataclasses.replace(chosen, step=2))
    progress.record(chosen.run_dir, "drill-down", True)
    found = [step.number for step in still_open(chosen)]
    assert found == [2, *range(4, LAST.number + 1)]


# The record, and the sheet that shows it

PICTURE = Picture(200.5, 5, 61, [Bar("GET /pair/beer", "matchmaker", 0.0, 200.5, 0)])
WHOLE = Record(
    version=record.VERSION,
    slug="zoe",
    session="spring",
    at="2026-11-24T10:00:00+01:00",
    step="questions",
    steps=[StepRecord("explore", "2026-11-24T09:00:00+01:00", 400.0, 2)],
    before=PICTURE,
    after=dataclasses.replace(PICTURE, milliseconds=50.0),
)


def changed(**entries: Any) -> bytes:
    return json.dumps({**dataclasses.asdict(WHOLE), **entries}).encode()


def picture(**entries: Any) -> dict[str, Any]:
    return {**dataclasses.asdict(PICTURE), **entries}


BAR = dataclasses.asdict(PICTURE.bars[0])
STEP = dataclasses.asdict(WHOLE.steps[0])
WRONG = {
    "nothing": b"",
    "not an object": b"[]",
    "no text": b"\xff\xfe",
    "deep": b"[" * 90_000,
    "huge": changed(slug="x" * record.LARGEST),
    "another version": changed(version=3),
    "no version": changed(version=None),
    "an unknown entry": changed(more=1),
    "a lacking entry": json.dumps({"version": 1}).encode(),
    "a long text": changed(slug="x" * 101),
    "an odd text": changed(session="\u202egnirps"),
    "no time": changed(at=""),
    "a wrong time": changed(at="yesterday"),
    "a time without a zone": changed(at="2026-11-24T10:00:00"),
    "a time in another age": changed(at="9999-12-31T23:59:59-23:59"),
    "a step that is a text": changed(steps=["explore"]),
    "a step twice": changed(steps=[STEP, STEP]),
    "too many steps": changed(steps=[{**STEP, "slug": str(n)} for n in range(51)]),
    "a negative time": changed(steps=[{**STEP, "seconds": -1.0}]),
    "an endless time": changed(steps=[{**STEP, "seconds": float("inf")}]),
    "a huge number": changed(steps=[{**STEP, "hints": 10**400}]),
    "a waterfall that is a text": changed(before="<svg>"),
    "no bars": changed(before=picture(bars=[])),
    "too many bars": changed(before=picture(bars=[BAR] * (MOST_BARS + 1))),
    "no milliseconds": changed(after=picture(milliseconds=0)),
    "a bar beyond all": changed(after=picture(bars=[{**BAR, "start": 1e300}])),
    "a bar of no number": changed(after=picture(bars=[{**BAR, "length": float("nan")}])),
    "a bar too deep": changed(after=picture(bars=[{**BAR, "depth": 10**9}])),
}


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record.write(tmp_path, WHOLE)
    assert record.read(tmp_path) == WHOLE


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_what_the_tool_could_not_have_written_is_no_record(content: bytes) -> None:
    with pytest.raises(Unusable):
        parse(content)


def test_the_largest_record_is_small_enough() -> None:
    bar = Bar("猫" * 100, "🍩" * 100, 123456.789, 123456.789, 50)
    full = dataclasses.replace(PICTURE, bars=[bar] * MOST_BARS)
    steps = [dataclasses.replace(WHOLE.steps[0], slug=f"{n:0100}") for n in range(50)]
    largest = dataclasses.replace(WHOLE, steps=steps, before=full, after=full)
    parse(json.dumps(dataclasses.asdict(largest), indent=2).encode())


EVIL = "\"'><script>alert(1)</script>{{ 7 * 7 }}"


def test_nothing_in_a_record_becomes_markup() -> None:
    bar = dataclasses.replace(PICTURE.bars[0], name=EVIL, service=EVIL)
    evil = dataclasses.replace(
        WHOLE,
        session=EVIL,
        step=EVIL,
        steps=[StepRecord(EVIL)],
        before=dataclasses.replace(PICTURE, bars=[bar]),
    )
    evil = parse(json.dumps(dataclasses.asdict(evil)).encode())
    drawn = sheet.body(sheet.Sheet(EVIL, evil.session, evil))
    assert "<script" not in drawn
    assert "49" not in re.sub(r"\d+\.\d", "", drawn)
    assert ElementTree.fromstring(drawn).tag == "article"


@pytest.mark.parametrize(
    ("after", "said"),
    [(50.0, "4.0 times as fast"), (190.0, "the bonus of step 9"), (900.0, "longer than it did")],
)
def test_the_sheet_says_what_became_of_a_pairing(after: float, said: str) -> None:
    both = (PICTURE, dataclasses.replace(PICTURE, milliseconds=after))
    assert said in sheet.verdict(*both)


def test_the_sheet_says_what_is_done() -> None:
    slug = STEPS[1].slug
    steps = [*WHOLE.steps, StepRecord(slug, seconds=20.0), StepRecord("of-another-version")]
    lines = sheet.lines(dataclasses.replace(WHOLE, steps=steps))
    assert [(line.state, line.minutes, line.hints) for line in lines[:3]] == [
        ("done", "7", "2"),
        ("not checked", "under 1", ""),
        ("not checked", "", ""),
    ]
    assert lines[len(STEPS) - 1].state == "open"
    assert [line.title for line in lines[len(STEPS) :]] == ["of-another-version"]
