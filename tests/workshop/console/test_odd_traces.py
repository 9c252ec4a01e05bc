"""Odd traces in a real browser, and odd bodies that a page never sends."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.odd_traces import UNREADABLE, root, shapes, span
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site

expect.set_options(timeout=MILLISECONDS)

SHAPES = shapes()


def key(shape: str) -> str:
    """How the console calls a shape."""
    return f"{SHAPES[shape][0]['trace_id']:032x}"


def opened(site: Site, page: Page, shape: str) -> None:
    """Open the page of a shape, directly."""
    page.goto(f"{site.url}/traces/{key(shape)}")
    expect(page.get_by_role("treegrid")).to_be_visible()


DRAWN = ("child-begins-first", "circle-beside-a-root", "twins", "1970", "negative", "292-years")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.sample(2)
def test_every_span_is_drawn_and_no_bar_leaves_the_picture(
    site: Site, new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    site.agent.take(*(SHAPES[shape] for shape in DRAWN))
    page.goto(site.url)
    expect(page.get_by_text(f"{len(DRAWN)} traces")).to_be_visible()
    for shape in DRAWN:
        opened(site, page, shape)
        rows = page.get_by_role("treegrid").locator("[data-id]")
        expect(rows).to_have_count(len(SHAPES[shape]))
        for before, after in page.locator(".track").evaluate_all(  # in one look: news redraw it
            """tracks => tracks.map((track) => {
                const outer = track.getBoundingClientRect();
                const inner = track.querySelector(".span").getBoundingClientRect();
                return [inner.left - outer.left, inner.right - outer.right];
            })"""
        ):
            assert before >= -1, shape
            assert after <= 4, shape  # a bar is three pixels wide at least, also at the end
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Flame graph").click()
        expect(page.get_by_role("option")).to_have_count(len(SHAPES[shape]))
        page.get_by_role("button", name="Waterfall").click()


@pytest.mark.parametrize("shape", ["deep", "wide", "large"])
@pytest.mark.sample(2)
def test_a_large_trace_is_drawn_and_walked_through(site: Site, page: Page, shape: str) -> None:
    site.agent.take(SHAPES[shape])
    page.goto(site.url)
    expect(page.get_by_text("1 trace")).to_be_visible()
    opened(site, page, shape)
    total = len(SHAPES[shape])
    grid = page.get_by_role("treegrid")
    rows = grid.locator("[data-id]")
    expect(grid).to_have_attribute("aria-rowcount", str(total + 1))
    expect(page.locator(".facts").first).to_contain_text(f"{total:,} spans")
    assert rows.count() < 200  # only those in the window, and some around them
    rows.first.focus()
    for press, row in (("End", total), ("ArrowUp", total - 1), ("Home", 1), ("ArrowDown", 2)):
        page.keyboard.press(press)
        expect(page.locator("[data-id]:focus")).to_have_attribute("aria-rowindex", str(row + 1))
        expect(page.locator("[data-id]:focus")).to_be_in_viewport()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")  # folds all below it
    expect(rows).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(grid).to_have_attribute("aria-rowcount", str(total + 1))
    page.get_by_role("button", name="Flame graph").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.get_by_role("option").count() <= 702
    page.get_by_role("option").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option]:focus")).to_have_attribute("aria-selected", "true")


def test_notes_never_push_the_picture_off_the_page(
    site: Site, new_page: Callable[..., Page]
) -> None:
    heavy = [
        root(took=600.0),
        *(span(n, 1, f"batch-{n // 3}", begin=n * 2, took=2) for n in range(3, 273)),
    ]
    for one in heavy:
        one["trace_id"] = 77
    site.agent.take(SHAPES["many-notes"], heavy)
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(site.url)
    expect(page.get_by_text("2 traces")).to_be_visible()
    for address in (key("many-notes"), f"{77:032x}"):
        page.goto(f"{site.url}/traces/{address}")
        expect(page.get_by_role("columnheader", name="Span")).to_be_in_viewport()
    page.get_by_text("more notes").click()
    assert page.locator(".more-notes .note").count() > 40
    box = page.locator(".more-notes .notes").bounding_box()
    assert box
    assert box["height"] < 300


def test_ten_services_have_ten_colors(site: Site, page: Page) -> None:
    site.agent.take(SHAPES["ten-services"])
    page.goto(site.url)
    expect(page.get_by_text("1 trace")).to_be_visible()
    opened(site, page, "ten-services")
    color = "list => list.map((one) => getComputedStyle(one).backgroundColor)"
    assert len(set(page.locator(".legend i").evaluate_all(color))) == 11
    classes: list[list[str]] = page.evaluate(
        """async () => {
            const { palette } = await import("/static/palette.js");
            const names = (count) => Array.from({length: count}, (_, n) => `service ${n}`);
            const chosen = (list) => { const color = palette(list); return list.map(color); };
            return [
                chosen(names(12)), chosen(names(12).reverse()), chosen(names(24)),
                chosen(["taster", ...names(8), "matchmaker"]), chosen(names(200)),
            ];
        }"""
    )
    twelve, again, more, ours, many = classes
    assert len(set(twelve)) == 12
    assert twelve == again[::-1]  # whatever the order
    assert len(set(more)) == 24  # the second twelve are striped
    assert sum("again" in one for one in more) == 12
    assert len(set(ours)) == 10
    assert (ours[0], ours[-1]) == ("service-1", "service-0")
    assert len(many) == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_color_can_be_read_and_told_from_the_others(
    site: Site, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    page.goto(site.url)
    named: list[str] = page.evaluate(
        """() => {
            const style = getComputedStyle(document.documentElement);
            const services = Array.from({length: 12}, (_, n) => `--s${n}`);
            const names = ["--card", "--on-service", ...services];
            return names.map((name) => style.getPropertyValue(name).trim());
        }"""
    )
    card, text, *colors = [linear(one) for one in named]
    for color in colors:
        assert contrast(color, card) >= 4.5
        assert contrast(color, text) >= 4.5
    for one, other in itertools.combinations(colors, 2):
        # 0.02 is what is just noticed side by side.
        assert distance(one, other) > 0.06, (one, other)


def linear(code: str) -> tuple[float, float, float]:
    """The light of a color such as #fff."""
    code = code.removeprefix("#")
    code = "".join(2 * sign for sign in code) if len(code) == 3 else code
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    one, two, three = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (red, green, blue)
    )
    return one, two, three


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """As WCAG 2 has it: 4.5 is what small text needs."""
    bright, dark = sorted(
        (sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), color, strict=True)))
        for color in (other, one)
    )[::-1]
    return (bright + 0.05) / (dark + 0.05)


def distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How different two colors look: their distance in OKLab (Björn Ottosson, 2020)."""

    def lab(color: tuple[float, ...]) -> tuple[float, float, float]:
        r, g, b = color
        long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
        middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
        short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
        return (
            0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
        )

    return math.dist(lab(one), lab(other))


def test_a_page_that_is_opened_directly_knows_where_the_logs_are(site: Site, page: Page) -> None:
    site.agent.take([root()])
    page.goto(site.url)
    expect(page.get_by_text("1 trace")).to_be_visible()
    page.goto(f"{site.url}/traces/{1:032x}")
    expect(
        page.get_by_text(
            "web and taster logged nothing with this trace's ID or during that time, "
            "or the lines are gone."
        )
    ).to_be_visible()
    expect(page.get_by_text("The containers have them")).to_have_count(0)


def test_names_are_text_and_nothing_else(site: Site, page: Page) -> None:
    site.agent.take(SHAPES["escapes"], SHAPES["long"])
    page.goto(site.url)
    expect(page.get_by_role("link", name="GET /<b>bold</b>\\u202egpj.exe\\u0000")).to_be_visible()
    opened(site, page, "escapes")
    expect(page.get_by_label("Span", exact=True)).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img, main b b").count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    for shape in ("escapes", "long"):
        opened(site, page, shape)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        expect(page.get_by_role("treegrid")).to_be_in_viewport()


def test_what_is_of_no_trace_is_said_above_the_list(site: Site, page: Page) -> None:
    for raw in UNREADABLE:
        if raw != []:
            requests.put(
                f"http://127.0.0.1:{site.agent.port}/v0.4/traces",
                data=packed([[raw]]),
                headers={"X-Datadog-Trace-Count": "1", "Content-Type": "application/msgpack"},
                timeout=30,
            )
    site.agent.take(SHAPES["two-roots"])
    page.goto(site.url)
    expect(page.locator(".unread")).to_have_text(
        "2 spans are left out: 2 without a usable trace id."
    )
    expect(page.get_by_text("isn't a test agent")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(2)
    page.goto(f"{site.url}/traces/{1:032x}")
    expect(page.get_by_text("2 without a usable span id")).to_be_visible()


def packed(payload: Any) -> bytes:
    """As msgpack has it."""
    import msgpack  # type: ignore[import-untyped]

    found: bytes = msgpack.packb(payload)
    return found


BODIES = [
    (b"[" * 9_000, "nested too deeply"),
    (b'{"path":' * 10, "This isn't JSON"),
    (b'{"a":' * 1_600 + b"1" + b"}" * 1_600, "nested too deeply"),
    (b"[]", "Send a JSON object"),
    (b"null", "Send a JSON object"),
    (b"nonsense", "This isn't JSON"),
    (b"\xff\xfe", "This isn't JSON"),
    (b'{"rate": 1' + b"0" * 5_000 + b"}", "This isn't JSON"),
    (b'{"path": "' + b"x" * 20_000 + b'"}', "too large"),
]
ROUTES = ["try", "load", "error-rate", "steps/8/check", "hint", "diff", "next"]


def test_an_odd_body_is_refused_with_a_sentence(site: Site) -> None:
    for route, (body, said) in itertools.product(ROUTES, BODIES):
        answer = post(site, route, body)
        assert answer.status_code == (413 if said == "too large" else 400), (route, body[:20])
        assert said in answer.json()["error"], (route, body[:20])
    plain = post(site, "try", b'{"path": "/beers"}', kind="text/plain")
    assert plain.status_code == 415
    assert "application/json" in plain.json()["error"]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("try", b'{"path": 5}'),
        ("try", b'{"path": "/\\ud800"}'),
        ("try", b'{"path": "/\\u0000"}'),
        ("try", b'{"path": null}'),
        ("try", b"{}"),
        ("load", b'{"rate": NaN}'),
        ("load", b'{"rate": Infinity}'),
        ("load", b'{"rate": true}'),
        ("load", b'{"rate": 1' + b"0" * 400 + b"}"),
        ("error-rate", b'{"rate": -1' + b"0" * 400 + b"}"),
        ("error-rate", b'{"rate": [1]}'),
    ],
)
def test_an_odd_wish_is_refused_with_a_sentence(site: Site, route: str, body: bytes) -> None:
    answer = post(site, route, body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def post(site: Site, route: str, body: bytes, kind: str = "application/json") -> requests.Response:
    """Send what one of the console's pages might."""
    return requests.post(
        f"{site.url}/api/{route}",
        data=body,
        headers={"Origin": site.url, "Content-Type": kind},
        timeout=30,
    )


def test_an_odd_question_is_answered(site: Site) -> None:
    for seconds in ("nan", "inf", "-inf", "1e400", "x", "-5", ""):
        answer = requests.get(f"{site.url}/api/latency", {"seconds": seconds}, timeout=30)
        assert answer.status_code == 200, seconds
        assert answer.json()["routes"] == []
    for name in ("x", "%00", "-1", "1" * 5_000, "🍩"):
        assert requests.get(f"{site.url}/api/traces/{name}", timeout=30).status_code in (404, 414)
