"""Measures what the board costs with many trainees: a browser, the server, and the network.

Times are ratios, so that they say the same on each machine: how much more work 300 trainees are
than 30. Scripting is the CPU time of the page's scripts, as Chromium counts it.
"""

import json
import logging
import statistics
import sys
import time
from collections.abc import Callable

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from dev import chromium
from dev.benchmarks.console import PAINTED, scripting
from matchmaker.board.state import people_of, state
from tests.matchmaker.board.made import CATALOG, NOW, Source, known, room
from tests.matchmaker.board.site import serving

FEW, MANY = 30, 300
ROUNDS = 5
EVERY_MS = 10_000
LINEAR = 1.5 * MANY / FEW
"""What each ratio has to stay below: a bit more than if each trainee costs the same."""


def main() -> None:
    """Measure, and print ratios. Exits with 1 if one of them misses its goal."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    few, many = server(FEW), server(MANY)
    ratios = {"the state, on the server": many / few}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        pages = {count: page(browser, count) for count in (FEW, MANY)}
        browser.close()
    for what in pages[FEW]:
        ratios[what] = pages[MANY][what] / pages[FEW][what]
    table = Table("what", f"{MANY} trainees, as a multiple of {FEW}", "goal", box=None)
    for what, ratio in ratios.items():
        table.add_row(what, f"{ratio:.1f}", f"< {LINEAR:.0f}")
    Console().print(table)
    if missed := [what for what, ratio in ratios.items() if ratio >= LINEAR]:
        sys.exit(f"More than its goal: {', '.join(missed)}.")


def server(count: int) -> float:
    """The CPU time that the state takes, in seconds."""
    trainees = room(count)
    return _median(lambda: state(people_of(trainees, CATALOG, NOW), CATALOG))


def page(browser: Browser, count: int) -> dict[str, float]:
    """The cost of opening the board, of a minute without news, and of one trainee who moves."""
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.clock.install()
    devtools = opened.context.new_cdp_session(opened)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    source = Source(room(count, now=time.time()))
    with serving(source) as site:
        opened.goto(site.link)
        opened.locator(".row").first.wait_for()
        found = {"scripting: open the page": scripting(devtools)}
        found["bytes: the whole state"] = float(len(site.feed.board.body))

        def tick() -> None:
            with opened.expect_response("**/api/board"):
                opened.clock.fast_forward(EVERY_MS)
            opened.evaluate(PAINTED)

        before = scripting(devtools)
        for _ in range(6):
            tick()
        found["scripting: a minute without news"] = scripting(devtools) - before
        before = scripting(devtools)
        source.known[0] = known("Ada", len(CATALOG) - 1, now=time.time())
        site.feed.collect()
        tick()
        found["scripting: one trainee moves"] = scripting(devtools) - before
        assert json.loads(site.feed.board.body)["state"]["people"][0]["name"] == "Ada"
    opened.context.close()
    return found


def _median(act: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        act()
        took.append(time.process_time() - begun)
    return statistics.median(took)


if __name__ == "__main__":
    main()
