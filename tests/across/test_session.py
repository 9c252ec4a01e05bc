"""A session of forty, from a list of people out of Excel to what came of it.

Everything runs through the installed command, in processes of its own, and against repositories in
a folder that stands for a host. Each fixture is a chapter that follows the one before, and the
tests say what was true in it.
"""
# ruff: noqa: ARG001 - a chapter follows another, and needs that it happened, not what came of it

import csv
import dataclasses
import io
import json
import os
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from workshop.record import form, share
from workshop.record.form import Check, Count, Line, Record, StepRecord

from extensions.steps import STEPS
from tests.across.class_of_forty import (
    FORMULA,
    PEOPLE,
    SESSION,
    Desk,
    Pupil,
    clone,
    excel_export,
    is_idle,
    scripted,
)
from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER, Ran
from tests.matchmaker.remotes import Class, as_bytes
from tests.stack import until
from tests.workshop.conftest import free_port

pytestmark = [
    pytest.mark.xdist_group("a session of forty"),
    pytest.mark.first,
    # A second try would begin in the middle of the story, and fail for another reason.
    pytest.mark.flaky(reruns=0),
]

ADAS, ANNAS, BENS = "ada-ampel", "anna-altmann", "ben-berger"
REFUSES, IS_SLOW, IS_TAKEN = "rosa-refusee", "sven-slow", "tom-taken"
IN_TROUBLE = {REFUSES, IS_TAKEN}
MOVES, STARTS_OVER, RENAMES = "jan-braun", "dana-braun", "emil-braun"
LATE = "zora-spaet"
EVIL = "=1+1<img src=x onerror=alert(1)><script>alert(2)</script>"
HARD = "A pairing writes one line to timing.log"
SOME = "`pair` has the decorator `timing_decorator`"
SLEEPS = """\
for _ in $(seq 300); do
  [ "$(ls ../*/refs/heads/main | wc -l)" -ge 38 ] && exit 0
  sleep 0.1
done
exit 1
"""
"""The slow remote takes a push only when all others have theirs."""


def hook(bare: Path, script: str) -> Path:
    file = bare / "hooks" / "pre-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}")
    file.chmod(0o755)
    return file


# 1. From the export to a roster


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The instructor's folder, with a roster made of the export."""
    made = Desk(tmp_path_factory.mktemp("forty"), template)
    (made.folder / "teilnehmer.csv").write_bytes(excel_export(PEOPLE))
    words = ("teilnehmer.csv", "--session", SESSION, "--template", str(template))
    made.said["roster"] = made.run("roster", *words)
    made.roster.write_text(made.said["roster"].out, encoding="utf-8")
    url = f"{made.host}/{{slug}}.git"
    create = f"git init --quiet --bare --initial-branch=main {shlex.quote(url)}"
    made.edit_roster('# push = "git@host:team/{slug}.git"', f"push = {json.dumps(url)}")
    old = '# create = "gh repo create team/{slug} --private"'
    made.edit_roster(old, f"create = {json.dumps(create)}")
    return made


def test_the_export_becomes_a_roster(desk: Desk) -> None:
    said = desk.said["roster"]
    assert said.code == 0
    assert "The roster has 40 trainees." in said.err
    found = tomllib.loads(said.out)["trainee"]
    assert len(found) == len(PEOPLE) == 40
    names = [one["trainee_name"] for one in found]
    assert {"李雷", "نور الهدى", "מרים בן דוד", "Zoë O'Hara-Größe"} < {*names}
    assert [one.get("trainee_slug") for one in found if one["trainee_name"] == "John Smith"] == [
        None,
        "john-smith-2",
    ]
    assert [one["notes"]["email"] for one in found] == [
        f"person{number}@example.org" for number in range(40)
    ]
    assert found[1]["notes"]["team"] == FORMULA


# 2. Handing out


@dataclass
class HandedOut:
    """What two runs of `generate` said, and what was there after the first."""

    first: Ran
    second: Ran
    rows: dict[str, dict[str, str]]
    cards: int
    problems: dict[str, str]
    created: set[str]


