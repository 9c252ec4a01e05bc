"""The view of one trace in a real browser: zoom, search, columns, keys, addresses, and a phone."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect
from workshop.console import trace_json

from tests.odd_traces import shapes
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import UPPER, key, large, pairing, span

expect.set_options(timeout=MILLISECONDS)

WIDE = ViewportSize(width=1440, height=900)
TABLET = ViewportSize(width=768, height=1000)
PHONE = ViewportSize(width=390, height=844)


def opened(site: Site, page: Page, query: str = "", number: int = 1) -> None:
    """Open the page of a pairing."""
    page.goto(f"{site.url}/traces/{key(number)}{query}")
    expect(page.locator("[data-id]").first).to_be_visible()


def asked(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def left(element: Locator) -> float:
    """Where it begins."""
    box = element.bounding_box()
    assert box
    return box["x"]


def width(element: Locator) -> float:
    """How wide it is."""
    box = element.bounding_box()
    assert box
    return box["width"]


def drag(page: Page, strip: Locator, from_share: float, to_share: float) -> None:
    """Drag on a strip of time."""
    box = strip.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * from_share, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (from_share + to_share) / 2, box["y"] + 12)
    page.mouse.move(box["x"] + box["width"] * to_share, box["y"] + 12)
    page.mouse.up()


def test_time_is_zoomed_and_moved_by_pointer_wheel_and_keys(
    site: Site, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport=WIDE)
    site.agent.take(pairing(1))  # 210 ms
    opened(site, page)
    assert width(page.locator(".axis")) > WIDE["width"] / 2
    bar = page.locator(".track .span").nth(3)
    before = width(bar)
    drag(page, page.locator(".overview"), 0.0, 0.5)
    expect(page.get_by_role("group", name="Zoom")).to_contain_text("105 ms of 210 ms, from")
    assert 1.9 * before < width(bar) < 2.1 * before
    said = asked(page)
    assert (float(said["from"]), round(float(said["to"]))) == (0, 105)
    drag(page, page.locator(".axis"), 0.0, 0.5)  # of what is shown
    expect(page.get_by_role("group", name="Zoom")).to_contain_text(re.compile(r"5\d\.\d ms of"))
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("() => new URLSearchParams(location.search).get('from') > 9")
    page.keyboard.press("a")
    page.wait_for_function("() => new URLSearchParams(location.search).get('from') < 1")
    page.locator(".axis").dblclick()
    page.wait_for_function("() => location.search === ''")
    page.keyboard.press("+")
    page.wait_for_function("() => location.search.includes('from=')")
    page.keyboard.press("0")
    page.wait_for_function("() => location.search === ''")
    box = page.locator(".axis").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 100)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => new URLSearchParams(location.search).get('from') > 60")
    said = asked(page)
    middle, share = 0.75 * 210, float(said["to"]) - float(said["from"])
    assert abs(float(said["from"]) + 0.75 * share - middle) < 2  # the pointer's time stays there
    expect(page.locator(".track .beside").first).to_be_visible()  # a span before what is shown
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]


def test_each_state_is_an_address(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])
    site.agent.take(pairing(1))
    page.goto(f"{site.url}/traces")
    page.get_by_role("link", name="GET /pair/beer").click()
    page.get_by_role("button", name="Flame graph").click()
    page.get_by_label("The framework's own spans").check()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("#told")).to_contain_text("ms of 210 ms")  # which comes a moment later
    page.get_by_label("Search in this trace").fill("taste")
    page.get_by_role("option").nth(5).click()
    chosen = page.locator("[aria-selected=true]").get_attribute("data-id")
    expect(page.locator("#told")).to_have_text("3 of 8")  # which comes a moment later, too
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#told")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert set(asked(page)) == {"view", "framework", "from", "to", "q", "span"}

    other = new_page(viewport=WIDE)  # somebody else's browser
    other.goto(link)
    expect(other.locator(".box")).to_have_count(12)
    expect(other.locator("[aria-selected=true]")).to_have_attribute("data-id", chosen or "")
    expect(other.get_by_label("Search in this trace")).to_have_value("taste")
    expect(other).to_have_url(link)
    page.reload()
    expect(page.locator("[aria-selected=true]")).to_have_attribute("data-id", chosen or "")

    page.go_back()  # not through each selected span
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
    page.go_forward()
    expect(page.locator("[aria-selected=true]")).to_have_attribute("data-id", chosen or "")
    expect(page).to_have_url(link)
    for odd in ("?from=x&to=y", "?span=%00&view=pie", "?q=%E0%A4%A", "?from=-9e99&to=9e99"):
        opened(site, page, odd)
        assert "NaN" not in page.locator("main").inner_text()


def test_columns_are_resized_and_stay_so(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=WIDE)
    site.agent.take(pairing(1), pairing(2))
    opened(site, page)
    line = page.get_by_role("separator", name="Width of the names")
    now = int(line.get_attribute("aria-valuenow") or 0)
    line.focus()
    page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", str(now + 16))
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 104, box["y"] + 100)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", str(now + 116))
    assert left(page.locator(".track").first) > box["x"] + 100
    opened(site, page, number=2)
    expect(line).to_have_attribute("aria-valuenow", str(now + 116))
    line.dblclick()
    expect(line).to_have_attribute("aria-valuenow", str(now))
    details = page.get_by_role("separator", name="Width of the details")
    before = width(page.get_by_label("Span", exact=True))
    details.focus()
    page.keyboard.press("ArrowLeft")
    assert width(page.get_by_label("Span", exact=True)) > before


def stand_in(page: Page) -> None:
    """Answer a search as the console does: the spans of the taster match."""

    def answer(route: Route) -> None:
        found = requests.get(route.request.url.partition("/matches")[0], timeout=30).json()
        query = parse_qs(urlsplit(route.request.url).query)["q"][0]
        spans = [one["id"] for one in found["all"] if one["service"] == query]
        problem = "A quote isn't closed." if '"' in query else ""
        route.fulfill(json={"spans": spans, "problem": problem})

    page.route("**/api/traces/*/matches?*", answer)


AT_ONCE = """
new MutationObserver((_, observer) => {
    if (!document.querySelector("[data-id]")) return;
    observer.disconnect();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true }));
}).observe(document, { childList: true, subtree: true });
"""
"""Presses a key as soon as the picture is there. Nobody is quicker, and no key may be lost."""


def test_a_search_leads_from_hit_to_hit(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=WIDE)
    stand_in(page)
    page.add_init_script(AT_ONCE)
    site.agent.take(pairing(1))
    opened(site, page)
    field = page.get_by_label("Search in this trace")
    expect(field).to_be_focused()
    page.keyboard.type("taster")
    says = page.locator("#in-trace-says")
    expect(says).to_have_text("4 hits")
    expect(page.locator(".line.hit")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(says).to_have_text("1 of 4")
    expect(field).to_be_focused()  # Enter again leads on
    page.keyboard.press("Shift+Enter")
    expect(says).to_have_text("4 of 4")
    expect(page.locator("#told")).to_have_text("4 of 4")
    page.keyboard.type("n")  # a letter, not the next hit
    expect(field).to_have_value("tastern")
    page.keyboard.press("Backspace")
    expect(says).to_have_text("4 of 4")

    # What is folded and out of the zoom comes into view.
    page.locator(".line[data-id] .twisty").nth(1).click()
    expect(page.locator(".line[data-id]")).to_have_count(2)
    drag(page, page.locator(".overview"), 0.9, 1.0)
    page.keyboard.press("n")
    expect(says).to_have_text("1 of 4")
    hit = page.locator(".line[aria-selected=true]")
    expect(hit).to_be_focused()
    expect(hit.locator(".span")).to_be_visible()
    page.keyboard.press("Shift+N")
    expect(says).to_have_text("4 of 4")
    page.get_by_role("button", name="Flame graph").click()
    expect(page.locator(".box.hit")).to_have_count(4)
    page.keyboard.press("n")
    expect(says).to_have_text("1 of 4")

    field.fill('resource:"')
    expect(says).to_have_text("A quote isn't closed.")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Escape")
    expect(field).to_have_value("")
    expect(page.locator(".hit")).to_have_count(0)
    page.locator(".box").first.click()
    page.keyboard.press("/")
    expect(field).to_be_focused()


def test_the_consoles_own_search_answers_the_page(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    opened(site, page, "?q=service%3Ataster")
    expect(page.locator("#in-trace-says")).to_have_text("4 hits")


def test_the_keys_are_shown_and_can_be_turned_off(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    opened(site, page)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Go to the next hit")
    page.keyboard.press("+")  # does nothing behind the dialog
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    assert asked(page) == {}
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use the keys that are a letter, a digit, or a sign").uncheck()
    keys.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Keys")).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("+")
    page.reload()
    expect(page.locator("[data-id]").first).to_be_visible()
    page.keyboard.press("?")
    expect(keys).to_have_count(0)
    assert asked(page) == {}


def test_on_a_phone_details_open_by_a_tap_and_close_again(
    site: Site, new_page: Callable[..., Page]
) -> None:
    site.agent.take(pairing(1), large(100))
    page = new_page(viewport=PHONE, has_touch=True, bypass_csp=True)
    opened(site, page)
    details = page.get_by_label("Span", exact=True)
    for picture in ("Waterfall", "Flame graph"):
        page.get_by_role("button", name=picture).click()
        expect(details).to_be_hidden()
        one = page.locator("[data-id]").nth(3)
        one.tap()
        expect(details).to_be_visible()
        expect(one).to_be_in_viewport()
        assert uncovered(one)
        page.reload()  # it is in the address
        expect(details).to_be_visible()
        found(page, page.url)
        details.get_by_role("button", name="Close the details").click()
        expect(details).to_be_hidden()
        expect(page.locator("[aria-selected=true]")).to_be_focused()
        page.keyboard.press("i")
        expect(details).to_be_visible()
        page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.goto(f"{site.url}/traces/{UPPER}{999_999:016x}?view=waterfall")
    page.locator("[data-id]").last.tap()
    expect(details).to_be_visible()
    assert uncovered(page.locator("[data-id]").last)


def uncovered(one: Locator) -> bool:
    """Whether nothing lies over it."""
    return bool(
        one.evaluate(
            """one => {
                const box = one.getBoundingClientRect();
                const x = box.left + Math.min(20, box.width / 2);
                const above = document.elementFromPoint(x, box.top + box.height / 2);
                return one.contains(above);
            }"""
        )
    )


def drawn_path(page: Page) -> list[tuple[float, float]]:
    """From where to where the critical path is drawn, without what adjoins."""
    boxes = page.locator(".track .critical").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    path: list[tuple[float, float]] = []
    for begin, end in sorted(boxes):
        if path and begin - path[-1][1] < 1:
            path[-1] = path[-1][0], max(end, path[-1][1])
        else:
            path.append((begin, end))
    return path


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.sample(2)
def test_the_critical_path_is_drawn_and_axe_finds_nothing(
    site: Site, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(viewport=WIDE, color_scheme=scheme, bypass_csp=True)
    stand_in(page)
    site.agent.take(pairing(1, error="No glaze left"))
    opened(site, page, "?q=taster")
    expect(page.locator(".critical-text")).to_contain_text(
        "The critical path: 4 calls to GET /taste, one after another, take 93% of the 210.0 ms of "
        "GET /pair/beer. The trace can't show"
    )
    lines = page.locator(".line.hit .critical")
    expect(lines).to_have_count(4)
    bar = page.locator(".line.hit .span").first
    assert abs(left(lines.first) - left(bar)) < 1
    assert abs(width(lines.first) - width(bar)) < 1
    # Without the framework's spans, as with them, the path covers the request without a hole.
    whole = page.locator(".track .span").first
    for number, everything in ((12, True), (11, False)):
        page.get_by_label("The framework's own spans").set_checked(everything)
        expect(page.locator("[data-id]")).to_have_count(number)
        ((begin, end),) = drawn_path(page)
        assert abs(begin - left(whole)) < 1
        assert abs(end - begin - width(whole)) < 1
    expect(page.locator(".line.hit")).to_have_count(4)
    for viewport in (WIDE, TABLET, PHONE):
        page.set_viewport_size(viewport)
        found(page, page.url)
    page.set_viewport_size(WIDE)
    page.keyboard.press("c")
    expect(lines).to_have_count(0)
    assert asked(page)["critical"] == "0"
    page.get_by_role("button", name="Critical path", pressed=False).click()
    expect(lines).to_have_count(4)
    drag(page, page.locator(".overview"), 0.0, 0.2)  # the first of the four, and not all of it
    expect(lines).to_have_count(1)
    page.get_by_role("button", name="Flame graph").click()
    expect(page.locator(".box.on-path:not(.outside)")).to_have_count(5)
    found(page, page.url)
    page.get_by_role("button", name="Keys").click()
    found(page, page.url)


def test_a_trace_of_10000_spans_is_walked_through(site: Site, page: Page) -> None:
    site.collector.store.add([large(10_000)])
    page.goto(f"{site.url}/traces/{UPPER}{999_999:016x}")
    grid = page.get_by_role("treegrid")
    expect(grid).to_have_attribute("aria-rowcount", "10001")
    rows = grid.locator("[data-id]")
    rows.first.focus()
    page.keyboard.press("End")
    last = page.locator("[data-id]:focus")
    expect(last).to_have_attribute("aria-rowindex", "10001")
    expect(last).to_be_in_viewport(ratio=0.9)
    assert uncovered(last)
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-id]:focus")).to_have_attribute("aria-rowindex", "10000")
    page.reload()  # a link to a span leads to it
    expect(page.locator("[aria-selected=true]")).to_be_in_viewport()
    page.locator("[aria-selected=true]").focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    expect(rows.nth(30)).to_have_attribute("aria-rowindex", re.compile(r"^[456]\d\d\d$"))
    assert rows.count() < 200
    expect(page.locator("[data-id]:focus")).to_have_count(1)  # far away, and still there
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-id]:focus")).to_be_in_viewport()


def test_a_trace_too_large_to_draw_is_refused_with_a_sentence(
    site: Site, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = trace_json.MOST_SPANS
    wide = [span(n, min(n - 1, 1), "work", begin=time.time() * 1000) for n in range(1, most + 2)]
    for one in wide:
        one["trace_id"] = 77
    site.collector.store.add([wide])
    page.goto(f"{site.url}/traces/{77:032x}")
    expect(page.get_by_role("heading", name="Too large to draw")).to_be_visible()
    expect(page.locator(".too-large")).to_contain_text(
        f"This trace has {most + 1:,} spans, and this page draws up to {most:,}."
    )
    links = page.locator(".download a")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"/api/traces/{77:032x}/download?as={form}" for form in ("agent", "otlp", "jaeger")
    ]
    assert 10_000 < most < 100_000

    # Few spans can be too large as well.
    monkeypatch.setattr("workshop.console.trace_routes.LARGEST_DOCUMENT", 2_000)
    site.agent.take(pairing(1))
    page.goto(f"{site.url}/traces/{key(1)}")
    expect(page.locator(".too-large")).to_contain_text("MB. Download it")


@pytest.mark.parametrize("shape", ["escapes", "long", "1970", "292-years", "no-duration"])
@pytest.mark.sample(4)
def test_odd_traces_can_be_zoomed_and_searched(site: Site, page: Page, shape: str) -> None:
    stand_in(page)
    spans = shapes()[shape]
    site.agent.take(spans)
    page.goto(site.url)
    expect(page.get_by_text("1 trace")).to_be_visible()
    page.goto(f"{site.url}/traces/{spans[0]['trace_id']:032x}")
    expect(page.locator("[data-id]")).to_have_count(len(spans))
    page.locator("[data-id]").last.focus()
    for press in (*["+"] * 40, *["d"] * 3, *["a"] * 5, "-", "c", "n", "i", "i"):
        page.keyboard.press(press)
    text = page.locator("main").inner_text()
    assert not re.search("NaN|Infinity|undefined", text)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.keyboard.press("0")
    page.wait_for_function("() => !location.search.includes('from=')")
