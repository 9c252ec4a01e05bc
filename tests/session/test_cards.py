"""The page of cards, as a browser shows and prints it."""

import io
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from session import ports
from session.cards import card, web_page
from session.plan import Task
from session.questions import Facts
from tests.session.conftest import KEY, Session

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
        'curl "localhost:5020/pair/beer?name=ipa"',
        "localhost:5020",
        "app.datadoghq.com",
        "env:spring-li-lei",
    ):
        assert needed in text
    # A link on paper has no token, and everyone shares a host here.
    by_link = "on port 8000, by the link that workshop up prints; or uv run workshop traces"
    assert by_link in cards.nth(0).inner_text()
    assert "key" not in cards.nth(0).inner_text()
    assert cards.nth(1).inner_text().count("step 9") == 1


@pytest.mark.parametrize(
    ("pattern", "bundle", "with_keys", "says", "lacks_key"),
    [
        (None, False, False, ["cd /out/ada"], False),
        (None, True, False, ["unzip ada.zip", "cd ada"], True),
        (None, True, True, ["unzip ada.zip", "cd ada"], False),
        ("host:{slug}", True, True, ["git clone host:ada ada", "cd ada"], True),
    ],
)
def test_a_card_fits_the_way_of_handing_out(
    pattern: str | None, bundle: bool, with_keys: bool, says: list[str], lacks_key: bool
) -> None:
    facts = Facts("spring-ada", {"web": 5000}, "https://app.datadoghq.com", "Trace", True)
    task = Task("ada", "Ada", 6, facts, "create", {}, key=KEY)
    made = card(task, "/out/ada", pattern, bundle=bundle, with_keys=with_keys)
    assert made.get == says
    assert made.lacks_key == lacks_key


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


def test_codes_can_be_read_from_the_screen(session: Session, page: Page) -> None:
    page.goto(generated(session, "--push", PUSH))
    found = []
    for figure in page.locator("figure").all():
        picture = Image.open(io.BytesIO(figure.screenshot()))
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    assert found[0] == "https://git.example.org/a-team-with-a-rather-long-name/ada-lovelace"
    assert len(set(found)) == 5


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
        ("git@host:team/ada.git", "https://host/team/ada"),
        ("ssh://git@host/team/ada.git", "https://host/team/ada"),
        ("ssh://git@host:2222/team/ada.git", "https://host/team/ada"),
        ("https://host/team/ada.git", "https://host/team/ada"),
        ("/srv/git/ada.git", ""),
    ],
)
def test_the_page_of_a_repository(url: str, expected: str) -> None:
    assert web_page(url) == expected
