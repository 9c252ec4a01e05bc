"""The map of services in a real browser."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from workshop.stack.measurements import MeasuredLog, Result

from tests.odd_traces import shapes
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import pairing, span

expect.set_options(timeout=MILLISECONDS)


def test_the_map_grows_and_leads_to_traces(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/traces")
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.get_by_role("heading", name="No requests in this time")).to_be_visible()
    boxes = page.locator(".map-picture .box")

    # From outside, as at the first step.
    MeasuredLog(site.run_dir).write(Result("/pair/beer", 210, begin=time.time()))
    expect(boxes).to_have_count(1)
    expect(page.locator(".map")).to_contain_text("So far, nothing shows what web calls")

    # What was timed by hand.
    with (site.root / "timing.log").open("a") as log:
        log.write("operation beer.query took 0.001 seconds\nfunction pair took 0.202 seconds\n")
    expect(boxes).to_have_count(3)
    expect(page.locator(".map-table")).to_contain_text("pair → beer.query")

    # Traces replace both.
    site.agent.take(pairing(1, error="No glaze left"), pairing(2))
    expect(boxes).to_have_count(3)
    expect(page.locator(".map-table")).to_contain_text("matchmaker → taster")
    expect(page.locator(".map-table")).not_to_contain_text("web")
    edge = page.get_by_role("link", name=re.compile("^outside → matchmaker: 2 requests.* 1 error"))
    expect(edge).to_contain_text("50% errors")

    # The time range is in the address, for the way back, too.
    page.get_by_role("button", name="1 hour").click()
    expect(page).to_have_url(f"{site.url}/map?seconds=3600")
    page.reload()
    expect(page.get_by_role("button", name="1 hour", pressed=True)).to_be_visible()
    page.get_by_role("button", name="15 minutes").click()
    page.go_back()
    expect(page.get_by_role("button", name="1 hour", pressed=True)).to_be_visible()

    # The keyboard reaches boxes and edges, and leads to the traces of the service.
    page.get_by_role("link", name="taster, service").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/traces?service=taster")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.go_back()
    page.get_by_role("link", name=re.compile("^matchmaker → sqlite: ")).locator(
        "text"
    ).first.click()
    expect(page).to_have_url(f"{site.url}/traces?service=sqlite")


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.sample(3)
def test_the_map_is_readable_at_any_width(
    site: Site, new_page: Callable[..., Page], width: int
) -> None:
    chain = [
        span(n, n - 1, "work", service=f"service-{n}<b>", begin=time.time() * 1000)
        for n in range(1, 202)
    ]
    site.agent.take(*shapes().values(), chain, *(pairing(n) for n in range(1, 9)))
    for scheme in ("light", "dark"):
        page = new_page(
            color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900}
        )
        page.goto(f"{site.url}/map")
        expect(page.locator(".map-picture .box")).to_have_count(20)
        expect(page.get_by_text(re.compile(r"^… and \d{3} more boxes"))).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "NaN" not in page.locator("main").inner_html()
        found(page, "/map")
    overlapping = page.locator(".map-picture .box").evaluate_all(
        """all => {
            const boxes = all.map((one) => one.querySelector("rect").getBoundingClientRect());
            return boxes.filter((a, i) => boxes.slice(i + 1).some((b) =>
                a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
        }"""
    )
    assert overlapping == []
