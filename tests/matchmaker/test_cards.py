"""The page of cards, as a browser shows and prints it."""

import io
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from matchmaker.handout import cards
from matchmaker.handout.cards import card, cards_page, qr_code
from matchmaker.handout.handed_out import page_of
from matchmaker.report.session_file import HandedOut
from matchmaker.repositories import ports
from matchmaker.repositories.output import Output
from matchmaker.roster.questions import Facts
from matchmaker.session import Trainee
from tests.matchmaker.conftest import KEY, Here, Session

LONG = "Wolfeschlegelsteinhausenbergerdorff " + "x" * 40
PUSH = "git@git.example.org:a-team-with-a-rather-long-name/{slug}.git"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 900, "height": 1200})
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _ports_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_listened_on", lambda _: False)


def generated(session: Session, *arguments: str) -> str:
    session.write(
        "Ada Lovelace",
        {"trainee_name": '<b>Bob</b> & "Co"', "step": 9},
        {"trainee_name": "李雷", "trainee_slug": "li-lei", "backend": "datadog"},
        "ليلى",
        LONG,
        session='ports = "distinct"\napi_key = "later"',
    )
    session.run(*arguments)
    return (session.out / "cards.html").as_uri()


def test_every_trainee_has_a_card_that_says_it_all(session: Session, page: Page) -> None:
    page.goto(generated(session))
    cards = page.locator(".card")
    assert cards.count() == 5
    assert page.locator("h2").all_inner_texts()[:4] == [
        "Ada Lovelace",
        '<b>Bob</b> & "Co"',
        "李雷",
        "ليلى",
    ]
    text = cards.nth(2).inner_text()
    for needed in (
        f"cd {session.out}/li-lei",
        "uv run workshop key",
        "uv run workshop up --docker",  # without Docker, traces would not go to Datadog
        "# in Docker: key into .key/datadog, then docker compose up",
        "in Docker, docker compose exec console for uv run",
        "uv run workshop check\nuv run workshop hint",
        'curl "localhost:5020/pair/beer?name=ipa"',
        "localhost:5020",
        "app.datadoghq.com",
        "env:spring-li-lei",
    ):
        assert needed in text
    # A link on paper has no token, and everyone shares a host here.
    by_link = "open the link that uv run workshop status prints (port 8000), or run"
    assert by_link in cards.nth(0).inner_text()
    assert "key" not in cards.nth(0).inner_text()
    assert cards.nth(1).inner_text().count("step 9") == 1


CLONED = HandedOut("push", "c0ffee", "2026-11-24", url="git@host:team/ada.git")
UNZIPPED = HandedOut("bundle", "c0ffee", "2026-11-24")


@pytest.mark.parametrize(
    ("folder", "handed_out", "says", "lacks_key"),
    [
        ("/out/ada", None, ["cd /out/ada"], False),
        ("/my out/Zoë's", None, ["cd '/my out/Zoë'\"'\"'s'"], False),
        ("/out/$(id)", None, ["cd '/out/$(id)'"], False),
        ("", UNZIPPED, ["unzip ada.zip", "cd ada"], True),
        ("", replace(UNZIPPED, with_key=True), ["unzip ada.zip", "cd ada"], False),
        ("", CLONED, ["git clone git@host:team/ada.git", "cd ada"], True),
        ("", replace(CLONED, url="host:ada"), ["git clone host:ada ada", "cd ada"], True),
        ("", replace(CLONED, url="/a b/ada"), ["git clone '/a b/ada'", "cd ada"], True),
        (
            "",
            replace(CLONED, branch="main"),
            ["git clone --branch main git@host:team/ada.git", "cd ada"],
            True,
        ),
    ],
)
def test_a_card_fits_the_way_of_handing_out(
    folder: str, handed_out: HandedOut | None, says: list[str], lacks_key: bool
) -> None:
    facts = Facts("spring-ada", {"web": 5000}, "https://app.datadoghq.com", "Trace", True)
    trainee = Trainee("ada", "Ada", 6, facts, {}, key=KEY)
    made = card(trainee, folder, handed_out)
    assert made.get == says
    assert made.lacks_key == lacks_key


def test_a_path_with_spaces_can_be_typed_from_a_card(session: Session, page: Page) -> None:
    session.folder = session.folder / "a  b's ü"
    session.folder.mkdir()
    page.goto(generated(session))
    typed = page.locator("code").first.inner_text()
    subprocess.run(["bash", "-c", f"{typed}\ntest -f app.py"], check=True)


def test_what_is_too_long_for_a_code_has_none() -> None:
    assert qr_code("x" * 3000) == ""


