"""A real browser, and consoles for it to look at."""

import dataclasses
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import requests
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from workshop import ports, services, settings
from workshop.console.actions import Load
from workshop.console.collector import Collector
from workshop.console.server import Context, create_app

from tests.conftest import Render
from tests.workshop.conftest import free_port, traced, wait_for, workshop

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


class Agent:
    """A test agent that can go away and come back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with nothing in it."""
        self._process = subprocess.Popen(services.agent_command(self.port), cwd=self._folder)
        wait_for(lambda: ports.is_taken(self.port), "the agent")

    def stop(self) -> None:
        """End it, at once."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def take(self, *traces: list[dict[str, Any]]) -> None:
        """Send it spans, as the tracer does."""
        requests.put(
            f"http://127.0.0.1:{self.port}/v0.4/traces",
            data=msgpack.packb(list(traces)),
            headers={
                "X-Datadog-Trace-Count": str(len(traces)),
                "Content-Type": "application/msgpack",
            },
            timeout=30,
        ).raise_for_status()


@dataclass
class Site:
    """A console, its agent, and the workshop that it is about."""

    url: str
    agent: Agent
    collector: Collector
    root: Path


@pytest.fixture(scope="module")
def rendered(render: Render) -> Path:
    """A workshop at step 8, of somebody with a name that needs care."""
    return render(step=8, trainee_name="Zoë <b>O'Hara</b>")


@pytest.fixture
def site(rendered: Path, tmp_path: Path) -> Iterator[Site]:
    """A console that runs in this process, with a real agent and without the services."""
    agent = Agent(tmp_path)
    agent.start()
    loaded = settings.load(rendered)
    port = free_port()
    chosen = dataclasses.replace(
        loaded, run_dir=tmp_path / "run", ports=dataclasses.replace(loaded.ports, console=port)
    )
    chosen.run_dir.mkdir()
    web = f"http://127.0.0.1:{free_port()}"
    load = Load(web)
    collector = Collector(chosen, f"http://127.0.0.1:{agent.port}", load)
    app = create_app(Context(chosen, web, collector, load))
    server = make_server("127.0.0.1", port, app, threaded=True)
    threads = [
        threading.Thread(target=collector.run),
        threading.Thread(target=server.serve_forever),
    ]
    for thread in threads:
        thread.start()
    yield Site(f"http://localhost:{port}", agent, collector, rendered)
    collector.stop()
    server.shutdown()
    for thread in threads:
        thread.join()
    (rendered / "timing.log").unlink(missing_ok=True)
    agent.stop()
