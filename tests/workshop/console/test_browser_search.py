"""The search above the list of traces, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.workshop.console.axe import found
from tests.workshop.console.site import Site
from tests.workshop.console.spans import key, pairing, span
from tests.workshop.console.test_browser import rows


def with_redis(number: int, **fields: Any) -> list[dict[str, Any]]:
    """A pairing that asks Redis."""
    spans = pairing(number, **fields)
    begin = spans[0]["start"] / 1e6 + 4
    redis = span(
        number * 1000 + 900,
        number * 1000 + 2,
        "redis.command",
        service="redis",
        resource="ZREVRANGE",
        trace_id=number,
        begin=begin,
        meta={"redis.raw_command": "ZREVRANGE donuts:<b>best</b> 0 2", "api_key": "hunter2"},
    )
    return [*spans, redis]


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search", exact=True)


def suggestions(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def type_in(page: Page, text: str) -> None:
    """Replace what is in the field, key by key."""
    field(page).fill("")
    field(page).press_sequentially(text)


def test_every_span_is_searched(site: Site, page: Page) -> None:
    (site.root / "timing.log").write_text("req: 11, function pair took 0.118 seconds\n")
    site.agent.take(pairing(118), with_redis(2, beer="porter"), pairing(3, error="No glaze left"))
    page.goto(f"{site.url}/traces?text=ZREVRANGE&hand=1")
    count = page.locator(".count")
    expect(count).to_have_text("1 of 4 traces")  # an old link, to a span that isn't the root
    expect(page.locator("tbody tr")).to_contain_text("Matches: redis.command ZREVRANGE")
    for query, keys in (
        ("SELECT beer", {key(118), key(2), key(3)}),
        ("status:500", {key(3)}),
        ("500", {key(3)}),
        ("service:redis >200ms", set()),
        ("service:taster >40ms -service:redis", {key(118), key(3)}),
        ("service:timing.log", {"hand-1"}),
        ("-service:timing.log (service:redis OR status:error)", {key(2), key(3)}),
        (key(2), {key(2)}),
        ("donuts:<b>best</b>", {key(2)}),
    ):
        field(page).fill(query)
        expect(count).to_have_text(f"{len(keys)} of 4 traces")
        assert set(rows(page)) == keys, query
    expect(page.locator("tbody tr")).to_contain_text(
        "Matches: redis.command ZREVRANGE"
    )  # as text, not as HTML

    field(page).fill("service:taster beer:ipa")
    expect(count).to_have_text("2 of 4 traces")
    expect(page).to_have_url(re.compile(r"\?text=service%3Ataster\+beer%3Aipa&hand=1$"))
    page.get_by_label("Errors only").check()
    expect(count).to_have_text("1 of 4 traces")
    page.reload()
    expect(count).to_have_text("1 of 4 traces")
    expect(field(page)).to_have_value("service:taster beer:ipa")
    page.get_by_role("link", name="GET /pair/beer").click()
    page.get_by_role("link", name="All traces").click()
    expect(count).to_have_text("1 of 4 traces")
    field(page).fill("resource:pair")
    expect(page.get_by_text("No span has exactly resource:pair")).to_be_visible()


def test_an_unreadable_search_is_explained_and_nothing_is_lost(site: Site, page: Page) -> None:
    site.agent.take(with_redis(1), pairing(2))
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody tr")).to_have_count(2)
    type_in(page, "service:redis")
    expect(page.locator(".count")).to_have_text("1 of 2 traces")
    field(page).press("End")
    field(page).press_sequentially(" >200")
    said = page.get_by_text(">200 needs a duration with a unit")
    expect(said).to_be_visible()
    expect(field(page)).to_have_attribute("aria-invalid", "true")
    expect(field(page)).to_have_accessible_description(re.compile("needs a duration with a unit"))
    assert rows(page) == [key(1)]  # as before

    # What comes in takes neither the focus nor the text.
    site.agent.take(with_redis(3), pairing(4))
    expect(page.locator(f"tr[data-id='{key(3)}']")).to_have_count(1)
    assert rows(page) == [key(3), key(1)]
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("service:redis >200")
    expect(said).to_be_visible()
    field(page).press_sequentially("us")
    expect(said).to_have_count(0)
    expect(field(page)).to_have_attribute("aria-invalid", "false")
    expect(page.locator(".count")).to_have_text("2 of 4 traces")
    field(page).fill("")
    expect(page.locator(".count")).to_have_text("4 traces")


def test_what_occurs_is_offered_while_you_type(site: Site, page: Page) -> None:
    site.agent.take(with_redis(1, beer="pale ale"), pairing(2))
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody tr")).to_have_count(2)
    box = field(page)
    options = suggestions(page)
    expect(box).to_have_attribute("aria-expanded", "false")
    type_in(page, "serv")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_contain_text("service:")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("Enter")
    expect(box).to_have_value("service:")
    expect(page.get_by_role("option", name="service:redis")).to_be_visible()  # its values follow
    box.press_sequentially("red")
    expect(options).to_have_count(1)
    box.press("ArrowUp")  # the last one
    box.press("Enter")
    expect(box).to_have_value("service:redis ")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".count")).to_have_text("1 of 2 traces")

    box.press_sequentially("-@be")
    page.get_by_role("option", name="-@beer:").click()
    page.get_by_role("option", name='-@beer:"pale ale"').click()
    expect(box).to_have_value('service:redis -@beer:"pale ale" ')
    expect(box).to_be_focused()
    expect(page.locator(".count")).to_have_text("0 of 2 traces")

    type_in(page, "status:")
    expect(page.get_by_role("option", name="status:error")).to_be_visible()
    box.press("Escape")  # closes the list, and keeps the text
    expect(options).to_have_count(0)
    expect(box).to_have_value("status:")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="status:error")).to_be_visible()
    page.get_by_role("heading", name="Traces").click()
    expect(options).to_have_count(0)

    type_in(page, "hunter")
    type_in(page, "api")
    type_in(page, "api_key:h")
    expect(page.locator(".count")).to_have_text("0 of 2 traces")
    assert "hunter2" not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.sample(2)
def test_axe_finds_nothing_in_the_search(
    site: Site, new_page: Callable[..., Page], scheme: str
) -> None:
    site.agent.take(with_redis(1), pairing(2))
    page = new_page(
        color_scheme=scheme, bypass_csp=True, viewport={"width": 390, "height": 844}
    )  # axe is put into the page
    page.goto(f"{site.url}/traces")
    page.get_by_text("How to search").click()
    field(page).fill("ZREVRANGE >200")
    expect(field(page)).to_have_attribute("aria-invalid", "true")
    found(page, "an unreadable search")
    type_in(page, "re")
    expect(suggestions(page).first).to_be_visible()
    field(page).press("ArrowDown")
    found(page, "suggestions")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
