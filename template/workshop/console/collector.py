"""Polls the sources of everything that the page shows, and puts the results into the store."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

import requests

from workshop.check import progress
from workshop.console import actions
from workshop.console.hand_timed import TimingLog
from workshop.console.latency import Latency
from workshop.console.store import Store
from workshop.console.trace_json import Document
from workshop.cost import result as cost_result
from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.settings import Settings, load, tool_mark
from workshop.stack import reach, supervisor_file
from workshop.stack.measurements import MeasuredLog
from workshop.stack.supervisor_file import ServiceState
from workshop.traces.agent import Feed
from workshop.traces.remarks import left_out

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.4
CONTAINER_SECONDS = 1.5
"""How often to look at other containers, which takes a connection to each of them."""


class Collector:
    """Fills a Store and a Latency until `stop`."""

    def __init__(self, settings: Settings, agent_url: str, generator: actions.Load) -> None:
        self.store = Store()
        self.latency = Latency()
        self._settings = settings
        self._generator = generator
        self._feed = Feed(agent_url)
        self._timing_log = TimingLog(settings.root / "timing.log")
        self.measured = MeasuredLog(settings.run_dir)
        self._stopped = threading.Event()
        self._step: int | None = None
        self._has_moved = False
        """Whether the next restart of web belongs to a mark that already exists."""
        self._restarts_until = 0.0
        self._in_containers: dict[str, ServiceState] = {}

    def run(self) -> None:
        """Poll until `stop` is called."""
        if self._settings.container:
            threading.Thread(target=self._look_at_containers, daemon=True).start()
        before = ""
        while True:
            try:
                self.look()
            except Exception as error:  # without this thread, the page would never update again
                if repr(error) != before:  # it might happen at every poll
                    log.exception("the console can't read its sources")
                before = repr(error)
            if self._stopped.wait(LOOK_SECONDS):
                return

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopped.set()

    def look(self) -> None:
        """Poll once."""
        agent = self._look_at_agent()
        for key, trace in self._timing_log.look():
            self.store.add_trace(key, trace)
        for result in self.measured.look():
            self.latency.add_measured(result)
        unread = left_out(self.store.left_out())
        self.store.set_state({"agent": agent, "left_out": unread, **self._state()})

    def datadog(self) -> str:
        """The URL of Datadog's app if traces go there. Empty under a local `workshop up`."""
        is_local = supervisor_file.read(self._settings.run_dir) is not None
        return "" if is_local else self._settings.app_url

    def _look_at_agent(self) -> str:
        try:
            for summary in self.store.add(self._feed.look()):
                if not summary["missing"]:
                    self.latency.add(summary)
        except requests.ConnectionError:
            return "away"
        except (requests.RequestException, ValueError, RecursionError):
            return "other"  # Datadog's own Agent, which keeps no traces that we could read
        return "there"

    def _state(self) -> Document:
        state: Document = {"services": {}}
        try:
            settings = load(self._settings.root)  # the step or the version might have changed
        except Problem as problem:
            return {**state, "problem": said(f"{problem.what} {problem.remedy}")}
        if self._step not in (None, settings.step):
            self.latency.mark(time.time(), f"step-{settings.step}")
            self._has_moved = True
        self._step = settings.step
        state |= {
            "step": settings.step,
            "done": sorted(progress.done(settings.run_dir)),
            "load": self._generator.rate(),
            "measured": cost_result.changed(settings.run_dir),
            "datadog": self.datadog(),
            "version": tool_mark(self._settings.root),
        }
        if services := self._services(settings):
            state["error_rate"] = actions.error_rate(settings)
            state["services"] = {name: one.state for name, one in services.items()}
            state["details"] = {
                name: said(one.detail)
                for name, one in services.items()
                if one.detail and one.state in ("failed", "stopped")
            }
            if web := services.get("web"):
                self._mark_restarts(web.ready_at)
        return state

    def _services(self, settings: Settings) -> dict[str, ServiceState]:
        if not settings.container:
            running = supervisor_file.read(self._settings.run_dir)
            return running.services if running else {}
        return self._in_containers

    def _look_at_containers(self) -> None:
        """Look in a thread of its own, because finding a stopped container takes a while."""
        while not self._stopped.wait(CONTAINER_SECONDS if self._in_containers else 0):
            with contextlib.suppress(Problem):
                self._in_containers = reach.services(load(self._settings.root))

    def _mark_restarts(self, ready_at: list[float]) -> None:
        for when in ready_at[1:]:
            if when > self._restarts_until:
                if not self._has_moved:
                    self.latency.mark(when, "web restarted")
                self._has_moved = False
                self._restarts_until = when
