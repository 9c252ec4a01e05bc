"""Measures how much work the console makes for a browser, with all its traces: `make bench`.

Scripting is the CPU time of the page's scripts, as Chromium counts it. Other programs on the
machine still slow it down, through the caches. "To the eye" is the elapsed time until the browser
has laid out and painted the page. A freeze is the longest time in which the page can't react to a
person (https://w3c.github.io/longtasks/). It is elapsed time, so measure it on a quiet machine.
"""

import logging
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from dev import chromium
from dev.benchmarks import comparing, search
from dev.checkout import render
from tests.workshop.console.site import Agent, Site, serving
from tests.workshop.console.spans import UPPER, large, pairing

ROUNDS = 7
TRACES = 1000
SPANS = 500
MANY_SPANS = 10_000
CLICK = """selector => {
    window.begun = performance.now();
    document.querySelector(selector).click();
}"""
WATCH = """window.freezes = [];
new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.freezes.push(task.duration);
}).observe({ type: "longtask" });"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def main() -> None:
    """Measure, and print medians. Exits with 1 if one of them misses its goal."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder, "workshop")
        render(root, step=8)
        agent = Agent(Path(folder))
        with serving(root, Path(folder), agent) as site, sync_playwright() as playwright:
            fill(site)
            comparing.fill(site)
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=chromium.FLAGS
            )
            rounds = [measure(browser.new_page(), site) for _ in range(ROUNDS)]
            freezes = [longest_freezes(browser.new_page(), site) for _ in range(ROUNDS)]
            browser.close()
        agent.stop()
    searched = search.measure()
    for one in rounds:
        one[SEARCH] = searched
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("what", "scripting", "to the eye", "goal for scripting"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    slow = []
    for what, goal in GOALS.items():
        script, clock = (statistics.median(one[what][n] for one in rounds) for n in (0, 1))
        table.add_row(what, f"{script:.0f} ms", f"{clock:.0f} ms", f"< {goal} ms")
        if script >= goal:
            slow.append(what)
    for what in freezes[0]:
        longest = statistics.median(one[what] for one in freezes)
        table.add_row(what, "", f"{longest:.0f} ms", f"freeze < {LONGEST_FREEZE} ms")
        if longest >= LONGEST_FREEZE:
            slow.append(what)
    console = Console()
    console.print(table)
    console.print(
        f"Medians of {ROUNDS} rounds, on {os.cpu_count()} cores with a load of "
        f"{os.getloadavg()[0]:.1f}."
    )
    if slow:
        sys.exit(f"Slower than its goal: {', '.join(slow)}.")


FIRST = "first paint, with 200 traces"
ALL = f"a list of all {TRACES} traces"
SORTED = f"{TRACES} traces, sorted by duration and plotted"
ONE = f"a trace of {SPANS} spans"
SEARCH = f"a search of {search.TRACES} traces, on the server"
GOALS = {FIRST: 200, ALL: 100, SORTED: 100, ONE: 100, SEARCH: 100, **comparing.GOALS}
LONGEST_FREEZE = 200
MANY = 888_888
"""The ID of the trace of MANY_SPANS spans."""


def fill(site: Site) -> None:
    """Fill the console with as many traces as it keeps, two of them large."""
    for first in range(1, TRACES, 111):
        site.agent.take(*(pairing(number) for number in range(first, first + 111)))
    site.agent.take(large(SPANS))
    many = large(MANY_SPANS)
    for one in many:
        one["trace_id"] = MANY
    site.agent.take(many)
    while site.collector.store.size()["traces"] < TRACES:
        site.collector.store.news(site.collector.store.news(0, 0).number, 1)


def measure(page: Page, site: Site) -> dict[str, tuple[float, float]]:
    """Open each view once, in a new page; return CPU and elapsed milliseconds for each."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def took(act: Callable[[], object]) -> tuple[float, float]:
        before = scripting(devtools)
        act()
        page.evaluate(PAINTED)
        clock = page.evaluate("performance.now() - window.begun")
        return scripting(devtools) - before, float(clock)

    found = {}
    page.goto(f"{site.url}/traces")
    page.locator("tbody tr").first.wait_for()
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    found[FIRST] = scripting(devtools), float(page.evaluate(paint))
    found[ALL] = took(lambda: page.evaluate(CLICK, "button.more"))
    assert page.locator("tbody tr").count() == TRACES
    found[SORTED] = took(lambda: page.evaluate(CLICK, "th.duration button"))
    assert "large" in page.locator("tbody tr").first.inner_text()

    def open_large() -> None:
        page.evaluate(CLICK, "a[href$='00000000000f423f']")
        page.locator(".waterfall [data-id]").last.wait_for()

    found[ONE] = took(open_large)
    assert page.locator(".waterfall [data-id]").count() == SPANS
    found |= comparing.measure(page, site, took)
    page.context.close()
    return found


def longest_freezes(page: Page, site: Site) -> dict[str, float]:
    """The longest freezes while a person opens and walks through a trace of MANY_SPANS spans."""
    page.add_init_script(WATCH)
    found = {}

    def watch(what: str, act: Callable[[], object]) -> None:
        act()
        page.evaluate(PAINTED)
        page.wait_for_timeout(200)  # the browser reports a long task after it ended
        freezes: list[float] = page.evaluate("window.freezes.splice(0)")
        found[f"{MANY_SPANS:,} spans: {what}"] = max(freezes, default=0)

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def open_it() -> None:
        page.goto(f"{site.url}/traces/{UPPER}{MANY:016x}")
        page.locator(".waterfall [data-id]").first.wait_for()

    watch("open the waterfall", open_it)
    page.locator(".waterfall [data-id]").first.focus()
    watch("go to the last span, and back", lambda: press("End", "Home"))
    watch("zoom and move", lambda: press(*"++dda-0"))
    watch("fold and unfold", lambda: press("ArrowLeft", "ArrowRight"))
    watch("scroll", lambda: page.evaluate("scrollTo(0, document.body.scrollHeight / 2)"))
    watch("draw the flame graph", lambda: page.get_by_role("button", name="Flame graph").click())
    watch("zoom the flame graph", lambda: press(*"++d0"))
    page.context.close()
    return found


def scripting(devtools: CDPSession) -> float:
    """The CPU time of the page's scripts so far, in milliseconds."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] * 1000 for one in metrics if one["name"] == "ScriptDuration"))


if __name__ == "__main__":
    main()
