"""Take pictures of the views of the console and the board: `make screenshots`.

Generates a workshop, runs it, sends traffic, and takes a picture of each view at three widths,
light and dark. The pictures go to build/screenshots, and those for the README and the docs also go
to docs/images.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from dev import chromium
from dev.checkout import REPOSITORY, render
from tests.matchmaker.board.made import Source, room
from tests.matchmaker.board.site import TOKEN, serving

PICTURES = REPOSITORY / "build" / "screenshots"
IMAGES = REPOSITORY / "docs" / "images"
# A workshop that already runs on this machine uses other ports.
PORT_OFFSET = 22000

WIDTHS = {"wide": (1440, 900), "middle": (900, 1000), "narrow": (390, 844)}
# The pictures that the README and the docs show.
SHOWN = {
    "board-wide-light",
    "by-hand-wide-light",
    "compare-wide-light",
    "error-wide-light",
    "flame-wide-light",
    "latency-wide-light",
    "map-wide-light",
    "projector-wide-light",
    "traces-wide-light",
    "waterfall-wide-light",
    "zoom-wide-light",
}


@contextlib.contextmanager
def workshop(step: int, offset: int) -> Iterator[Path]:
    """A running workshop at `step`."""
    folder = REPOSITORY / "build" / f"screenshots-step-{step}"
    shutil.rmtree(folder, ignore_errors=True)
    render(folder, trainee_name="Ada Lovelace", step=step, port_offset=offset)
    command(folder, "up", "--detach")
    try:
        yield folder
    finally:
        command(folder, "down")


def command(folder: Path, *arguments: str) -> None:
    """Run the trainee's command."""
    subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def take(browser: Browser, name: str, url: str, *clicks: str, ready: str = "h1") -> None:
    """Take pictures of a view at each width, light and dark."""
    for width, (x, y) in WIDTHS.items():
        for theme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": x, "height": y},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            page.goto(url)
            for selector in clicks:
                page.locator(selector).first.click()
            page.locator(ready).first.wait_for()
            page.wait_for_timeout(400)  # for fonts and the chart; no test depends on it
            save(page, f"{name}-{width}-{theme}")
            page.close()


def save(page: Page, name: str) -> None:
    """Write one picture, and print its name."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    if name in SHOWN:  # in few colors, because each trainee gets a copy
        with Image.open(path) as picture:
            picture.quantize(96, dither=Image.Dither.NONE).save(IMAGES / path.name, optimize=True)
    print(path.relative_to(REPOSITORY))


def traces(console: str) -> list[dict[str, object]]:
    """The summaries of all traces in the console."""
    with urllib.request.urlopen(f"{console}/api/events") as stream:
        for line in stream:
            if line.startswith(b"data: "):
                found: list[dict[str, object]] = json.loads(line[6:])["traces"]
                return found
    return []


def set_error_rate(folder: Path, rate: str) -> None:
    """Make some pairings fail, and wait until `web` is ready again."""
    before = since(folder)
    with (folder / ".env").open("a", encoding="utf-8") as file:
        file.write(f"MATCHMAKER_ERROR_RATE={rate}\n")
    wait_for_restart(folder, before)


def since(folder: Path) -> float:
    """The time when `web` became ready; 0 if it isn't."""
    state = json.loads((folder / ".workshop" / "run.json").read_text(encoding="utf-8"))
    web = state["services"]["web"]
    return float(web["since"]) if web["state"] == "ready" else 0.0


def wait_for_restart(folder: Path, before: float) -> None:
    """Wait until `web` is ready again."""
    while since(folder) in (0.0, before):
        time.sleep(0.1)


def take_board(browser: Browser) -> None:
    """Take pictures of the instructor's board, with trainees who are made up."""
    with serving(Source(room(40, seed=5, now=time.time()))) as site:
        take(browser, "board", site.link, ready=".row")
        take(browser, "trainee", site.link, ".who.red", ready="dialog .requirements")
        take(browser, "projector", f"{site.url}/projector?token={TOKEN}", ready="tbody tr")


