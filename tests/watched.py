"""What the pages of a test said and asked for: what one needs to read why it failed."""

import time
from collections.abc import Iterator
from functools import partial

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Request, WebError

CHANGED = "ERR_NETWORK_CHANGED"
"""What Chromium says of each request that it gives up because an address of this machine came or
went. The containers of another test do that, whenever Docker starts or ends them."""
MOST = 300
"""Lines of a test."""
MILLISECONDS = 2000


class Watched:
    """The pages that are open, and what happened in them during one test."""

    def __init__(self) -> None:
        self._waiting: dict[BrowserContext, list[str]] = {}
        """What the pages asked for and have no answer to, by the contexts that are open."""
        self.begin()

    def begin(self) -> None:
        """Forget what happened during the test before."""
        self._lines: list[str] = []
        self._begin = time.monotonic()
        self.has_changed = False
        """Whether a page lost a request because the network changed."""

    def follow(self, browser: Browser) -> None:
        """Look at all that is opened in a browser from now on."""
        browser.on("context", self._look_at)

    def sections(self) -> Iterator[tuple[str, str]]:
        """What a report of the test should show, each with its title."""
        for page in (page for context in self._waiting for page in context.pages):
            try:
                shown = page.locator("body").inner_text(timeout=MILLISECONDS)
            except Error as error:
                shown = f"(can't be read: {error.message})"
            yield f"Page {page.url}", shown
        if waiting := [url for urls in self._waiting.values() for url in urls]:
            yield "What the pages still wait for", "\n".join(waiting)
        if self._lines:
            yield "What the pages said and lost", "\n".join(self._lines[-MOST:])

    def _look_at(self, context: BrowserContext) -> None:
        waiting = self._waiting[context] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", lambda request: waiting.append(request.url))
        context.on("requestfinished", partial(self._end, waiting))
        context.on("requestfailed", partial(self._end, waiting))
        context.on("close", self._forget)

    def _forget(self, context: BrowserContext) -> None:
        del self._waiting[context]

    def _say(self, text: str) -> None:
        self._lines.append(f"{time.monotonic() - self._begin:6.2f} s  {text}")

    def _console(self, message: ConsoleMessage) -> None:
        self._say(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self._say(f"error: {error.error}")

    def _end(self, waiting: list[str], request: Request) -> None:
        if request.url in waiting:
            waiting.remove(request.url)
        if request.failure:
            self._say(f"lost: {request.method} {request.url}: {request.failure}")
            self.has_changed |= CHANGED in request.failure


WATCHED = Watched()
"""A process runs one test at a time."""
