"""A real browser, and consoles for it to look at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Render
from tests.workshop.conftest import traced, workshop
from tests.workshop.console.site import Agent, Site, serving

__all__ = ["traced", "workshop"]

MILLISECONDS = 40_000.0
"""How long the browser waits for anything, at most: much longer than it ever takes."""


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, and holds them to say nothing on their console."""
    said: list[str] = []
    contexts = []

    def open_page(*, watched: bool = True, **options: Any) -> Page:
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        context.set_default_timeout(MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        if not watched:
            return page
        page.on("pageerror", lambda error: said.append(str(error)))
        # What the network says is no mistake of the page: a server that is away is tested, too.
        page.on(
            "console",
            lambda message: (
                said.append(message.text)
                if message.type == "error"
                and "Failed to load resource" not in message.text
                and "net::ERR" not in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page, as wide as a laptop's."""
    return new_page(viewport={"width": 1280, "height": 800})


@pytest.fixture(scope="module")
def rendered(render: Render) -> Path:
    """A workshop at step 8, of somebody with a name that needs care."""
    return render(step=8, trainee_name="Zoë <b>O'Hara</b>")


@pytest.fixture(scope="session")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One test agent for all consoles, one after the other: each start takes a second."""
    agent = Agent(tmp_path_factory.mktemp("agent"))
    yield agent
    agent.stop()


@pytest.fixture
def site(rendered: Path, tmp_path: Path, agent: Agent) -> Iterator[Site]:
    """A console that runs in this process, with a real agent and without the services."""
    with serving(rendered, tmp_path, agent) as site:
        yield site
    (rendered / "timing.log").unlink(missing_ok=True)
