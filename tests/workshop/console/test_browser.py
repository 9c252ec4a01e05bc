"""The console in a real browser, fed with spans that are made up."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Page, expect
from workshop.check import progress
from workshop.stack import supervisor_file
from workshop.stack.measurements import MeasuredLog, Result
from workshop.stack.supervisor_file import ServiceState

from tests.conftest import Render
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Agent, Site, serving
from tests.workshop.console.spans import UPPER, key, large, pairing, span

expect.set_options(timeout=MILLISECONDS)


def rows(page: Page) -> list[str]:
    """The keys of the traces that the list shows."""
    return [
        str(row.get_attribute("data-id")) for row in page.locator("table.traces tbody tr").all()
    ]


def test_from_a_request_to_its_picture(site: Site, page: Page) -> None:
    page.goto(site.url)
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()
    assert "Zoë <b>O'Hara</b>" in page.locator(".brand").inner_text()

    site.agent.take(pairing(1))
    page.get_by_role("link", name="GET /pair/beer").click()
    expect(page).to_have_url(f"{site.url}/traces/{key(1)}")
    expect(page.get_by_text("taster was asked 4 times, one after another: 93%")).to_be_visible()
    grid = page.get_by_role("treegrid")
    expect(grid.locator("[data-id]")).to_have_count(11)
    expect(grid).to_contain_text("__main__.pair")
    expect(grid).not_to_contain_text("flask.dispatch_request")
    page.get_by_label("The framework's own spans").check()
    expect(grid.locator("[data-id]")).to_have_count(12)

    # The bars are where the spans were.
    first, second = (
        grid.get_by_role("row").filter(has_text="requests.request").nth(n).locator(".span")
        for n in (0, 1)
    )
    a, b = first.bounding_box(), second.bounding_box()
    assert a
    assert b
    assert a["x"] + a["width"] <= b["x"] + 1

    grid.get_by_role("row").filter(has_text="sqlite.query").click()
    details = page.get_by_label("Span", exact=True)
    expect(details).to_contain_text("SELECT beer.name")
    expect(details).to_contain_text("Self time")

    page.get_by_role("button", name="Flame graph").click()
    expect(page.get_by_role("option")).to_have_count(12)
    page.go_back()
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()


@pytest.mark.parametrize(
    ("step", "said", "unsaid"),
    [
        (1, "So far, nothing in your code says how long a request takes", "once"),
        (2, "Once your code times pairings, each one shows up here", "So far"),
        (5, "In step 6, you add the tracing client", "So far"),
        (6, "once the tracing client is in your code", "by hand"),
        (7, "Each request to web shows up here a moment later.", "once"),
    ],
)
@pytest.mark.sample(2)
def test_what_will_show_up_is_true_of_the_step(
    render: Render,
    tmp_path: Path,
    agent: Agent,
    page: Page,
    step: int,
    said: str,
    unsaid: str,
) -> None:
    with serving(render(step=step), tmp_path, agent) as site:
        page.goto(f"{site.url}/traces")
        expect(page.locator(".empty")).to_contain_text(said)
        expect(page.locator(".empty")).not_to_contain_text(unsaid)


def test_an_error_is_found_by_a_filter_and_read(site: Site, page: Page) -> None:
    site.agent.take(
        *(pairing(number) for number in range(1, 30)), pairing(30, error="No glaze left")
    )
    page.goto(f"{site.url}/traces")
    expect(page.get_by_text("30 traces")).to_be_visible()
    page.get_by_label("Errors only").check()
    expect(page.locator(".count")).to_have_text("1 of 30 traces")
    assert rows(page) == [key(30)]
    page.reload()  # the filter is in the address
    expect(page.locator(".count")).to_have_text("1 of 30 traces")
    expect(page.locator("tbody")).to_contain_text("ValueError: No glaze left")

    page.get_by_role("link", name="GET /pair/beer").click()
    details = page.get_by_label("Span", exact=True)
    expect(details).to_contain_text("ValueError: No glaze left")
    expect(details).to_contain_text('File "app.py", line 1, in pair')
    page.get_by_role("link", name="All traces").click()
    expect(page.locator(".count")).to_have_text("1 of 30 traces")


@pytest.mark.parametrize("view", ["traces", "steps"])
@pytest.mark.parametrize("key", ["%E0%A4%A", "%", "%25", "%FF", "<b>"])
@pytest.mark.sample(3)
def test_an_address_that_leads_nowhere_says_so(site: Site, page: Page, view: str, key: str) -> None:
    page.goto(f"{site.url}/{view}/{key}")
    said = {"traces": "No such trace", "steps": "There is no step"}[view]
    expect(page.get_by_role("heading", name=said)).to_be_visible()
    page.get_by_role("link", name="Traces", exact=True).click()
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()


def test_a_url_that_is_not_well_encoded_is_shown_as_it_was_sent(site: Site, page: Page) -> None:
    sent = span(900, 0, "flask.request", resource="GET /beers/<name>", begin=time.time() * 1000)
    sent["meta"] = {"http.url": "http://127.0.0.1:5000/beers/%E0%A4%A"}
    site.agent.take([sent])
    page.goto(f"{site.url}/traces")
    expect(page.locator("tbody")).to_contain_text("/beers/%E0%A4%A")


def test_filters(site: Site, page: Page) -> None:
    plain = span(900, 0, "flask.request", resource="GET /beers", begin=time.time() * 1000, took=4)
    plain["trace_id"] = 900
    site.agent.take(pairing(1, beer="porter"), pairing(2, tastings=2), [plain])
    page.goto(f"{site.url}/traces")
    expect(page.get_by_text("3 traces")).to_be_visible()
    count = page.locator(".count")
    for label, value, expected in (
        ("Search", "beer:porter", "1 of 3 traces"),
        ("Search", "PORTER step-8", "1 of 3 traces"),
        ("Search", "nothing like that", "0 of 3 traces"),
        ("Min. duration (ms)", "150", "1 of 3 traces"),
    ):
        page.get_by_label(label, exact=True).fill(value)
        expect(count).to_have_text(expected)
        page.get_by_label(label, exact=True).fill("")
    page.get_by_label("Service", exact=True).select_option("taster")
    expect(count).to_have_text("2 of 3 traces")
    page.get_by_label("Service", exact=True).select_option("")
    page.get_by_label("Resource", exact=True).select_option("GET /beers")
    expect(count).to_have_text("1 of 3 traces")


def test_a_thousand_traces(site: Site, page: Page) -> None:
    for first in range(1, 1201, 200):
        site.agent.take(*(pairing(n, tastings=0) for n in range(first, first + 200)))
    page.goto(f"{site.url}/traces")
    expect(page.get_by_text("1,000 traces")).to_be_visible()
    assert len(rows(page)) == 200
    site.agent.take(large(500))
    expect(page.locator("tbody tr").first).to_contain_text("GET /large")
    page.get_by_role("button", name="Show all 1,000").click()
    expect(page.locator("tbody tr")).to_have_count(1000)
    assert site.collector.store.size()["traces"] == 1000
    page.get_by_role("link", name="GET /large").click()
    expect(page.get_by_role("treegrid").locator("[data-id]")).to_have_count(500)
    page.go_back()

    # What the console has forgotten, the browser forgets.
    page.get_by_role("button", name="Show all 1,000").click()
    before = nodes(page)
    site.agent.take(*(pairing(n, tastings=0) for n in range(1201, 1801)))
    expect(page.locator(f"a[href$='{key(1800)}']")).to_have_count(1)
    expect(page.locator("tbody tr")).to_have_count(1000)
    assert nodes(page) < 1.2 * before


def nodes(page: Page) -> int:
    """How many nodes the browser keeps for a page, also out of sight."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    return int(devtools.send("Memory.getDOMCounters")["nodes"])


