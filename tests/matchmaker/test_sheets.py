"""`matchmaker sheets`: one page for all who have finished, whatever their records contain."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser
from workshop.record import form as record
from workshop.record.form import Picture, Record, StepRecord
from workshop.traces.bars import Bar

from extensions.steps import STEPS
from tests.matchmaker.conftest import Installed, Session

PICTURE = Picture(200.5, 5, 61, [Bar("GET /pair/beer", "matchmaker", 0.0, 200.5, 0)])
EVIL = "</text><script>alert(1)</script>"


def finished(slug: str, **entries: object) -> Record:
    """The record of somebody who has done it all."""
    at = "2026-11-24T10:00:00+01:00"
    steps = [StepRecord(step.slug, at, 400.0, 1) for step in STEPS]
    made = Record(record.VERSION, slug, "spring", at, STEPS[-1].slug, steps, PICTURE, PICTURE)
    return dataclasses.replace(made, **{"finished": at, **entries})  # type: ignore[arg-type]


def hand_in(folder: Path, made: Record) -> None:
    """Write a record as `workshop finish` does."""
    record.write(folder / ".workshop", made)


def link_elsewhere(folder: Path) -> None:
    secret = folder.parent.parent / "secret.json"
    secret.write_text(json.dumps(dataclasses.asdict(finished(folder.name))))
    (folder / ".workshop" / record.FILE).symlink_to(secret)


def claim_to_be_another(folder: Path) -> None:
    hand_in(folder, finished("ada"))


def write_much(folder: Path) -> None:
    (folder / ".workshop" / record.FILE).write_text("[" * 3_000_000)


def write_a_folder(folder: Path) -> None:
    (folder / ".workshop" / record.FILE).mkdir()


def be_of_another_session(folder: Path) -> None:
    hand_in(folder, finished(folder.name, session="summer"))


HARM: dict[str, tuple[Callable[[Path], None], str]] = {
    "cara": (claim_to_be_another, "is the record of somebody else"),
    "dora": (write_much, "larger than"),
    "emma": (link_elsewhere, "is a symbolic link"),
    "fay": (write_a_folder, "is a folder"),
    "gia": (be_of_another_session, "is the record of somebody else"),
}


def test_a_bad_record_spoils_only_its_own_row(session: Session, browser: Browser) -> None:
    names = ["Ada", "Bob", "Hal", *(slug.title() for slug in HARM)]
    session.write(*names)
    session.run()
    assert session.run(command="sheets").out.startswith(f"0 of {len(names)} trainees have a sheet.")
    assert not (session.out / "sheets.html").exists()
    hand_in(session.out / "ada", finished("ada"))
    evil = dataclasses.replace(PICTURE, bars=[Bar(EVIL, EVIL, 0.0, 1.0, 0)])
    hand_in(session.out / "bob", finished("bob", before=evil, steps=[StepRecord(EVIL)]))
    for slug, (harm, _) in HARM.items():
        harm(session.out / slug)

    said = session.run(command="sheets")
    assert (said.code, said.err) == (0, "")
    assert f"2 of {len(names)} trainees have a sheet." in said.out
    assert "Hal: has not run `workshop finish`" in said.out
    for slug, (_, why) in HARM.items():
        (line,) = [line for line in said.out.splitlines() if slug.title() in line.split(":")[0]]
        assert why in line

    page = browser.new_page()
    page.goto((session.out / "sheets.html").as_uri())
    assert page.locator("h1").all_inner_texts() == ["Ada", "Bob"]
    assert page.locator(".sheet").nth(0).locator("tbody .done").count() == len(STEPS)
    assert page.locator("script").count() == 0
    assert EVIL[:10] in page.locator(".sheet").nth(1).inner_text()
    page.close()


def test_nobody_s_sheet_is_printed_under_another_name(session: Session, browser: Browser) -> None:
    session.write("Ada", "Zed")
    session.run()
    for slug in ("ada", "zed"):
        hand_in(session.out / slug, finished(slug, step=f"{slug}-was-here"))
    answers = session.out / "zed" / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("trainee_name: Zed", "trainee_name: Ada"))
    (session.out / "zed" / ".workshop" / record.FILE).unlink()
    said = session.run(command="sheets")
    assert "1 of 2 trainees have a sheet." in said.out
    assert "Zed: has not run `workshop finish`" in said.out
    page = browser.new_page()
    page.goto((session.out / "sheets.html").as_uri())
    assert page.locator("h1").all_inner_texts() == ["Ada"]
    page.close()


def test_the_installed_command_prints_the_names_of_the_roster(installed: Installed) -> None:
    """In a process of its own, which finds the tool's templates by itself."""
    (installed.folder / "spring.toml").write_text(
        '[session]\nname = "spring"\n[[trainee]]\ntrainee_name = "Zoë <b>"\n'
    )
    assert installed.run("generate", "spring.toml").code == 0
    hand_in(installed.folder / "spring" / "zoe-b", finished("zoe-b"))
    said = installed.run("sheets", "spring.toml")
    assert (said.code, said.err) == (0, "")
    assert said.out == "Sheets to print: spring/sheets.html\n1 of 1 trainees have a sheet.\n"
    assert '<h1 dir="auto">Zoë &lt;b&gt;</h1>' in (
        installed.folder / "spring" / "sheets.html"
    ).read_text(encoding="utf-8")


def test_the_folder_of_another_session_is_refused(session: Session) -> None:
    session.write("Ada")
    session.out.mkdir()
    (session.out / "session.json").write_text('{"session": "summer", "trainees": {"ada": {}}}')
    said = session.run(command="sheets")
    assert said.code == 1
    assert "has the session summer" in said.err