@pytest.fixture(scope="module")
def handed_out(desk: Desk) -> HandedOut:
    """Three remotes are there before, and two of them make trouble."""
    for slug in (REFUSES, IS_SLOW, IS_TAKEN):
        git(desk.folder, "init", "--quiet", "--bare", "--initial-branch=main", f"host/{slug}.git")
    closed = hook(desk.remote(REFUSES), "echo closed until noon >&2; exit 1")
    hook(desk.remote(IS_SLOW), SLEEPS)
    git(desk.folder, "init", "--quiet", "--initial-branch=main", "readme")
    for words in (
        ("commit", "--quiet", "--allow-empty", "--message", "A README of the host"),
        ("push", "--quiet", str(desk.remote(IS_TAKEN)), "main"),
    ):
        git(desk.folder / "readme", *words)
    first = desk.generate()
    known = json.loads((desk.out / "session.json").read_text())["trainees"]
    problems = {slug: one["problems"][0] for slug, one in known.items() if "problems" in one}
    rows, cards = desk.hand_out(), desk.cards()
    created = {slug for slug, one in known.items() if "create" in one.get("ran", {})}
    closed.unlink()
    desk.obey(problems[IS_TAKEN], "git -C")
    return HandedOut(first, desk.generate(), rows, cards, problems, created)


def test_everybody_gets_a_repository(desk: Desk, handed_out: HandedOut) -> None:
    first, second = handed_out.first, handed_out.second
    assert (first.code, second.code) == (1, 0), second.out + second.err
    assert {*handed_out.problems} == IN_TROUBLE
    said = " ".join((first.out + first.err).split())
    assert "closed until noon" in said or "pre-receive hook declined" in said
    slugs = {*desk.hand_out()}
    assert {slug for slug in slugs if f"{slug}.git: " in said} == IN_TROUBLE
    # Each remote that wasn't there was made, and nobody waits for the slow one.
    assert handed_out.created == slugs - {*IN_TROUBLE, IS_SLOW}
    assert handed_out.rows.keys() == slugs - IN_TROUBLE
    assert handed_out.cards == 38

    assert "not pushed" not in second.out + second.err
    assert len(slugs) == desk.cards() == 40
    heads = {slug: git(desk.remote(slug), "rev-parse", "main") for slug in slugs}
    assert heads == {slug: git(desk.out / slug, "rev-parse", "HEAD") for slug in slugs}
    assert "A README of the host" in git(desk.remote(IS_TAKEN), "log", "--format=%s", "main")
    row = desk.hand_out()["li-lei"]
    assert (row["name"], row["email"]) == ("李雷", "person6@example.org")
    assert row["clone"] == str(desk.remote("li-lei"))
    assert desk.hand_out()[ANNAS]["team"] == f"'{FORMULA.replace(';', ';')}"


# 3. Everybody begins


@pytest.fixture(scope="module")
def pupils(desk: Desk, handed_out: HandedOut) -> dict[str, Pupil]:
    """The trainees, who have cloned, and done more or less."""
    rows = desk.hand_out()
    (desk.folder / "homes").mkdir()
    found = {slug: Pupil(slug, desk.folder / "homes" / slug) for slug in rows}
    for slug, pupil in found.items():
        clone(rows[slug]["clone"], pupil.root)

    def begin(slug: str) -> None:
        first = found[slug].types("check", *([] if slug == ADAS else ["--guess", "20"]))
        assert f"It goes to {share.REF}" in " ".join(first.stdout.split())
        assert first.returncode == (1 if slug == ADAS else 0), first.stdout + first.stderr
        if slug == ANNAS:
            assert found[slug].types("hint").returncode == 0
        if slug == BENS:
            assert found[slug].types("finish").returncode == 0

    with ThreadPoolExecutor(3) as pool, scripted():
        real = [pool.submit(begin, slug) for slug in (ADAS, ANNAS, BENS)]
        for number, pupil in enumerate(one for one in found.values() if one.slug not in REAL):
            act(number, pupil)
            pupil.arrives()
        for one in real:
            one.result()
    for slug in REAL:  # in the background, the last one after a while
        until(partial(has_arrived, desk, found[slug]), f"{slug}'s record arrives")
    return found