def test_the_agent_goes_and_comes_back(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    page.goto(site.url)
    expect(page.locator("tbody tr")).to_have_count(1)
    site.agent.stop()
    expect(page.get_by_text("The agent isn't responding")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    site.agent.start()
    expect(page.get_by_text("The agent isn't responding")).to_be_hidden()
    site.agent.take(pairing(2))
    expect(page.locator("tbody tr")).to_have_count(2)


def test_two_tabs_show_the_same(site: Site, new_page: Callable[..., Page]) -> None:
    one, two = new_page(), new_page()
    one.goto(site.url)
    two.goto(f"{site.url}/traces/{key(1)}")
    expect(two.get_by_role("heading", name="No such trace")).to_be_visible()
    site.agent.take(pairing(1))
    expect(one.locator("tbody tr")).to_have_count(1)
    expect(two.get_by_role("treegrid")).to_be_visible()  # it shows up as soon as it is there
    one.close()
    site.agent.take(pairing(2))
    two.get_by_role("link", name="All traces").click()
    expect(two.locator("tbody tr")).to_have_count(2)


def test_there_may_be_more_tabs_than_a_browser_has_connections(
    site: Site, new_page: Callable[..., Page]
) -> None:
    """Which tabs are hidden is made up here: to a headless browser all are visible."""
    first = new_page()
    first.context.add_init_script(
        "Object.defineProperty(document, 'hidden', {get: () => window.isHidden ?? false})"
    )
    hide = """hidden => {
        window.isHidden = hidden;
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    for page in [first, *(first.context.new_page() for _ in range(7))]:
        page.goto(site.url)
        page.evaluate(hide, True)
    site.agent.take(pairing(1))
    page.evaluate(hide, False)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(first.locator("tbody tr")).to_have_count(0)
    first.evaluate(hide, False)
    expect(first.locator("tbody tr")).to_have_count(1)


def test_the_list_can_be_paused(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    page.goto(site.url)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    site.agent.take(pairing(2))
    expect.set_options(timeout=MILLISECONDS)
    page.wait_for_function("async () => (await fetch('/api/traces/" + key(2) + "')).ok")
    assert rows(page) == [key(1)]
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_timing_by_hand_is_a_poor_mans_trace(site: Site, page: Page) -> None:
    (site.root / "timing.log").write_text(
        "req: 11, operation beer.query took 0.001 seconds\n"
        "req: 11, operation match took 0.200 seconds\n"
        "req: 11, function pair took 0.202 seconds\n"
    )
    page.goto(site.url)
    page.get_by_label("Timed by hand earlier (1)").check()
    page.get_by_role("link", name="function pair").click()
    expect(page.get_by_text("A poor man's trace")).to_be_visible()
    expect(page.get_by_role("treegrid").locator("[data-id]")).to_have_count(3)
    lines = page.get_by_label("Log lines")
    expect(lines).to_contain_text("req: 11, operation match took 0.200 seconds")
    assert "Started after" not in page.get_by_label("Span", exact=True).inner_text()


def test_by_keyboard(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    page.goto(site.url)
    page.locator("tbody tr a").focus()
    page.keyboard.press("Enter")
    grid = page.get_by_role("treegrid")
    grid.locator('[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Span", exact=True)).to_contain_text("__main__.pair")
    page.keyboard.press("ArrowLeft")  # folds it
    expect(grid.locator("[data-id]:not([hidden])")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    expect(grid.locator("[data-id]:not([hidden])")).to_have_count(11)
    page.keyboard.press("End")
    expect(page.get_by_label("Span", exact=True)).to_contain_text("taster")
    page.get_by_role("button", name="Flame graph").press("Enter")
    page.locator('.flame [tabindex="0"]').focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".flame [aria-selected=true]")).to_contain_text("requests")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    expect(page.locator(".flame [aria-selected=true]")).to_contain_text("GET /pair/beer matchmaker")


VIEWS = (
    "/traces",
    f"/traces/{key(1)}",
    f"/traces/{key(1)}?view=flame",
    "/latency",
    "/map",
    f"/compare?a={key(2)}&b={key(1)}",
    "/steps/8",
    "/steps/6",
    "/try",
)
READY = "main :is(tbody tr, .prose, [role=treegrid], .flame, .ask)"


LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (390, "light"),
    (1440, "dark"),  # at each width, the rest is alike in both
)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_axe_finds_nothing(site: Site, new_page: Callable[..., Page], every: bool) -> None:
    """In `every` look; or in turns, since most of what axe looks at is the same in both."""
    site.agent.take(pairing(1, error="No glaze left"), pairing(2))
    page = new_page(bypass_csp=True)  # axe is put into the page
    for turn, view in enumerate(VIEWS):
        page.goto(site.url + view)
        expect(page.locator(READY).first).to_be_visible()
        for width, scheme in LOOKS if every else (LOOKS[turn % len(LOOKS)],):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found(page, f"{view} at {width} pixels, {scheme}")


def test_no_page_is_cut_off_on_a_phone(site: Site, new_page: Callable[..., Page]) -> None:
    site.agent.take(pairing(1, error="No glaze left"), pairing(2))
    page = new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for view in VIEWS:
        page.goto(site.url + view)
        expect(page.locator(READY).first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{view} is {wide} wide"
    assert all(url.startswith((site.url, "data:")) for url in asked), asked  # nothing from others


def test_the_policy_lets_the_pages_own_parts_in_only(
    site: Site, new_page: Callable[..., Page]
) -> None:
    page = new_page(watched=False)
    page.goto(f"{site.url}/latency")
    page.locator("main h1").first.wait_for()
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
            const tell = (event) => resolve(event.violatedDirective);
            document.addEventListener("securitypolicyviolation", tell);
            const script = document.createElement("script");
            script.textContent = "document.title = 'broken'";
            document.body.append(script);
        })"""
    )
    assert blocked.startswith("script-src")


def test_another_origin_cannot_read_or_drive_it(site: Site, new_page: Callable[..., Page]) -> None:
    given = site.root / ".workshop" / "hints.json"
    given.unlink(missing_ok=True)
    page = new_page(watched=False)
    port = site.agent.port  # some other page of this machine: the agent's own
    page.goto(f"http://127.0.0.1:{port}/info")
    answers = page.evaluate(
        """async (url) => Promise.all([
            fetch(url + "/api/steps").then(() => "read", () => "refused"),
            fetch(url + "/api/hint", {method: "POST", body: "{}"})
                .then(() => "read", () => "refused"),
            new Promise((resolve) => {
                const source = new EventSource(url + "/api/events");
                source.onmessage = source.onopen = () => resolve("read");
                source.onerror = () => { source.close(); resolve("refused"); };
            }),
        ])""",
        site.url,
    )
    assert answers == ["refused"] * 3
    # A page cannot read the answer to a form or to plain text either, but can send them: neither
    # may have done anything. A hint is what needs no JSON.
    with page.expect_navigation():
        page.evaluate(
            """url => {
                const form = document.createElement("form");
                Object.assign(form, {method: "POST", action: url + "/api/hint"});
                document.body.append(form);
                form.submit();
            }""",
            site.url,
        )
    assert not given.exists()
    own = site.url.rpartition(":")[2]
    for host in (f"evil.example:{own}", f"localhost:{port}"):
        assert requests.get(site.url, headers={"Host": host}, timeout=10).status_code == 403


def test_latency_is_drawn(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/latency")
    expect(page.get_by_role("heading", name="Nothing to measure yet")).to_be_visible()
    site.agent.take(*(pairing(number) for number in range(1, 21)), pairing(21, error="no"))
    picture = page.get_by_role("img", name=re.compile("beer in the last 5 minutes"))
    expect(picture).to_have_attribute("aria-label", re.compile("21 requests.*p50 210 ms.*1 error"))
    expect(picture.locator("canvas")).to_be_visible()
    drawn = picture.locator("canvas").evaluate(
        "one => one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(v => v)"
    )
    assert drawn
    expect(page.get_by_role("row", name="GET /pair/beer")).to_contain_text("210 ms")


def answer_for_web(page: Page, status: int) -> None:
    """Have all that the page sends answered as web would."""
    answer = {"status": status, "reason": "", "body": "{}", "milliseconds": 1, "trace": key(1)}
    page.route("**/api/try", lambda route: route.fulfill(json=answer))


def test_an_answer_of_4xx_is_no_error(site: Site, page: Page) -> None:
    spans = pairing(1, error="No such beer")
    spans[0] |= {"error": 0, "meta": {"_dd.p.tid": UPPER, "http.status_code": "404"}}
    site.agent.take(spans)
    answer_for_web(page, 404)
    page.goto(f"{site.url}/try")
    page.get_by_role("button", name="Find a donut").click()
    expect(page.locator(".results .badge")).to_have_class(re.compile(r"^badge\s*$"))
    page.get_by_role("link", name="See its trace").click()
    expect(page.locator(".head")).to_contain_text("status 404")
    expect(page.locator(".head .badge")).to_have_count(0)
    page.get_by_role("link", name="All traces").click()
    expect(page.locator("tbody .badge")).to_have_class(re.compile(r"^badge\s*$"))


@pytest.fixture
def datadogs_agent() -> Iterator[Any]:
    """An agent that knows nothing of a test agent's addresses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    yield SimpleNamespace(port=server.server_port, empty=lambda: None)
    server.shutdown()
    server.server_close()


def test_where_datadogs_own_agent_is_the_page_leads_to_datadog(
    render: Render, tmp_path: Path, datadogs_agent: Any, page: Page
) -> None:
    with serving(render(step=8, backend="datadog"), tmp_path, datadogs_agent) as site:
        answer_for_web(page, 200)
        page.goto(f"{site.url}/try")
        page.get_by_role("button", name="Find a donut").click()
        link = page.get_by_role("link", name="its trace in Datadog")
        expect(link).to_have_attribute("href", re.compile(f"^https://app.*/apm/trace/{key(1)}$"))
        page.goto(f"{site.url}/traces")
        expect(page.get_by_role("heading", name="No traces here")).to_be_visible()


def test_it_says_why_web_does_not_run_and_goes_on_once_it_does(site: Site, page: Page) -> None:
    run_dir = site.run_dir

    def web(state: str, detail: str = "") -> None:
        running = supervisor_file.own(detached=True)
        running.services["web"] = ServiceState(5000, state, detail=detail)
        supervisor_file.write(run_dir, running)

    web("failed", "SyntaxError: invalid syntax, in app.py line 12")
    page.goto(f"{site.url}/try")
    expect(page.locator("#trouble")).to_contain_text(
        "SyntaxError: invalid syntax, in app.py line 12"
    )
    said = page.locator(".send .message")
    expect(said.locator("code")).to_have_text("workshop status")
    names = {"beers": ["ipa", "porter"], "donuts": ["jelly"]}
    page.route("**/api/names", lambda route: route.fulfill(json=names))
    web("ready")
    expect(page.locator("#beer option")).to_have_count(2)
    expect(said).to_be_hidden()
    expect(page.locator("#trouble")).to_be_hidden()


def test_what_has_the_focus_keeps_it_while_news_come_in(site: Site, page: Page) -> None:
    whole = pairing(1, tastings=2)
    site.agent.take(whole[:4])
    answer_for_web(page, 200)
    page.goto(f"{site.url}/try")
    page.get_by_role("button", name="Find a donut").click()
    link = page.get_by_role("link", name="See its trace: 4 spans")
    link.focus()
    site.agent.take(whole[4:])
    link = page.get_by_role("link", name="See its trace: 8 spans")
    expect(link).to_be_focused()

    page.goto(f"{site.url}/latency")
    route = page.get_by_role("button", name="GET /pair/beer")
    route.focus()
    beers = span(900, 0, "flask.request", resource="GET /beers", begin=time.time() * 1000)
    site.agent.take(*([{**beers, "trace_id": n}] for n in range(900, 905)))
    expect(page.get_by_role("row", name="GET /beers")).to_be_visible()  # above, as it has more
    expect(route).to_be_focused()
    page.get_by_role("button", name="15 minutes").click()
    expect(page.get_by_role("button", name="15 minutes", pressed=True)).to_be_focused()


def test_errors_alone_have_a_scale_and_a_reading(site: Site, page: Page) -> None:
    site.agent.take(pairing(1, error="no"))
    page.goto(f"{site.url}/latency")
    expect(page.locator(".chart .u-axis")).to_have_count(3)
    page.locator(".chart .u-over").hover()
    expect(page.locator(".reading")).to_contain_text("1 error")


@pytest.mark.parametrize("width", [960, 700, 360])
def test_a_click_on_a_span_shows_what_it_says(
    site: Site, new_page: Callable[..., Page], width: int
) -> None:
    site.agent.take(large(100))
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site.url}/traces")
    page.get_by_role("link", name="GET /large").click()
    page.get_by_role("treegrid").locator("[data-id]").nth(3).click()
    details = page.get_by_label("Span", exact=True)
    expect(details.get_by_role("heading", name="work")).to_be_in_viewport(ratio=1)
    page.keyboard.press("End")
    row = page.get_by_role("treegrid").locator("[aria-selected=true]")
    expect(row).to_be_focused()
    assert row.evaluate(  # the sheet does not lie over it
        """one => {
            const box = one.getBoundingClientRect();
            const above = document.elementFromPoint(box.left + 20, box.top + box.height / 2);
            return one.contains(above);
        }"""
    )


@pytest.mark.parametrize("step", [1, 9])
def test_what_was_filled_in_survives_a_look_at_the_traces(
    render: Render, tmp_path: Path, agent: Agent, page: Page, step: int
) -> None:
    with serving(render(step=step), tmp_path, agent) as site:
        page.goto(f"{site.url}/steps")
        guess = page.get_by_label("Your guess")
        answer = page.get_by_label("A trace is one operation")  # in another place each time
        if step == 1:
            guess.fill("123")
        else:
            answer.check()
        page.get_by_role("link", name="Traces", exact=True).click()
        page.get_by_role("link", name="Steps", exact=True).click()
        if step == 1:
            expect(guess).to_have_value("123")
        else:
            expect(answer).to_be_checked()


def test_the_page_of_a_step(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/steps")
    expect(page.get_by_role("heading", name="Add tags and see an error")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("you are here"))).to_have_attribute(
        "aria-current", "page"
    )
    page.locator(".frame.console").first.get_by_role("button").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl ")
    assert "$" not in copied
    page.get_by_role("button", name="Give me a hint").click()
    expect(page.locator(".hint")).to_have_count(1)
    page.get_by_role("button", name="Give me a hint").click()
    expect(page.locator(".hint")).to_have_count(2)
    given = json.loads((site.root / ".workshop" / "hints.json").read_text())
    assert given == {"span-metadata": 2}  # the terminal goes on from there
    page.reload()
    expect(page.locator(".hint")).to_have_count(2)
    # What a check in a terminal finds shows here, and the way on with it.
    onward = page.get_by_role("button", name="Continue with step 9")
    expect(onward).to_have_count(0)
    progress.record(site.root / ".workshop", "span-metadata", True)
    expect(onward).to_be_visible()
    expect(page.locator(".steps .done")).to_have_count(1)
    progress.record(site.root / ".workshop", "span-metadata", False)
    expect(onward).to_have_count(0)
    page.get_by_role("link", name="Read a span").first.click()
    expect(page.get_by_role("heading", name="Read a span")).to_be_visible()
    assert page.get_by_role("button", name="Run the check").count() == 0
    page.goto(f"{site.url}/steps/42")
    expect(page.get_by_role("heading", name="There is no step 42")).to_be_visible()


def test_in_a_container_everything_works_and_says_what_to_type(
    rendered: Path, tmp_path: Path, agent: Agent, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    monkeypatch.setenv("MATCHMAKER_WEB_PORT", "5077")
    with serving(rendered, tmp_path, agent) as site:
        page.goto(f"{site.url}/steps")
        for name in ("Run the check", "Compare with the solution", "Give me a hint"):
            expect(page.get_by_role("button", name=name)).to_be_visible()
        prose = page.get_by_role("article")
        expect(prose).to_contain_text("docker compose exec console workshop check")
        expect(prose).to_contain_text("localhost:5077/pair/beer")
        expect(prose).not_to_contain_text("localhost:5000")
        expect(prose).not_to_contain_text("uv run workshop")
        expect(prose).not_to_contain_text("in Docker")
        page.goto(f"{site.url}/try")
        expect(page.locator(".load")).to_contain_text(
            "docker compose exec console workshop traffic"
        )
        expect(page.locator(".send .message")).to_contain_text(
            "Run docker compose exec console workshop status"
        )
        MeasuredLog(site.run_dir).write(Result("/pair/beer", 210, begin=time.time()))
        page.goto(f"{site.url}/map")
        expect(page.locator(".map")).to_contain_text(
            "by the sender (docker compose exec console workshop traffic or Try it)"
        )
        page.goto("about:blank")  # it may still be loading what draws the map