def main() -> None:
    """Take all pictures."""
    for folder in (PICTURES, IMAGES):
        folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        take_board(browser)
        with workshop(5, PORT_OFFSET + 100) as folder:
            console = f"http://localhost:{8000 + PORT_OFFSET + 100}"
            command(
                folder, "traffic", "--rate", "2", "--seconds", "3", "--path", "/pair/beer?name=ipa"
            )
            time.sleep(1)
            take(browser, "by-hand", f"{console}/traces/{traces(console)[-1]['id']}")
            take(browser, "outside", f"{console}/latency", ready=".chart canvas")
            take(browser, "map-by-hand", f"{console}/map", ready=".map-picture svg")
            check = "button:has-text('Run the check')"
            take(browser, "check", f"{console}/steps", check, ready=".verdict")
        with workshop(9, PORT_OFFSET) as folder:
            console = f"http://localhost:{8000 + PORT_OFFSET}"
            command(folder, "traffic", "--rate", "4", "--seconds", "30")
            set_error_rate(folder, "0.3")
            command(folder, "traffic", "--rate", "4", "--seconds", "20")
            set_error_rate(folder, "0")
            faster(folder)
            command(folder, "traffic", "--rate", "4", "--seconds", "25")
            time.sleep(1)
            found = traces(console)
            pairings = [t for t in found if t["resource"] == "GET /pair/beer"]
            slow = next(t for t in pairings if t["note"])
            failed = next(t for t in pairings if t["error"])
            take(browser, "traces", f"{console}/traces", ready="tbody tr")
            slow_redis = f"{console}/traces?text=service:redis+%3E1ms"
            take(browser, "search", slow_redis, ".search-help summary", ready="small.matched")
            take(browser, "waterfall", f"{console}/traces/{slow['id']}", ready=".line[data-id]")
            take(
                browser,
                "zoom",
                f"{console}/traces/{slow['id']}?from=20&to=130&q=taste",
                ready=".minimap .shown",
            )
            take(
                browser,
                "details",
                f"{console}/traces/{slow['id']}?details=open",
                ready=".details h2",
            )
            take(
                browser,
                "flame",
                f"{console}/traces/{slow['id']}",
                "button:has-text('Flame')",
                ready=".flame",
            )
            take(
                browser,
                "error",
                f"{console}/traces/{failed['id']}?details=open",
                "summary:has-text('Stack')",  # close it, because it shows this machine's paths
                ready=".details h2",
            )
            take(browser, "latency", f"{console}/latency", ready=".chart canvas")
            moment = "button:has-text('Earlier')"
            take(browser, "moment", f"{console}/latency", moment, ready=".typical a")
            sort = "sort=duration&last=1"
            take(browser, "sorted", f"{console}/traces?{sort}", ready="tbody tr")
            take(
                browser,
                "compare",
                f"{console}/compare?b={pairings[-1]['id']}",
                "button:has-text('Before and after')",
                ready=".operations tbody tr",
            )
            take(browser, "map", f"{console}/map", ready=".map-picture svg")
            take(browser, "steps", f"{console}/steps/6", ready=".prose h2")
            take(
                browser,
                "try",
                f"{console}/try",
                "button:has-text('Find a donut')",
                ready="text=See its trace",
            )
        browser.close()


def faster(folder: Path) -> None:
    """Do the bonus: ask the taster about all candidates at once."""
    path = folder / "app.py"
    text = path.read_text(encoding="utf-8")
    slow = "    return max(candidates, key=lambda candidate: taste(beer.name, candidate))\n"
    assert slow in text
    fast = (
        "    with ThreadPoolExecutor() as pool:\n"
        "        scores = list(pool.map(taste, [beer.name] * len(candidates), candidates))\n"
        "    return candidates[scores.index(max(scores))]\n"
    )
    text = text.replace(slow, fast).replace(
        "import os\n", "import os\nfrom concurrent.futures import ThreadPoolExecutor\n", 1
    )
    before = since(folder)
    path.write_text(text, encoding="utf-8")
    wait_for_restart(folder, before)


if __name__ == "__main__":
    main()
