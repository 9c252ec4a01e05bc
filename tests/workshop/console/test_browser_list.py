"""The list of traces and the latency view in a real browser: order, time range, and plots."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from workshop.stack.measurements import Result

from tests.conftest import Render
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Agent, Site, serving
from tests.workshop.console.spans import key, pairing
from tests.workshop.console.test_browser import rows

expect.set_options(timeout=MILLISECONDS)

BY_HAND = "function pair took 0.202 seconds\n"


def spread(now: float) -> list[list[dict[str, Any]]]:
    """Five pairings in five minutes, the oldest first. The third is the slowest and fails."""
    tastings = (3, 2, 4, 1, 0)
    return [
        pairing(
            number,
            tastings=tastings[number - 1],
            error="No glaze left" if number == 3 else "",
            begin=now - 60_000 * (5 - number),
        )
        for number in range(1, 6)
    ]


def keys(*numbers: int) -> list[str]:
    """The IDs of these pairings."""
    return [key(number) for number in numbers]


def point(page: Page, nearest: str) -> Locator:
    """Sweep over the plot until the pointer is at the point of a trace, and return its link."""
    box = page.locator(".plot").bounding_box()
    assert box
    link = page.locator(f".plot a[href='/traces/{nearest}']")
    for x in range(2, int(box["width"]), 6):
        for y in range(4, 132, 12):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if link.count():
                return link
    raise AssertionError(nearest)


def test_the_order_is_in_the_address(site: Site, page: Page) -> None:
    site.agent.take(*spread(time.time() * 1000))
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody tr")).to_have_count(5)
    assert rows(page) == keys(5, 4, 3, 2, 1)
    duration = page.get_by_role("columnheader", name="Duration")
    duration.get_by_role("button").click()
    expect(duration).to_have_attribute("aria-sort", "descending")
    assert rows(page) == keys(3, 1, 2, 4, 5)
    duration.get_by_role("button").press("Enter")
    expect(duration).to_have_attribute("aria-sort", "ascending")
    assert rows(page) == keys(5, 4, 2, 1, 3)
    expect(page.locator("#told")).to_contain_text("fastest first")
    page.get_by_role("columnheader", name="Result").get_by_role("button").click()
    expect(duration).not_to_have_attribute("aria-sort", re.compile("."))
    assert rows(page) == keys(3, 5, 4, 2, 1)
    page.get_by_role("columnheader", name="Spans").get_by_role("button").click()
    assert rows(page) == keys(3, 1, 2, 4, 5)
    expect(page.locator("tbody tr").first.locator(".spans")).to_contain_text("12 spans")
    page.go_back()
    expect(page.locator("tbody tr").nth(1)).to_have_attribute("data-id", key(5))
    assert rows(page) == keys(3, 5, 4, 2, 1)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(5)
    assert rows(page) == keys(3, 5, 4, 2, 1)
    # A new trace finds its place, and the way back from it leads to the same order.
    site.agent.take(pairing(6))
    expect(page.locator("tbody tr").nth(1)).to_have_attribute("data-id", key(6))
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="All traces").click()
    expect(page.locator("tbody tr")).to_have_count(6)
    assert rows(page) == keys(3, 6, 5, 4, 2, 1)


def test_the_plot_selects_a_time_range_and_opens_traces(site: Site, page: Page) -> None:
    now = time.time() * 1000
    site.agent.take(*spread(now))
    page.goto(f"{site.url}/traces")
    plot = page.get_by_role("img", name="Duration over time: 5 traces")
    expect(plot).to_have_attribute("aria-label", re.compile("10.0 ms to 210 ms, 1 with errors"))
    # What has an error has another color, and another shape.
    colors = plot.evaluate(
        """one => {
            const data = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
            const found = new Set();
            for (let at = 0; at < data.length; at += 4)
                if (data[at + 3] > 190) found.add(data.slice(at, at + 3).join());
            return [...found];
        }"""
    )
    assert "179,22,43" in colors
    failed = point(page, key(3))
    expect(page.locator(".scatter .reading")).to_contain_text("GET /pair/beer, 210 ms, error")
    failed.click()
    expect(page).to_have_url(f"{site.url}/traces/{key(3)}")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(5)

    box = page.locator(".plot").bounding_box()
    assert box
    middle = box["y"] + 60
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    expect(page.locator(".plot .chosen")).to_be_visible()
    site.agent.take(pairing(6))  # the plot stays as it is meanwhile
    expect(page.locator(".count")).to_have_text("6 traces")
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    page.mouse.up()
    expect(page.locator(".count")).to_have_text("2 of 6 traces")
    assert rows(page) == keys(4, 3)
    address = page.url
    assert re.search(r"\?from=\d+&to=\d+$", address)
    page.reload()
    expect(page.locator(".count")).to_have_text("2 of 6 traces")
    page.get_by_role("button", name="Show all times").click()
    expect(page.locator("tbody tr")).to_have_count(6)
    expect(page).to_have_url(f"{site.url}/traces")
    page.go_back()
    expect(page.locator(".count")).to_have_text("2 of 6 traces")
    expect(page).to_have_url(address)

    # The same without a pointer.
    page.get_by_role("button", name="All", exact=True).press("Enter")
    expect(page.locator("tbody tr")).to_have_count(6)
    local = "ms => { const d = new Date(ms); d.setMinutes(d.getMinutes() - d.getTimezoneOffset());"
    minutes = f"{local} return d.toISOString().slice(0, 19); }}"
    page.get_by_label("From", exact=True).fill(page.evaluate(minutes, now - 130_000))
    page.get_by_label("From", exact=True).press("Tab")
    expect(page.locator(".count")).to_have_text("4 of 6 traces")
    page.get_by_label("To", exact=True).fill(page.evaluate(minutes, now - 50_000))
    page.get_by_label("To", exact=True).press("Tab")
    expect(page.locator(".count")).to_have_text("2 of 6 traces")
    page.get_by_role("button", name="1 min", exact=True).click()
    expect(page.locator(".count")).to_have_text(re.compile("^[23] of 6 traces"))
    expect(page).to_have_url(f"{site.url}/traces?last=1")
    page.get_by_label("Search", exact=True).fill("nothing like that")
    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    expect(page.get_by_role("img", name="Duration over time: no traces")).to_be_visible()


@pytest.fixture
def earlier(rendered: Path) -> None:
    """Lines from before the console started, which it reads at its first look."""
    (rendered / "timing.log").write_text(BY_HAND * 3)


@pytest.mark.usefixtures("earlier")  # before the others
def test_what_was_timed_by_hand_earlier_is_listed_on_request(
    site: Site, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{site.url}/traces")
    expect(page.locator(".empty")).to_contain_text("what you timed by hand earlier (3)")
    site.agent.take(pairing(1))
    expect(page.locator(".count")).to_have_text("1 trace")
    assert rows(page) == keys(1)
    page.get_by_label("Timed by hand earlier (3)").check()
    expect(page.locator(".count")).to_have_text("4 traces")
    expect(page.get_by_text("3 traces from before the console started")).to_be_visible()
    page.reload()
    expect(page.locator(".count")).to_have_text("4 traces")
    page.get_by_label("Order").select_option("slowest first")  # there are no headings to click
    assert rows(page)[-1] != key(1)
    assert rows(page)[0] == key(1)
    page.get_by_role("button", name="From … to …").click()
    expect(page.get_by_label("From", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_before_the_code_is_traced_the_list_is_what_was_timed_by_hand(
    render: Render, tmp_path: Path, agent: Agent, page: Page
) -> None:
    root = render(step=4)
    with serving(root, tmp_path, agent) as site:
        page.goto(f"{site.url}/traces")
        expect(page.get_by_text("Your code times pairings by hand.")).to_be_visible()
        (root / "timing.log").write_text(BY_HAND * 2)
        try:
            expect(page.locator(".count")).to_have_text("2 traces")
            expect(page.get_by_text("Timed by hand earlier")).to_have_count(0)
            label = page.locator(".scatter canvas").get_attribute("aria-label") or ""
            assert re.search("2 traces|no traces", label)
        finally:
            (root / "timing.log").unlink()


def test_a_moment_of_the_chart_leads_to_its_traces(site: Site, page: Page) -> None:
    part = 300_000 / 90  # the length of a part of the chart
    moment = (time.time() * 1000 // part - 20 + 0.5) * part
    site.agent.take(
        *(pairing(n, tastings=n, begin=moment + n) for n in range(1, 6)),
        pairing(6, begin=moment, error="no"),
        pairing(7, begin=moment - 90_000),
    )
    site.collector.measured.write(Result("/pair/beer", 300.0, begin=moment / 1000))
    page.goto(f"{site.url}/latency")
    row = page.locator(".routes tbody tr")
    expect(row).to_contain_text("300 ms")  # one row for both
    expect(row).to_have_count(1)
    here = page.get_by_label("Traces of one moment")
    here.get_by_role("button", name="Earlier").press("Enter")
    expect(here).to_contain_text("6 requests, 1 error")
    for text, number in (("Slowest: 260 ms", 5), ("Median: 160 ms", 3), ("An error: 210 ms", 6)):
        link = here.get_by_role("link", name=text)
        expect(link).to_have_attribute("href", f"/traces/{key(number)}")
    page.reload()
    expect(here).to_contain_text("6 requests, 1 error")
    here.get_by_role("button", name="Earlier").click()
    expect(here.get_by_role("link")).to_have_text(["The only one: 210 ms"])
    page.go_back()
    expect(here).to_contain_text("6 requests, 1 error")
    # A click chooses the nearest part of the chart.
    page.locator(".chart .u-over").click(position={"x": 5, "y": 50})
    expect(here.get_by_role("link")).to_have_text(["The only one: 210 ms"])
    page.get_by_role("button", name="From outside").click()
    page.get_by_role("img", name="GET /pair/beer, from outside").wait_for()
    expect(here).to_contain_text("the console has no requests from then")
    here.get_by_role("button", name="Later").click()
    expect(here).to_contain_text("no trace belongs to this chart")
    here.get_by_role("button", name="Close").click()
    expect(here.get_by_role("button", name="Close")).to_have_count(0)
    page.get_by_role("button", name="In web").click()
    here.get_by_role("button", name="Earlier").click()
    here.get_by_role("link", name="Median").click()
    expect(page).to_have_url(f"{site.url}/traces/{key(3)}")


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (768, "dark"), (1440, "light")]
)
@pytest.mark.sample(2)
def test_axe_finds_nothing(
    site: Site, new_page: Callable[..., Page], width: int, scheme: str
) -> None:
    site.agent.take(*spread(time.time() * 1000))
    (site.root / "timing.log").write_text(BY_HAND)
    page = new_page(color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900})
    page.goto(f"{site.url}/traces?sort=duration&hand=1")
    expect(page.locator("tbody tr")).to_have_count(6)
    found(page, "traces")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{site.url}/latency")
    page.get_by_label("Traces of one moment").get_by_role("button", name="Earlier").click()
    found(page, "latency")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
