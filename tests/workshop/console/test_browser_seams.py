"""What goes from one view of the console to the next, in a real browser."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from workshop.stack.measurements import MeasuredLog, Result

from tests.stack import until
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import key, pairing

expect.set_options(timeout=MILLISECONDS)


def test_a_copied_link_shows_the_same_to_somebody_who_chose_something_else(
    site: Site, new_page: Callable[..., Page]
) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    site.agent.take(pairing(1))
    page.goto(f"{site.url}/traces/{key(1)}")
    flame = page.get_by_role("button", name="Flame graph")
    framework = page.get_by_label("Also show the framework's own spans")
    page.get_by_role("button", name="Copy a link to this view").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    flame.click()
    framework.check()
    expect(page.locator(".flame [role=option]")).to_have_count(12)
    page.goto(link)
    expect(page.get_by_role("treegrid").locator("[data-id]")).to_have_count(11)
    expect(framework).not_to_be_checked()
    assert parse_qs(urlsplit(page.url).query) == {"view": ["waterfall"], "framework": ["0"]}

    # What somebody compares has the same spans, and belongs to the traces.
    framework.check()
    page.get_by_role("link", name="Compare with…").click()
    expect(page).to_have_url(f"{site.url}/compare?b={key(1)}&framework=1")
    expect(page.locator("header nav [aria-current=page]")).to_have_text("Traces")


def test_a_hit_in_the_list_leads_to_the_hit(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    row = page.locator("tbody tr")
    page.goto(f"{site.url}/traces?text=resource%3A%2Ftaste+OR+operation%3Aflask*")
    expect(row).to_have_count(1)
    for text, said, hit, place in (
        ("service:taster", "flask.request GET /taste and 3 more", "1011", "1 of 4"),
        ("operation:(flask.dispatch_request OR *pair)", "__main__.pair (and 1 in the", "1002", "1"),
        ("flask.dispatch", "Matches: flask.dispatch_request", "1001", "1 of 1"),
    ):
        page.get_by_label("Search", exact=True).fill(text)
        expect(row.locator(".matched")).to_contain_text(said)
        row.get_by_role("link").click()
        expect(page.locator("#in-trace-says")).to_contain_text(place)
        expect(page.locator("[data-id][aria-selected=true]")).to_have_attribute("data-id", hit)
        query = parse_qs(urlsplit(page.url).query)
        assert (query["q"], query["span"]) == ([text], [hit])
        page.go_back()


def test_what_was_timed_by_hand_is_found_and_compared_as_that(site: Site, page: Page) -> None:
    MeasuredLog(site.run_dir).write(Result("/pair/beer", 210, begin=time.time()))
    page.goto(f"{site.url}/map")
    with (site.root / "timing.log").open("a") as log:
        for request in (1, 2):
            log.write(f"req: {request}, operation match took 0.2{request} seconds\n")
            log.write(f"req: {request}, function pair took 0.3{request} seconds\n")
    page.get_by_role("button", name="1 hour").click()
    page.get_by_role("link", name="match, timed by hand").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_label("Timed by hand earlier")).to_be_checked()

    # The map remembers its time range.
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.get_by_role("button", name="1 hour", pressed=True)).to_be_visible()
    expect(page).to_have_url(f"{site.url}/map?seconds=3600")

    site.agent.take(pairing(1))
    until(lambda: site.collector.store.size()["traces"] == 3, "the traces")
    page.goto(f"{site.url}/compare")
    options = page.get_by_label("A: before").locator("option")
    expect(options).to_have_count(2)  # with the one that chooses nothing
    one, other = (
        shown["id"] for shown in site.collector.store.news(0, 0).summaries if shown["handmade"]
    )
    page.goto(f"{site.url}/compare?a={one}&b={other}")
    expect(options).to_have_count(4)
    expect(page.get_by_text("neither has a critical path")).to_be_visible()
    expect(page.locator(".operations th[scope=col]")).to_have_count(6)
    expect(page.locator(".operations")).not_to_contain_text("critical path")


def test_a_time_range_may_be_chosen_backward(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("From", exact=True).fill("2099-01-02T00:00:01")
    expect(page.locator("tbody tr")).to_have_count(0)
    page.get_by_label("To", exact=True).fill("2001-01-01T00:00:01")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("From", exact=True)).to_have_value("2001-01-01T00:00:01")
    expect(page.get_by_label("To", exact=True)).to_have_value("2099-01-02T00:00:01")
    expect(page.locator(".count")).to_have_text("1 trace")


@pytest.mark.parametrize("has_touch", [False, True])
def test_the_keys_can_be_turned_off_in_a_narrow_window_with_a_keyboard(
    site: Site, new_page: Callable[..., Page], has_touch: bool
) -> None:
    """A window of 1280 pixels at 400% has 320."""
    site.agent.take(pairing(1))
    page = new_page(
        viewport={"width": 320, "height": 600}, has_touch=has_touch, is_mobile=has_touch
    )
    page.goto(f"{site.url}/traces/{key(1)}")
    expect(page.get_by_role("treegrid")).to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_visible(visible=not has_touch)
    # A finger on the small picture can scroll the page.
    touch = page.locator(".strip").first.evaluate("one => getComputedStyle(one).touchAction")
    assert "pan-y" in touch
    if has_touch:
        return
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use the keys that are a letter, a digit, or a sign").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Zoom in").click()
    zoomed = re.compile("from=0&")
    expect(page).to_have_url(re.compile("from="))
    for _ in range(9):
        page.keyboard.press("a")
    assert not zoomed.search(page.url)
    for _ in range(9):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page).to_have_url(zoomed)
