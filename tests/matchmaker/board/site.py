"""A board to look at, in this process."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.serving import make_server

from matchmaker.board import feed as feed_module
from matchmaker.board.feed import Feed
from matchmaker.board.feed import Source as FeedSource
from matchmaker.board.server import create_app
from tests.matchmaker.board.made import CATALOG
from tests.workshop.conftest import free_port

TOKEN = "a-token-of-the-tests"


@dataclass
class Site:
    """A board, and where it is."""

    url: str
    feed: Feed

    @property
    def link(self) -> str:
        """What the command prints."""
        return f"{self.url}/?token={TOKEN}"


@contextlib.contextmanager
def serving(source: FeedSource, clock: Callable[[], float] = time.time) -> Iterator[Site]:
    """The board of some trainees. It collects when the test says so."""
    port = free_port()
    feed = feed_module.Feed(source, CATALOG, "spring", clock)
    feed.collect()
    server = make_server("127.0.0.1", port, create_app(feed, port, TOKEN), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{port}", feed)
    finally:
        server.shutdown()
        thread.join()
