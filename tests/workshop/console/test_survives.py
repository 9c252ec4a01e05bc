"""What somebody has begun stays as it is while news come in: text, focus, scroll, what is open."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from workshop.check import progress
from workshop.cost import result

from tests.conftest import Render
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Agent, Site, serving
from tests.workshop.console.spans import key, pairing, span

expect.set_options(timeout=MILLISECONDS)


def drawn_again(page: Page, act: Callable[[], object], address: str) -> None:
    """Do what makes the page ask for `address` once more, and wait until the answer is drawn."""
    with page.expect_response(re.compile(address)):
        act()
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 50))")


def scrolled(element: Locator) -> int:
    """How far it is scrolled, in pixels."""
    return int(element.evaluate("one => one.scrollTop"))


@contextlib.contextmanager
def at_step(render: Render, step: int, tmp_path: Path, agent: Agent) -> Iterator[tuple[Site, Path]]:
    """A console, and the folder in which a terminal leaves what it has found."""
    root = render(step=step)
    kept = root / ".workshop"
    kept.mkdir(exist_ok=True)
    with serving(root, tmp_path, agent) as site:
        yield site, kept
    for file in kept.glob("*.json"):
        file.unlink()


def test_a_guess_half_typed(render: Render, tmp_path: Path, agent: Agent, page: Page) -> None:
    with at_step(render, 1, tmp_path, agent) as (site, kept):
        page.goto(f"{site.url}/steps")
        guess = page.get_by_label("Your guess")
        guess.press_sequentially("12")
        site.agent.take(pairing(1))
        drawn_again(page, lambda: (kept / result.FILE).write_text("{}"), r"/steps/1$")
        drawn_again(page, lambda: progress.record(kept, "explore", True), r"/steps$")
        expect(page.get_by_role("button", name="Continue with step 2")).to_be_visible()
        expect(guess).to_be_focused()
        page.keyboard.type("3")
        expect(guess).to_have_value("123")


def test_answers_and_what_came_of_them(
    render: Render, tmp_path: Path, agent: Agent, page: Page
) -> None:
    said = "This is what the check has found."
    report = {"passed": False, "problem": "", "requirements": [], "notes": [said]}
    page.route("**/api/steps/9/check", lambda route: route.fulfill(json=report))
    with at_step(render, 9, tmp_path, agent) as (site, kept):
        page.goto(f"{site.url}/steps")
        page.get_by_role("button", name="Run the check").click()
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_role("button", name="Run the check")).to_be_focused()
        answer = page.locator("fieldset input").nth(1)
        answer.check()
        answer.focus()
        site.agent.take(pairing(1))
        drawn_again(page, lambda: (kept / result.FILE).write_text("{}"), r"/steps/9$")
        expect(answer).to_be_focused()
        expect(answer).to_be_checked()
        expect(page.get_by_text(said)).to_be_visible()
        copy = page.locator(".prose .copy").last
        copy.focus()
        before = page.evaluate("scrollY")
        (kept / result.FILE).unlink()
        drawn_again(page, lambda: (kept / result.FILE).write_text("{}"), r"/steps/9$")
        expect(copy).to_be_focused()
        assert page.evaluate("scrollY") == before


def test_what_is_opened_folded_and_scrolled_of_a_trace(site: Site, page: Page) -> None:
    whole = pairing(1, tastings=8, error="No glaze left")
    whole[0]["meta"] |= {f"_dd.p.{n}": "x" for n in range(9)} | {f"tag.{n}": "y" for n in range(40)}
    site.agent.take(whole[:-4])
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{site.url}/traces/{key(1)}")
    details = page.get_by_label("Span", exact=True)
    root = page.get_by_role("treegrid").locator("[data-id]").first
    tasting = page.get_by_role("row").filter(has_text="requests.request").first
    tasting.locator(".twisty").click()
    root.click()
    details.get_by_text("Stack").click()  # closes it
    details.get_by_text("The client's own tags").click()
    details.evaluate("one => one.scrollTo(0, 150)")
    assert scrolled(details) == 150
    page.get_by_role("button", name="Waterfall").focus()
    drawn_again(page, lambda: site.agent.take(whole[-4:]), f"/traces/{key(1)}$")
    expect(page.get_by_role("treegrid").locator("[data-id]")).to_have_count(18)  # one is folded
    expect(tasting).to_have_attribute("aria-expanded", "false")
    expect(details.get_by_text('File "app.py"')).to_be_hidden()
    expect(details.get_by_text("_dd.p.3")).to_be_visible()
    assert scrolled(details) == 150
    expect(page.get_by_role("button", name="Waterfall")).to_be_focused()


def test_the_focus_within_the_picture(site: Site, page: Page) -> None:
    whole = pairing(1, tastings=4)
    site.agent.take(whole[:-4])
    page.goto(f"{site.url}/traces/{key(1)}")
    for picture, item in (("Waterfall", "row"), ("Flame graph", "option")):
        page.get_by_role("button", name=picture).click()
        one = page.locator(f"[role={item}]").filter(has_text="sqlite").first
        one.focus()
        drawn_again(page, lambda: site.agent.take([whole.pop()]), f"/traces/{key(1)}$")
        expect(one).to_be_focused()
        expect(page.get_by_label("Span", exact=True)).to_contain_text("SELECT beer.name")


def test_a_filter_half_typed_and_a_row_of_the_list(site: Site, page: Page) -> None:
    site.agent.take(pairing(1), pairing(2, begin=time.time() * 1000 - 9_000))
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody tr")).to_have_count(2)
    text = page.get_by_label("Search", exact=True)
    text.press_sequentially("ppair")
    text.evaluate("one => one.setSelectionRange(0, 1)")
    site.agent.take(
        pairing(3), [{**span(900, 0, "beers", begin=1e12), "service": "bar", "trace_id": 900}]
    )
    expect(page.locator(".count")).to_have_text("0 of 4 traces")
    page.keyboard.press("Delete")
    expect(text).to_have_value("pair")
    expect(page.locator(".count")).to_have_text("3 of 4 traces")
    link = page.locator(f"tr[data-id='{key(2)}'] a")
    link.focus()
    site.agent.take(pairing(4), pairing(5, begin=time.time() * 1000 - 5_000))
    expect(page.locator(".count")).to_have_text("5 of 6 traces")
    expect(link).to_be_focused()


def test_rows_that_change_places(site: Site, page: Page) -> None:
    """The focused row is the one that has to move, wherever the others go."""

    def requests(name: str, numbers: range) -> None:
        one = span(900, 0, "flask.request", resource=f"GET /{name}", begin=time.time() * 1000)
        site.agent.take(*([{**one, "trace_id": number}] for number in numbers))

    for name, numbers in (("a", range(1, 9)), ("b", range(11, 16)), ("c", range(21, 24))):
        requests(name, numbers)
    # Where a browser has it, Preact moves rows with it, and they keep the focus anyway.
    page.add_init_script("delete Element.prototype.moveBefore")
    page.goto(f"{site.url}/latency")
    rows = page.locator(".routes tbody th")
    expect(rows).to_have_text(["GET /a", "GET /b", "GET /c"])
    last = page.get_by_role("button", name="GET /c")
    last.focus()
    requests("c", range(31, 45))
    requests("b", range(51, 58))
    expect(rows).to_have_text(["GET /c", "GET /b", "GET /a"])
    expect(last).to_be_focused()
