"""What `dev.benchmarks.console` measures of the comparison of two traces."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.workshop.console.site import Site
from tests.workshop.console.spans import RawSpan, key, pairing, span

COMPARED = (2001, 2002)
"""The numbers of the pairings to compare. They share only some of their operations."""
SPANS = 61
"""As many as a real pairing has."""
WHAT = f"two traces of {SPANS} spans, compared"
GOALS = {WHAT: 150}
CHOOSE = """id => {
    window.begun = performance.now();
    const choice = document.querySelector("#trace-A");
    choice.value = id;
    choice.dispatchEvent(new Event("change"));
}"""


def fill(site: Site) -> None:
    """Add the two traces to a console that has others."""
    site.agent.take(*(spans_of(number) for number in COMPARED))
    store = site.collector.store
    while not all(store.get(key(number)) for number in COMPARED):
        store.news(store.news(0, 0).number, 1)


def measure(
    page: Page, site: Site, took: Callable[[Callable[[], object]], tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Choose the second of two traces; return what `took` measures meanwhile."""
    first, second = (key(number) for number in COMPARED)
    page.goto(f"{site.url}/compare?b={second}&framework=1")
    page.locator(f"#trace-A option[value='{first}']").wait_for(state="attached")

    def choose() -> None:
        page.evaluate(CHOOSE, first)
        page.locator(".operations tbody tr").last.wait_for()

    found = took(choose)
    assert page.locator(".compared li").count() == 2 * SPANS
    return {WHAT: found}


def spans_of(number: int) -> list[RawSpan]:
    """A pairing in which most spans are operations of their own."""
    spans = pairing(number)
    begin = spans[0]["start"] / 1e6
    for extra in range(SPANS - len(spans)):
        spans.append(
            span(number * 1000 + 100 + extra, number * 1000 + 2, f"{number}.{extra}", begin=begin)
        )
        spans[-1]["trace_id"] = number
    return spans
