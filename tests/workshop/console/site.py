"""A console to look at, in this process: with a real agent, and without the services."""

import contextlib
import dataclasses
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import requests
from werkzeug.serving import make_server
from workshop import settings
from workshop.console.actions import Load
from workshop.console.collector import Collector
from workshop.console.context import Context
from workshop.console.server import create_app
from workshop.stack import ports, services
from workshop.traces.agent import clear

from tests.stack import until
from tests.workshop.conftest import free_port


class Agent:
    """A test agent that can go away and come back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with nothing in it."""
        self._process = subprocess.Popen(
            services.agent_command(self.port), cwd=self._folder, stdout=subprocess.DEVNULL
        )
        until(lambda: ports.is_taken(self.port), "the agent")

    def stop(self) -> None:
        """End it, at once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def empty(self) -> None:
        """Have it run, with nothing in it."""
        if self._process:
            clear(f"http://127.0.0.1:{self.port}")
        else:
            self.start()

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
    run_dir: Path


@contextlib.contextmanager
def serving(
    root: Path, folder: Path, agent: Agent, *, token: str = "", port: int = 0, **more: Any
) -> Iterator[Site]:
    """The console of the workshop at `root`, with what it writes in `folder`.

    `more` are settings.
    """
    agent.empty()
    loaded = settings.load(root)
    port = port or free_port()
    ports = dataclasses.replace(loaded.ports, console=port)
    chosen = dataclasses.replace(loaded, run_dir=folder / "run", ports=ports, **more)
    chosen.run_dir.mkdir()
    web = f"http://127.0.0.1:{free_port()}"
    load = Load(web)
    collector = Collector(chosen, f"http://127.0.0.1:{agent.port}", load)
    app = create_app(Context(chosen, web, collector, load, token))
    server = make_server("127.0.0.1", port, app, threaded=True)
    threads = [
        threading.Thread(target=collector.run),
        threading.Thread(target=server.serve_forever, args=(0.05,)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield Site(f"http://localhost:{port}", agent, collector, root, chosen.run_dir)
    finally:
        collector.stop()
        server.shutdown()
        for thread in threads:
            thread.join()


def over_nothing(root: Path, run_dir: Path, port: int, **more: Any) -> Context:
    """What the routes need, for a console on that port over nothing that runs."""
    loaded = settings.load(root)
    ports = dataclasses.replace(loaded.ports, console=port)
    chosen = dataclasses.replace(loaded, run_dir=run_dir, ports=ports, **more)
    nobody = f"http://127.0.0.1:{free_port()}"
    load = Load(nobody)
    return Context(chosen, nobody, Collector(chosen, nobody, load), load)