@pytest.mark.usefixtures("host")
def test_nothing_sticks_out_of_a_card(session: Session, page: Page) -> None:
    url = generated(session, "--push", PUSH)
    for width in (360, 900, 1400):
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        sticking_out = page.evaluate(
            """[...document.querySelectorAll('.card *')].filter(element => {
                const inner = element.getBoundingClientRect();
                const card = element.closest('.card').getBoundingClientRect();
                return inner.right > card.right + 1 || inner.bottom > card.bottom + 1;
            }).map(element => element.outerHTML.slice(0, 80))"""
        )
        assert sticking_out == []


@pytest.mark.usefixtures("host")
def test_codes_can_be_read_from_the_screen(session: Session, page: Page) -> None:
    page.goto(generated(session, "--push", PUSH))
    assert page.locator("figure").count() == 5
    found = []
    for figure in page.locator("figure").all():
        picture = Image.open(io.BytesIO(figure.screenshot()))
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    assert found[0] == "https://git.example.org/a-team-with-a-rather-long-name/ada-lovelace"
    assert len(set(found)) == 5
    assert all(code.startswith("https://") for code in found)


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize(("count", "sheets"), [(6, 1), (7, 2)])
def test_six_cards_fit_on_a_sheet(session: Session, page: Page, count: int, sheets: int) -> None:
    names = (f"Trainee {number}" for number in range(count))
    session.write(*names, session='api_key = "later"', backend="datadog")  # what needs most room
    session.run("--push", "git@git.example.org:team/{slug}.git")
    page.goto((session.out / "cards.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == sheets


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://localhost/team/ada.git", ""),
        ("https://127.0.0.1:3000/team/ada.git", ""),
        ("git@localhost:team/ada.git", ""),
        ("https://[::1]/ada.git", ""),
        ("https://[", ""),
        ("ext::sh", ""),
        ("http://host/team/ada.git", ""),
        ("git@host:team/ada.git", "https://host/team/ada"),
        ("ssh://git@host/team/ada.git", "https://host/team/ada"),
        ("ssh://git@host:2222/team/ada.git", "https://host/team/ada"),
        ("git@host:2222/team/ada.git", "https://host/2222/team/ada"),
        ("git@host:/team/ada.git", "https://host/team/ada"),
        ("git@host/team/ada.git", ""),
        ("https://host/team/ada.git", "https://host/team/ada"),
        ("/srv/git/ada.git", ""),
    ],
)
def test_a_code_leads_only_to_what_a_phone_can_open(url: str, expected: str) -> None:
    trainee = Trainee("ada", "Ada", 6, Facts("spring-ada", {}, "", "Trace", False), {})
    made = card(trainee, "", replace(CLONED, url=url))
    assert made.page == expected
    assert bool(qr_code(made.page)) == bool(expected)


@pytest.mark.parametrize(
    ("url", "branch", "expected"),
    [
        ("https://github.com/team/ada.git", "", "team/ada"),
        ("https://github.com/team/ada", "", "team/ada"),
        ("https://GitHub.com/team/ada/", "", "team/ada"),
        ("git@github.com:team/ada.git", "", "team/ada"),
        ("ssh://git@github.com/team/ada.git", "", "team/ada"),
        ("ssh://git@github.com:22/team/ada.git", "", "team/ada"),
        ("git@github.com:team/a.d_a-1.git", "", "team/a.d_a-1"),
        ("git@github.com:team/ada.git", "week 1/#2?", "team/ada/tree/week%201/%232%3F"),
        # Other hosts, companies' own servers among them, have no such page.
        ("https://github.com.evil.example/team/ada.git", "", ""),
        ("https://evil.example/github.com/team/ada.git", "", ""),
        ("https://github.com@evil.example/team/ada.git", "", ""),
        ("https://github.com:8443/team/ada.git", "", ""),
        ("http://github.com/team/ada.git", "", ""),
        ("git@github.example.com:team/ada.git", "", ""),
        ("git@octocorp.ghe.com:team/ada.git", "", ""),
        ("git@gitlab.com:team/ada.git", "", ""),
        ("/srv/git/github.com/team/ada.git", "", ""),
        ("https://[", "", ""),
        # And these are no repository of GitHub's.
        ("https://github.com/ada.git", "", ""),
        ("https://github.com/team/group/ada.git", "", ""),
        ("https://github.com/team/...git", "", ""),
        ("https://github.com/team/..", "", ""),
        ('https://github.com/team/ada"onclick="x', "", ""),
        ("https://github.com/team/ada?x=1#y", "", ""),
        ("https://github.com/team/ada\n.git", "", ""),
    ],
)
def test_a_repository_on_github_opens_in_a_codespace(url: str, branch: str, expected: str) -> None:
    trainee = Trainee("ada", "Ada", 6, Facts("spring-ada", {}, "", "Trace", False), {})
    made = card(trainee, "", replace(CLONED, url=url, branch=branch))
    link = f"https://codespaces.new/{expected}?quickstart=1"
    assert made.codespace == (link if expected else "")
    # Its containers would have to be in a container.
    postgresql = replace(trainee, answers={"database": "postgresql"})
    assert not card(postgresql, "", replace(CLONED, url=url, branch=branch)).codespace


