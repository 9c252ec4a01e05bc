"""The board in a browser: with all kinds of names and records, while trainees move."""

import dataclasses
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Dialog, Page, Response, expect

from matchmaker.progress.known import Known
from tests.matchmaker.board import made
from tests.matchmaker.board.made import CATALOG, known
from tests.matchmaker.board.site import Site, serving
from tests.matchmaker.board.test_state import EVIL, evil_record
from tests.workshop.console import axe
from tests.workshop.console.test_browser_reload import Once

ODD_NAMES = [
    "מרים בן־דוד",
    "نور 👩🏽‍💻",
    "Maximiliane-Wilhelmina-Josephine von und zu Hohenlohe-Langenburg-Schillingsfürst III.",
    "W" * 80,
    EVIL,
    "‮Right to left",
    "a",
]
SIZES = {"laptop": (1280, 800), "phone": (360, 740)}
EVERY_MS = 10_000


def now(name: str, place: int, **about: object) -> Known:
    return known(name, place, now=time.time(), **about)


@dataclasses.dataclass
class Room:
    """A board, and what it's about."""

    source: made.Source
    site: Site

    def now_says(self, number: int, one: Known) -> None:
        """Have a trainee move."""
        self.source.known[number] = one
        self.site.feed.collect()


@pytest.fixture
def room() -> Iterator[Room]:
    """Trainees with odd names, some of them with odd records."""
    trainees = [now(name, n % 4, standing="red", stops=6) for n, name in enumerate(ODD_NAMES)]
    trainees += [Known("wanda", "Wanda"), Known("bruno", "Bruno", problem=EVIL)]
    trainees += [Known("evil", "Evil", evil_record(), "remote", EVIL)]
    trainees += [now("Silas", 1, minutes=40, quiet=30), now("Greta", 2, standing="green", hints=2)]
    trainees += [now("Dora", len(CATALOG) - 1, standing="green")]
    source = made.Source(trainees)
    with serving(source) as site:
        yield Room(source, site)