def has_arrived(desk: Desk, pupil: Pupil) -> bool:
    """Whether the remote has the trainee's newest record."""
    there = ["git", "-C", str(desk.remote(pupil.slug)), "show", f"{share.REF}:{form.FILE}"]
    own = (pupil.root / ".workshop" / form.FILE).read_bytes()
    return subprocess.run(there, capture_output=True).stdout == own


REAL = {ADAS, ANNAS, BENS}


def act(number: int, pupil: Pupil) -> None:
    """What a scripted trainee does until the board opens."""
    for _ in range(number % 4):
        pupil.works(minutes=4 + number % 3)
        pupil.checks()
        pupil.goes_on()
    pupil.works(minutes=5)
    if number % 5 == 0:
        pupil.takes_a_hint()
    if number % 6 == 0:  # the last steps have questions
        pupil.step = len(STEPS)
        pupil.answers_wrong(0 if number else 1)
    # One requirement stops many at one step. The others stop a few.
    pupil.checks(stopped_at=HARD if pupil.step == 2 else f"{SOME} {number % 3}")
    if number in (1, 2):
        pupil.checks(bonus=True)
        pupil.finishes()


# 4. The board, while they move


@dataclass
class Board:
    """The page in a browser, and what it did that it shouldn't."""

    page: Page
    process: subprocess.Popen[str]
    wrong: list[str]

    def until(self, selector: str, **about: Any) -> None:
        """Come back to the page until it shows something."""

        def look() -> bool:
            self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            self.page.wait_for_timeout(300)
            return self.page.locator(selector, **about).count() > 0

        until(look, f"{selector} {about}", self.page.locator("main").inner_text)

    def row(self, place: int) -> set[str]:
        """Who is at a step."""
        return {*self.page.locator(".row").nth(place).locator("bdi").all_text_contents()}


SHOWN = ".who bdi, .visit bdi"
"""Everybody whose record has come."""