def test_codes_are_drawn_again_only_if_the_page_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = Output(tmp_path)
    facts = Facts("spring-ada", {"console": 8000}, "", "Trace", False)

    def made(name: str = "Ada", url: str = "https://host/team/ada.git", step: int = 6) -> str:
        one = card(Trainee("ada", name, step, facts, {}), "", replace(CLONED, url=url))
        return page_of("spring", [one], Here(), output)

    first = made()
    assert qr_code("https://host/team/ada") in first
    drawn: list[str] = []

    def draw(text: str) -> str:
        drawn.append(text)
        return f"<svg>{text}"

    monkeypatch.setattr(cards, "qr_code", draw)

    def is_drawn(there: str | bytes, **differs: Any) -> bool:
        drawn.clear()
        output.cards_file.write_bytes(there if isinstance(there, bytes) else there.encode())
        page = made(**differs)
        assert ("<svg>" in page) == bool(drawn)
        assert bool(drawn) or page == first
        return bool(drawn)

    assert not is_drawn(first)
    assert is_drawn(first, name="Eve")
    assert is_drawn(first, step=7)
    assert is_drawn(first, url="https://host/team/eve.git")
    assert is_drawn(first.replace("Ada", "Eve"))  # by hand
    assert is_drawn(first.replace("M", "m", 1))  # in a code, too
    for broken in ("", first[:-200], first + "\n", f"{first}x", first.encode("utf-16")):
        assert is_drawn(broken), broken[-50:]
    monkeypatch.setattr(cards, "_CODE", {"error": "h"})
    assert is_drawn(first)
    output.cards_file.unlink()
    output.cards_file.mkdir()
    assert "<svg>" in made()


@pytest.mark.usefixtures("host")
def test_a_card_has_the_link_to_a_codespace(session: Session, page: Page) -> None:
    page.goto(generated(session, "--push", "git@github.com:team/{slug}.git"))
    links = page.locator("a[href^='https://codespaces.new/']")
    assert links.count() == 5
    assert links.first.inner_text() == "codespaces.new/team/ada-lovelace"
    assert links.first.get_attribute("href") == (
        "https://codespaces.new/team/ada-lovelace?quickstart=1"
    )


def test_the_worst_six_fit_on_a_sheet(page: Page) -> None:
    ports = {"web": 5000, "console": 8000}
    worst = Facts("spring-x", ports, "https://app.datadoghq.eu/apm", "Correlate log lines", True)
    usual = Facts("spring-x", ports, "", "Correlate log lines with requests", False)
    long = "wolfeschlegelsteinhausenbergerdorff-xxxx"
    pushed = replace(CLONED, url=f"git@github.com:a-team-with-a-rather-long-name/{long}.git")
    cloned = replace(CLONED, url="git@github.com:workshop-team/ada.git")
    cards = [
        card(Trainee(long, LONG, 4, worst, {}), "", pushed),
        card(Trainee("layla", "ليلى بنت محمد الأندلسية", 4, worst, {}), "", pushed),
        *(card(Trainee("ada", "Ada", 4, usual, {}), "", cloned) for _ in range(4)),
    ]
    page.set_content(cards_page("2026-12-support", cards, [qr_code(one.page) for one in cards]))
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1


def test_a_card_says_docker_only_where_it_applies(page: Page) -> None:
    ports = {"web": 5000, "console": 8000}
    alone = Facts("spring-x", ports, "", "Explore", False)
    shared = replace(alone, asks_token=True)
    cards = [
        card(Trainee("ada", "Ada", 1, alone, {}), "", CLONED),
        card(Trainee("ada", "Ada", 1, alone, {"database": "x"}), "", CLONED),
        card(Trainee("sh", "On a shared host", 1, shared, {}), "/srv/sh", None),
        card(Trainee("pg", "Pg", 1, alone, {}, {"database": "postgresql"}), "", CLONED),
    ]
    page.set_content(cards_page("spring", cards, ["" for _ in cards]))
    texts = page.locator(".card").all_inner_texts()
    assert ["docker compose up" in text for text in texts] == [True, True, False, True]
    assert ["uv run workshop up --docker" in text for text in texts] == [False, False, False, True]