def opened(page: Page, room: Room) -> Page:
    page.goto(room.site.link)
    page.locator(".row").first.wait_for()
    return page


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        ("laptop", "light"),
        ("phone", "dark"),
        pytest.param("laptop", "dark", marks=pytest.mark.thorough),
        pytest.param("phone", "light", marks=pytest.mark.thorough),
    ],
)
def test_every_name_and_record_can_be_read(
    room: Room, new_page: Callable[..., Page], size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page = new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    ran: list[str] = []

    def run(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", run)
    opened(page, room)
    assert page.url == f"{room.site.url}/"  # without the token
    names = page.locator(".who bdi, .visit bdi").all_text_contents()
    assert set(names) == {one.name for one in room.source.known}
    axe.found(page, f"board, {size}, {scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for number in range(len(room.source.known)):
        page.locator(f"[data-number='{number}']").first.click()
        page.locator("dialog .facts").wait_for()
        expect(page.locator("dialog h2")).to_have_text(room.source.known[number].name)
        inner = "(e) => e.scrollWidth - e.clientWidth"
        assert page.locator("dialog").evaluate(inner) <= 0
        if number in (0, 9):
            axe.found(page, f"details, {size}, {scheme}")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
    page.goto(f"{room.site.url}/projector")
    page.locator("tbody tr").first.wait_for()
    axe.found(page, f"projector, {size}, {scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert ran == []
    assert page.locator("img[src='x']").count() == 0


def test_the_projector_gets_no_names(room: Room, new_page: Callable[..., Page]) -> None:
    page = new_page()
    opened(page, room)
    got: list[str] = []
    page.on("response", lambda answer: got.append(answer.url) if "/api/" in answer.url else None)
    with page.expect_response("**/api/room") as answer:
        page.goto(f"{room.site.url}/projector")
    page.locator("tbody tr").first.wait_for()
    shown = page.content() + answer.value.text() + page.title()
    for one in room.source.known:
        for word in {one.name, one.slug} - {"a"}:
            assert word not in shown, word
    assert {url.partition("/api/")[2] for url in got} == {"room"}
    # Nor does a link lead back to them, for somebody who clicks in front of the room.
    assert page.locator("a, button").count() == 0


def test_trainees_move(room: Room, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    opened(page, room)
    row = page.locator(".row").nth(2)
    expect(row.locator(".who", has_text="Greta")).to_contain_text("✓")
    assert page.locator(".row", has_text="Finished").locator("bdi").all_text_contents() == ["Dora"]
    row.locator(".who", has_text="Greta").focus()
    number = next(n for n, one in enumerate(room.source.known) if one.name == "Greta")
    room.now_says(number, now("Greta", 3, standing="red", hints=1))
    page.clock.fast_forward(EVERY_MS)
    moved = page.locator(".row").nth(3).locator(".who", has_text="Greta")
    expect(moved).to_contain_text("✕")
    expect(moved).to_be_focused()
    expect(row.locator(".who", has_text="Greta")).to_have_count(0)


def test_the_keyboard_is_enough(room: Room, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    opened(page, room)
    visit = page.locator(".visit").first
    for _ in range(20):
        page.keyboard.press("Tab")
        if visit.evaluate("(e) => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog.locator(".requirements li")).not_to_have_count(0)
    number = int(str(visit.get_attribute("data-number")))
    # The dialog stays open while the trainee moves, and says what is new.
    room.now_says(number, now("New name", 5, standing="green"))
    page.clock.fast_forward(EVERY_MS)
    expect(dialog.locator(".verdict")).to_contain_text("Green")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(f".steps-of-all [data-number='{number}']")).to_be_focused()


def test_a_board_that_is_gone_and_comes_back(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    with serving(made.Source([now("Ada", 2)])) as site:
        page.goto(site.link)
        expect(page.locator(".age")).to_contain_text("Updated")
        page.route("**/api/**", lambda route: route.abort())
        page.clock.fast_forward(EVERY_MS)
        trouble = page.locator(".trouble")
        expect(trouble).to_contain_text("The board isn't responding.")
        page.clock.fast_forward(5 * 60_000)
        expect(trouble).to_contain_text(re.compile(r"What you see is \d min old"))
        expect(page.locator(".who", has_text="Ada")).to_be_visible()
        page.unroute("**/api/**")
        page.clock.fast_forward(EVERY_MS)
        expect(trouble).to_be_hidden()
        page.context.clear_cookies()
        page.clock.fast_forward(EVERY_MS)
        expect(trouble).to_contain_text("has a new token")


@pytest.mark.parametrize(("path", "shown"), [("/", ".row"), ("/projector", "tbody tr")])
def test_what_got_lost_on_the_way_is_asked_for_again(
    room: Room, new_page: Callable[..., Page], path: str, shown: str
) -> None:
    page = new_page()
    once = Once()
    page.goto(room.site.link)
    page.route("**/static/poll.js", once)  # a module that another one imports
    page.route("**/api/*", once)
    page.goto(f"{room.site.url}{path}")
    page.locator(shown).first.wait_for()
    assert len(once.lost) == 2


def test_three_hundred_in_one_page(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    answers: list[tuple[str, int]] = []

    def note(answer: Response) -> None:
        answers.append((answer.url.partition("/api/")[2], answer.status))

    with serving(made.Source(made.room(300, now=time.time()))) as site:
        page.goto(site.link)
        page.locator(".row").first.wait_for()
        shown = page.locator(".who").evaluate_all("(all) => all.map((e) => e.dataset.number)")
        hidden = sum(int(re.sub(r"\D", "", one)) for one in page.locator(".link").all_inner_texts())
        assert len(set(shown)) + hidden >= 300
        axe.found(page, "300 trainees")
        # A minute is six requests, and nothing is sent again that didn't change.
        page.on("response", note)
        for count in range(1, 7):
            page.clock.fast_forward(EVERY_MS)
            while len(answers) < count:
                page.wait_for_timeout(20)
        assert answers == [("board", 304)] * 6
