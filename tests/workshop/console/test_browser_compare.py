"""Two traces compared, and one downloaded, in a real browser."""

import json
import re
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.odd_traces import shapes
from tests.stack import until
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import RawSpan, key, large, pairing, span

expect.set_options(timeout=MILLISECONDS)

SHAPES = shapes()


def run(number: int, process: str, ago: float, tastings: int = 4) -> list[RawSpan]:
    """The spans of a pairing that one process of web answered, some seconds ago."""
    spans = pairing(number, tastings=tastings, begin=(time.time() - ago) * 1000)
    spans[0]["meta"]["runtime-id"] = process
    return spans


def changed(site: Site) -> None:
    """Have three pairings come in, then a change, and two that ask the taster once, and Redis."""
    extra = span(5900, 5002, "redis.command", service="redis", resource="GET", took=2)
    after = run(5, "p2", 10, tastings=1)
    extra |= {"trace_id": 5, "start": after[0]["start"] + 4_000_000}
    before = [run(number, "p1", 60 - number) for number in (1, 2, 3)]
    site.agent.take(*before, run(4, "p2", 20, tastings=1), [*after, extra])
    until(lambda: site.collector.store.size()["traces"] == 5, "the traces")


def test_before_and_after_a_change(site: Site, page: Page) -> None:
    changed(site)
    page.goto(f"{site.url}/traces")
    page.get_by_role("link", name="Compare two").click()
    expect(page.get_by_role("heading", name="Compare two traces")).to_be_visible()
    page.get_by_role("button", name="Before and after my last change").click()
    expect(page.get_by_text("A is the median of 3 requests for GET /pair/beer")).to_be_visible()
    expect(page.get_by_text("B took 60.0 ms, which is 150.0 ms (71%) less than A.")).to_be_visible()
    expect(page.get_by_text("Two single traces aren't a measurement")).to_be_visible()
    address = f"{site.url}/compare?a={key(2)}&b={key(5)}"
    expect(page).to_have_url(address)

    # Both waterfalls have one scale: B is 60 of 210 ms long.
    widths = []
    for name in "AB":
        bar = page.get_by_label(f"Spans of {name}").locator(".track .span").first.bounding_box()
        assert bar
        widths.append(bar["width"])
    assert widths[1] / widths[0] == pytest.approx(60 / 210, abs=0.02)
    expect(page.get_by_label("Spans of A").get_by_role("listitem")).to_have_count(11)
    expect(page.get_by_label("Spans of B").get_by_text("New")).to_have_count(1)

    table = page.get_by_role("table", name="Operations of A and B")
    row = table.get_by_role("row").filter(has_text="taster")
    expect(row).to_contain_text("Faster")
    expect(row.locator("[data-heading=Count]")).to_have_text(re.compile("4.*1"))
    expect(row.locator("[data-heading=Difference]")).to_have_text("\N{MINUS SIGN}141 ms")
    expect(table.get_by_role("row").filter(has_text="redis")).to_contain_text("New")

    # The highlighted operation, the traces, and the framework's spans are in the address.
    row.get_by_role("button").press("Enter")
    expect(page.locator(".compared li.chosen")).to_have_count(5)
    expect(page.get_by_text("A is the median of 3 requests")).to_be_visible()
    page.get_by_label("Also compare the framework's own spans (2)").check()
    expect(page.get_by_label("Spans of A").get_by_role("listitem")).to_have_count(12)
    page.reload()
    expect(page.get_by_label("Spans of A").get_by_role("listitem")).to_have_count(12)
    expect(page.locator(".compared li.chosen")).to_have_count(5)
    page.go_back()
    expect(page.get_by_label("Spans of A").get_by_role("listitem")).to_have_count(11)
    page.go_back()
    expect(page.locator(".compared li.chosen")).to_have_count(0)
    expect(page).to_have_url(address)

    page.get_by_role("button", name="Swap").click()
    expect(page).to_have_url(f"{site.url}/compare?a={key(5)}&b={key(2)}")
    expect(page.get_by_text("B took 210.0 ms, which is 150.0 ms (250%) more")).to_be_visible()
    expect(table.get_by_role("row").filter(has_text="redis")).to_contain_text("Gone")


def test_two_traces_are_picked_by_hand(site: Site, page: Page) -> None:
    changed(site)
    page.goto(f"{site.url}/traces/{key(5)}")
    page.get_by_role("link", name="Compare with…").click()
    expect(page).to_have_url(f"{site.url}/compare?b={key(5)}")
    expect(page.get_by_label("B: after")).to_have_value(key(5))
    expect(page.locator(".compared")).to_have_count(0)
    page.get_by_label("A: before").select_option(key(1))
    expect(page.get_by_role("heading", name="GET /pair/beer")).to_have_count(2)
    page.get_by_role("link", name="GET /pair/beer").first.click()
    expect(page).to_have_url(re.compile(f"{site.url}/traces/{key(1)}"))
    page.go_back()
    expect(page.get_by_label("A: before")).to_have_value(key(1))
    # To the trace that one has, this finds the one to compare with.
    page.goto(f"{site.url}/compare?b={key(4)}")
    page.get_by_role("button", name="Before and after").click()
    expect(page).to_have_url(f"{site.url}/compare?a={key(2)}&b={key(4)}")