@pytest.fixture(scope="module")
def board(desk: Desk, pupils: dict[str, Pupil], browser: Browser) -> Iterator[Board]:
    """The command in its own process, and the page that its link opens."""
    process = subprocess.Popen(
        [MATCHMAKER, "board", desk.roster.name, "--port", str(free_port())],
        cwd=desk.folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        link = next(line.strip() for line in iter(process.stdout.readline, "") if "http" in line)
        page = context.new_page()
        wrong: list[str] = []

        def refuse(dialog: Dialog) -> None:
            wrong.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", refuse)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(link)
        opened = Board(page, process, wrong)
        opened.until(f":nth-match({SHOWN}, {len(PEOPLE)})")  # a slow machine needs several looks
        yield opened
    finally:
        context.close()
        process.terminate()
        process.communicate()


@dataclass
class Moved:
    """What the board showed."""

    shown: set[str]
    at_first: list[set[str]]
    later: list[set[str]]
    room: str


@pytest.fixture(scope="module")
def moved(desk: Desk, pupils: dict[str, Pupil], board: Board) -> Moved:
    """One trainee goes from red to green, and on to the next step; so does a scripted one."""
    page = board.page
    shown = {*page.locator(SHOWN).all_text_contents()}
    at_first = [board.row(0), board.row(1)]
    board.until(".row:nth-child(1) .who.red", has_text="Ada Ampel")
    board.until(".row:nth-child(1) .who.red", has_text=NAMES[MOVES])
    with ThreadPoolExecutor(1) as pool, scripted():
        real = pool.submit(go_on, pupils[ADAS])
        pupils[MOVES].checks()
        pupils[MOVES].arrives()
        board.until(".row:nth-child(1) .who.green", has_text=NAMES[MOVES])
        pupils[MOVES].goes_on()
        pupils[MOVES].arrives()
        real.result()
    board.until(".row:nth-child(2) .who.working", has_text=NAMES[MOVES])
    board.until(".row:nth-child(2) .who.working", has_text="Ada Ampel")
    later = [board.row(0), board.row(1)]
    projector = page.context.new_page()
    projector.goto(f"{page.url}projector")
    projector.locator("tbody tr").first.wait_for()
    room = projector.content()
    projector.close()
    return Moved(shown, at_first, later, room)


def go_on(pupil: Pupil) -> None:
    """Guess, check, and go on, in the trainee's own processes."""
    assert pupil.types("check", "--guess", "20").returncode == 0
    done = pupil.types("next")
    assert "You are at step 2" in done.stdout, done.stdout + done.stderr


NAMES = {MOVES: "Jan Braun", STARTS_OVER: "Dana Braun", RENAMES: "Emil Braun"}


def test_the_board_shows_forty_while_they_move(
    desk: Desk, pupils: dict[str, Pupil], board: Board, moved: Moved
) -> None:
    names = [row["name"] for row in desk.hand_out().values()]
    alone = {name for name in names if names.count(name) == 1}
    assert moved.shown == alone | {"John Smith (john-smith)", "John Smith (john-smith-2)"}
    assert {"Ada Ampel", "Anna Altmann", NAMES[MOVES]} <= moved.at_first[0]
    assert moved.later[0] == moved.at_first[0] - {"Ada Ampel", NAMES[MOVES]}
    assert moved.later[1] == moved.at_first[1] | {"Ada Ampel", NAMES[MOVES]}
    assert board.wrong == []
    for row in desk.hand_out().values():
        for text in (row["name"], row["slug"], row["email"]):
            assert text not in moved.room
    assert "have begun" in moved.room


# 5. Somebody starts over, somebody comes late, somebody changes their name


@dataclass
class Changed:
    """What the commands said, and what was known."""

    reset: Ran
    problem: str
    changed: Ran
    renamed: Ran
    status: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def changed(desk: Desk, pupils: dict[str, Pupil], board: Board, moved: Moved) -> Changed:
    """The instructor does what the messages say."""
    reset = desk.generate("--only", STARTS_OVER, "--fresh")
    known = json.loads((desk.out / "session.json").read_text())["trainees"]
    problem = known[STARTS_OVER]["problems"][0]
    desk.obey(problem, "git -C")
    late = ["", "[[trainee]]", 'trainee_name = "Zora Spaet"']
    late += ['notes = {email = "zora@example.org", team = "Rot"}', ""]
    desk.roster.write_text(desk.roster.read_text() + "\n".join(late))
    desk.edit_roster('"Emil Braun"', '"Emil Sommer"')
    changed = desk.generate()
    desk.edit_roster('"Emil Sommer"', f'"Emil Sommer"\ntrainee_slug = "{RENAMES}"')
    renamed = desk.generate("--only", RENAMES)
    rows = desk.hand_out()
    pupils[LATE] = Pupil(LATE, desk.folder / "homes" / LATE)
    pupils[STARTS_OVER] = Pupil(STARTS_OVER, desk.folder / "homes" / "dana-again")
    with scripted():
        for slug in (LATE, STARTS_OVER):
            clone(rows[slug]["clone"], pupils[slug].root)
            pupils[slug].works(minutes=1)
            pupils[slug].checks(stopped_at=SOME)
            pupils[slug].arrives()
    return Changed(reset, problem, changed, renamed, desk.status())


def test_somebody_starts_over_and_somebody_comes_late(
    desk: Desk, pupils: dict[str, Pupil], board: Board, changed: Changed
) -> None:
    assert changed.reset.code == 1
    assert "before --fresh" in changed.problem
    assert git(desk.remote(STARTS_OVER), "rev-parse", "main") == git(
        desk.out / STARTS_OVER, "rev-parse", "HEAD"
    )
    assert [(one.slug, one.checks) for one in pupils[STARTS_OVER].record.steps] == [("explore", 1)]
    assert changed.status[STARTS_OVER]["number"] == 1
    assert changed.status[LATE]["check"]["stopped_at"] == SOME
    assert LATE in desk.hand_out()
    # The board knows them by now, and asks for their record within a minute.
    board.until(".who", has_text="Zora Spaet")


def test_somebody_changes_their_name(
    desk: Desk, pupils: dict[str, Pupil], board: Board, changed: Changed
) -> None:
    assert (changed.changed.code, changed.renamed.code) == (1, 0), changed.renamed.err
    said = " ".join((changed.changed.out + changed.changed.err).split())
    assert f"has the e-mail address of {RENAMES}" in said
    assert changed.status[RENAMES]["name"] == "Emil Sommer"
    check = pupils[RENAMES].record.check
    assert check
    assert changed.status[RENAMES]["check"]["stopped_at"] == check.stopped_at
    assert not (desk.out / "emil-sommer").exists()
    assert "Emil Sommer" in git(desk.remote(RENAMES), "show", "main:README.md")
    board.until(".who", has_text="Emil Sommer")


# 6. Records that are broken, or hostile


def hostile_record(slug: str) -> Record:
    """A record that is one, with what it can have of somebody else's words."""
    step = STEPS[1].slug
    check = Check(step, AT, False, [Line(EVIL, "fail", EVIL, EVIL)], EVIL)
    done = StepRecord(step, hints=3, stopped=[Count(EVIL, 1000)], wrong=[Count(EVIL, 1000)])
    odd = StepRecord(EVIL, AT, 9e5, 99_999, True, AT, 99_999)
    steps = [done, odd]
    return Record(form.VERSION, slug, SESSION, AT, EVIL, steps, finished=AT, seen=AT, check=check)


AT = "2026-11-24T10:00:00+01:00"
HOSTILE = {
    "ida-braun": "",
    "kurt-braun": "it has more than",
    "lea-braun": "it sends more than a record can have",
    "mia-braun": "it has unexpected entries",
    "nils-braun": "it is the record of somebody else",
    "olga-braun": "it is the record of somebody else",
}


@dataclass
class Spoilt:
    """What was known after the records had come."""

    status: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def spoilt(desk: Desk, pupils: dict[str, Pupil], changed: Changed) -> Spoilt:
    """Each goes to the reference of its own remote, as anybody can do there."""
    ida, kurt, lea, mia, nils, olga = HOSTILE
    host = Class(desk.folder)
    host.push(ida, hostile_record(ida))
    host.push(kurt, as_bytes(pupils[kurt].record) + b" " * 5_000_000)
    host.push(lea, os.urandom(5 << 20))
    wrong = {**dataclasses.asdict(pupils[mia].record), "steps": {"explore": 1}, "at": 7}
    host.push(mia, json.dumps(wrong).encode())
    host.push(nils, pupils[ADAS].record)
    host.push(olga, dataclasses.replace(pupils[olga].record, session="mittwoch"))
    return Spoilt(desk.status())


def test_a_hostile_record_changes_its_own_row(
    desk: Desk, board: Board, changed: Changed, spoilt: Spoilt
) -> None:
    for slug, one in changed.status.items():
        if slug not in HOSTILE:
            assert spoilt.status[slug] == one
    for slug, why in HOSTILE.items():
        found = spoilt.status[slug]
        assert found["name"] == changed.status[slug]["name"]
        assert why in found["problem"]
        assert (found["step"] == EVIL) == (slug == "ida-braun")


def test_a_hostile_record_runs_nothing_on_the_board(board: Board, spoilt: Spoilt) -> None:
    page = board.page
    board.until(".lists li", has_text="it is the record of somebody else")
    page.locator(".who", has_text="Ida Braun").first.click()
    expect(page.locator("dialog")).to_contain_text(EVIL)
    assert page.locator("img[src='x'], main script, dialog script").count() == 0
    page.keyboard.press("Escape")
    assert board.wrong == []
    assert board.process.poll() is None


# 7. The network is away, and comes back


@dataclass
class Network:
    """What was known while it was away, and after that."""

    away: dict[str, dict[str, Any]]
    back: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def network(desk: Desk, pupils: dict[str, Pupil], spoilt: Spoilt) -> Network:
    """Meanwhile, a trainee works on."""
    away = desk.host.rename(desk.folder / "away")
    with scripted():
        pupils[MOVES].checks()
        seen = desk.status()
        away.rename(desk.host)
        pupils[MOVES].arrives()
    return Network(seen, desk.status())


def test_the_network_is_away_and_comes_back(spoilt: Spoilt, network: Network) -> None:
    assert len(network.away) == 41
    for slug, one in spoilt.status.items():
        away, back = network.away[slug], network.back[slug]
        assert "cannot be read" in away["problem"]
        assert "last seen at" in away["problem"]
        assert {**away, "problem": ""} == {**one, "problem": ""}
        if slug == MOVES:
            assert (away["green"], back["green"], back["problem"]) == (False, True, "")
        else:
            assert back == one


# 8. What came of it


@dataclass
class Afterwards:
    """The files that the instructor keeps."""

    ran: Ran
    table: list[list[str]]
    data: dict[str, Any]
    sheets: Ran
    page: str


@pytest.fixture(scope="module")
def afterwards(desk: Desk, pupils: dict[str, Pupil], network: Network) -> Afterwards:
    """The session is over, and nothing is being pushed."""
    for slug in REAL:
        until(partial(is_idle, pupils[slug].root))
    files = ("--csv", "results.csv", "--json", "results.json")
    ran = desk.run("results", desk.roster.name, "--fetch", *files)
    text = (desk.folder / "results.csv").read_text(encoding="utf-8-sig")
    data = json.loads((desk.folder / "results.json").read_text())
    sheets = desk.run("sheets", desk.roster.name, "--fetch")
    page = (desk.out / "sheets.html").read_text()
    return Afterwards(ran, [*csv.reader(io.StringIO(text))], data, sheets, page)


def test_the_results(pupils: dict[str, Pupil], afterwards: Afterwards) -> None:
    assert afterwards.ran.code == 0, afterwards.ran.err
    by_slug = {one["slug"]: one for one in afterwards.data["trainees"]}
    assert len(by_slug) == 41
    for slug, pupil in pupils.items():
        if slug in HOSTILE:
            continue
        record, found = pupil.record, by_slug[slug]
        assert found["steps"] == [dataclasses.asdict(one) for one in record.steps]
        assert found["hints"] == sum(one.hints for one in record.steps)
        assert found["bonus"] == sum(one.bonus for one in record.steps)
        assert found["done"] == sum(bool(one.passed) for one in record.steps)
        assert found["finished"] == record.finished
    assert by_slug["tom-taken"]["seconds"] >= 2 * 60
    assert by_slug["tom-taken"]["bonus"] == 1
    hardest, question = afterwards.data["requirements"][0], afterwards.data["questions"][0]
    steps_there = [
        of
        for slug, one in pupils.items()
        for of in one.record.steps
        if slug not in HOSTILE and of.slug == hardest["step"]
    ]
    counted = [any(one.what == HARD for one in of.stopped) for of in steps_there]
    assert (hardest["what"], hardest["people"]) == (HARD, sum(counted))
    assert question["people"] > 3
    assert question["what"] != EVIL


def test_the_results_are_safe_in_a_spreadsheet(afterwards: Afterwards) -> None:
    assert len(afterwards.table) == 42
    assert {len(row) for row in afterwards.table} == {len(afterwards.table[0])}
    assert not [
        cell for row in afterwards.table for cell in row if cell.startswith(("=", "+", "-", "@"))
    ]


def test_the_sheets(pupils: dict[str, Pupil], afterwards: Afterwards) -> None:
    assert afterwards.sheets.code == 0
    finished = {slug for slug, one in pupils.items() if slug not in HOSTILE and one.record.finished}
    assert finished == {BENS, IS_SLOW, IS_TAKEN}
    for name in ("Ben Berger", "Sven Slow", "Tom Taken", "Ida Braun"):
        assert name in afterwards.page
    assert "4 of 41 trainees have a sheet." in afterwards.sheets.out
    assert "<img" not in afterwards.page
    assert "<script>alert" not in afterwards.page
