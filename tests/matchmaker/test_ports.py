"""Ports for everybody on one shared host, and none that a browser refuses."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error
from workshop.stack.blocked_ports import BLOCKED_PORTS

from extensions.trainee import PORTS
from matchmaker.repositories import ports
from matchmaker.repositories.ports import PortBook, blocked, nearest_offset, shifted
from matchmaker.roster.read import read_roster
from tests.conftest import git, update
from tests.matchmaker.conftest import Session


def given_ports(session: Session) -> dict[str, list[int]]:
    trainees = json.loads((session.out / "session.json").read_text())["trainees"]
    return {slug: list(entry["ports"].values()) for slug, entry in trainees.items()}


def test_a_browser_refuses_them(browser: Browser) -> None:
    page = browser.new_page()
    # Chromium lets 4190 and 6679 through, which the standard has had since 2024.
    for port in sorted(port for port in BLOCKED_PORTS - {6679} if port >= min(PORTS.values())):
        with pytest.raises(Error, match="ERR_UNSAFE_PORT"):
            page.goto(f"http://127.0.0.1:{port}/")
    page.close()


def test_a_book_gives_none_of_them_to_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_listened_on", lambda _: False)
    book = PortBook()
    taken: list[int] = []
    first = 0  # from the one before on, or each would be asked for again and again
    while (offset := book.free_offset(PORTS, first)) is not None:
        own = list(shifted(PORTS, offset).values())
        first = min(own)
        book.take(own, "somebody")
        taken += own
    assert len(taken) == len(set(taken)) > 5000
    assert not BLOCKED_PORTS & set(taken)


@pytest.mark.parametrize("offset", [0, 60, 1000, 57409, 70000])
def test_the_nearest_offset_is_one(offset: int) -> None:
    nearest = nearest_offset(PORTS, offset)
    assert blocked(shifted(PORTS, nearest).values()) is None
    assert 0 <= nearest <= 57409


def test_twelve_on_one_host(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_listened_on", lambda _: False)
    session.write(*(f"T {number}" for number in range(12)), session='ports = "distinct"')
    session.run("--dry-run")
    session.run()
    everyone = [port for own in given_ports(session).values() for port in own]
    assert len(set(everyone)) == 60
    assert not BLOCKED_PORTS & set(everyone)
    assert given_ports(session)["t-6"][0] == 5070  # the seventh


def test_a_port_to_begin_with(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_listened_on", lambda _: False)  # stacks of other tests are there
    session.write("Ada", "Bob", {"trainee_name": "Cy", "port_offset": 0})
    text = session.roster.read_text().replace("[answers]", "ports = {from = 20000}\n[answers]")
    session.roster.write_text(text)
    assert session.run().code == 0
    assert given_ports(session) == {
        "ada": [20000, 20001, 21379, 23126, 23000],
        "bob": [20010, 20011, 21389, 23136, 23010],
        "cy": [5000, 5001, 6379, 8126, 8000],
    }
    session.roster.write_text(text.replace("20000", "30000"))  # who has ports keeps them
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ports = {from = 60000}", "ada: no free ports are left from 64000 on"),
        ("ports = {from = 65535}", "ada: no free ports are left from 65535 on"),
        ("ports = {from = '20000'}", "`ports` can only be distinct."),
        ("ports = {from = true}", "`ports` can only be distinct."),
        ("ports = {from = 70000}", "`ports` can only be distinct."),
        ("ports = {from = -1}", "`ports` can only be distinct."),
        ("ports = {start = 1}", "`ports` can only be distinct."),
        ("ports = {}", "`ports` can only be distinct."),
        ("ports = true", "`ports` is not text."),
        ("ports = 20000", "`ports` is not text."),
    ],
)
def test_a_port_to_begin_with_that_is_none(session: Session, line: str, sentence: str) -> None:
    session.write("Ada", session=line.replace("60000", "64000"))
    if "`ports`" in sentence:
        (problem,) = read_roster(session.roster).problems
        assert (problem.what, problem.where) == (sentence, f"{session.roster}:4")
    else:
        ran = session.run("--dry-run")
        assert ran.code == 1
        assert sentence in ran.out


def as_it_was(template: Path) -> None:
    """Make a template's version one of before the ports were looked at."""
    trainee = template / "extensions" / "trainee.py"
    trainee.write_text(trainee.read_text().replace("in BLOCKED_PORTS", "in ()"))
    git(template, "commit", "--all", "--quiet", "--message", "As it was")
    git(template, "tag", "--force", "v1.0.0")


def test_an_older_template_gives_none_of_them_either(session: Session, own_template: Path) -> None:
    """Its validator lets them through."""
    as_it_was(own_template)
    session.template = own_template
    session.write("Ada", {"trainee_name": "Bob", "port_offset": 1000})
    ran = session.run()
    assert ran.code == 1
    assert f"{session.roster}:9: Browsers refuse port 6000, which bob would get." in ran.err
    assert "Choose another port_offset; the nearest is 1001." in ran.err
    assert not session.out.exists()


@pytest.mark.parametrize("newer", [True, False])
@pytest.mark.thorough  # what an older template could give is above
def test_a_repository_that_has_one_gets_another(
    session: Session, own_template: Path, newer: bool
) -> None:
    as_it_was(own_template)
    session.template = own_template
    session.write("Ada", session='ports = "distinct"')
    session.run()
    ada = session.out / "ada"
    update(ada, port_offset=60)
    git(ada, "commit", "--all", "--quiet", "--message", "As it was given then")
    if newer:
        git(own_template, "revert", "--no-edit", "HEAD")
        git(own_template, "tag", "v1.1.0")
    assert session.run().code == 0, session.detail("ada")
    assert session.did() == {"ada": "updated"}
    assert not BLOCKED_PORTS & set(given_ports(session)["ada"])