def test_what_cannot_be_compared_is_said(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/compare")
    page.get_by_role("button", name="Before and after").click()
    expect(page.get_by_text("There is nothing to compare yet.")).to_be_visible()
    page.goto(f"{site.url}/compare?a=%E0%A4%A&b=<b>x</b>")
    expect(page.get_by_role("alert")).to_contain_text("doesn't have traces A and B: they're")
    answer = requests.get(f"{site.url}/api/compare", {"a": "1"}, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Choose two traces: a and b."


def test_lines_by_hand_are_compared_without_a_critical_path(site: Site, page: Page) -> None:
    with (site.root / "timing.log").open("a") as log:
        for taken in ("0.200", "0.050"):
            log.write(f"req: 7{taken[2]}, operation match took {taken} seconds\n")
            log.write(f"req: 7{taken[2]}, function pair took {taken} seconds\n")
    until(lambda: site.collector.store.size()["traces"] == 2, "the lines")
    one, other = (trace["id"] for trace in site.collector.store.news(0, 0).summaries)
    page.goto(f"{site.url}/compare?a={one}&b={other}")
    expect(page.get_by_text("made of lines in timing.log")).to_be_visible()
    expect(page.get_by_text("B took 50.0 ms, which is 150.0 ms (75%) less")).to_be_visible()
    document = requests.get(f"{site.url}/api/traces/{one}", timeout=30).json()
    assert document["critical"] == []
    assert document["critical_text"] == document["parallel_text"] == ""
    page.goto(f"{site.url}/traces/{other}")
    page.locator(".download summary").click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Lines of timing.log").click()
    assert downloaded.value.suggested_filename == f"{other}.log"
    assert downloaded.value.path().read_text() == (
        "req: 70, operation match took 0.050 seconds\nreq: 70, function pair took 0.050 seconds\n"
    )
    refused = requests.get(f"{site.url}/api/traces/{other}/download?as=otlp", timeout=30)
    assert refused.status_code == 404
    assert "as=lines" in refused.json()["error"]


def test_a_trace_is_downloaded_for_other_tools(site: Site, page: Page) -> None:
    sent = pairing(1, error="No glaze left")
    site.agent.take(sent)
    until(lambda: site.collector.store.size()["traces"] == 1, "the trace")
    page.goto(f"{site.url}/traces/{key(1)}")
    page.locator(".download summary").press("Enter")
    found = {}
    for name, form in (("Agent's JSON", "agent"), ("OTLP JSON", "otlp"), ("Jaeger's", "jaeger")):
        with page.expect_download() as downloaded:
            page.get_by_role("link", name=name).click()
        assert downloaded.value.suggested_filename == f"trace-{key(1)}.{form}.json"
        found[form] = json.loads(downloaded.value.path().read_text())
    expect(page).to_have_url(re.compile(f"/traces/{key(1)}"))  # still
    page.get_by_role("link", name="OTLP JSON").press("Escape")
    expect(page.get_by_role("link", name="OTLP JSON")).to_be_hidden()
    expect(page.locator(".download summary")).to_be_focused()
    ids = {one["span_id"] for one in sent}
    (agents,) = found["agent"]
    assert {one["span_id"] for one in agents} == ids
    assert next(one for one in agents if one["error"])["meta"]["error.message"] == "No glaze left"
    in_otlp = [s for r in found["otlp"]["resourceSpans"] for s in r["scopeSpans"][0]["spans"]]
    assert {int(one["spanId"], 16) for one in in_otlp} == ids
    assert {one["traceId"] for one in in_otlp} == {key(1)}
    (data,) = found["jaeger"]["data"]
    assert {int(one["spanID"], 16) for one in data["spans"]} == ids

    answer = requests.get(f"{site.url}/api/traces/{key(1)}/download", timeout=30)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=trace-{key(1)}.agent.json"
    )
    for address, status in ((f"{key(1)}/download?as=xml", 400), ("none/download", 404)):
        answer = requests.get(f"{site.url}/api/traces/{address}", timeout=30)
        assert (answer.status_code, answer.json()["error"][-1]) == (status, ".")


def test_a_trace_that_is_too_large_to_draw_is_compared_and_downloaded(
    site: Site, page: Page
) -> None:
    spans = large(7_000)
    site.agent.take(spans, SHAPES["escapes"], SHAPES["long"], SHAPES["1970"])
    until(lambda: site.collector.store.size()["traces"] == 4, "the traces")
    ids = {one["resource"][:6]: one["id"] for one in site.collector.store.news(0, 0).summaries}
    answer = requests.get(f"{site.url}/api/traces/{ids['GET /l']}/download?as=jaeger", timeout=60)
    assert len(answer.json()["data"][0]["spans"]) == len(spans)
    page.set_viewport_size({"width": 390, "height": 844})
    for other in ids.values():
        page.goto(f"{site.url}/compare?a={ids['GET /l']}&b={other}&framework=1")
        expect(page.locator(".operations tbody tr").first).to_be_visible()
        expect(page.get_by_text("100 of 7,000 spans are drawn").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not re.search("NaN|undefined|Infinity", page.locator("main").inner_text())
        assert page.locator("main img, main b b").count() == 0


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_axe_finds_nothing(site: Site, new_page: Callable[..., Page], scheme: str) -> None:
    changed(site)
    page = new_page(color_scheme=scheme, bypass_csp=True)  # axe is put into the page
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for view in ("/compare", f"/compare?a={key(2)}&b={key(5)}&op=x", f"/traces/{key(1)}"):
            page.goto(site.url + view)
            if "?" in view:
                expect(page.locator(".operations tbody tr").first).to_be_visible()
                page.locator(".operations tbody button").first.click()
            elif "traces" in view:
                page.locator(".download summary").click()
                expect(page.get_by_role("link", name="OTLP JSON")).to_be_in_viewport(ratio=1)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, view
            found(page, view)
