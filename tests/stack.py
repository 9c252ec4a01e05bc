"""Run a generated workshop's services on free ports, and look at what they do."""

import contextlib
import dataclasses
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import requests
from workshop import settings
from workshop.stack.services import free_port
from workshop.stack.supervisor import temporary_stack
from workshop.traces import agent, tree

DEADLINE_SECONDS = 180.0
"""How long to wait for anything, at most: much longer than it ever takes."""

Found = TypeVar("Found")


@dataclasses.dataclass(frozen=True)
class Stack:
    """Services that run, and where they write."""

    root: Path
    ports: settings.Ports

    def get(self, path: str, service: str = "web") -> requests.Response:
        """Ask one of the services."""
        return requests.get(
            f"http://127.0.0.1:{getattr(self.ports, service)}{path}", timeout=DEADLINE_SECONDS
        )

    def timing_log(self) -> list[str]:
        """The lines of timing.log, with the seconds taken out."""
        log = self.root / "timing.log"
        text = log.read_text() if log.exists() else ""
        return re.sub(r"\d+\.\d{3} seconds", "N seconds", text).splitlines()

    def output(self, service: str) -> str:
        """What a service printed."""
        return (self.root / ".workshop" / f"{service}.log").read_text()

    def traces(self) -> list[tree.Trace]:
        """What the agent has, without health checks."""
        found = tree.traces(agent.spans(f"http://127.0.0.1:{self.ports.agent}"))
        return [trace for trace in found if not trace.is_health_check]

    def trace_of(self, path: str, status: int = 200) -> tree.Trace:
        """Make one request, and wait until its trace is there from all services."""
        path += f"{'&' if '?' in path else '?'}look={uuid.uuid4().hex}"
        assert self.get(path).status_code == status

        def whole() -> tree.Trace | None:
            for trace in self.traces():
                # Each process sends its part by itself: a whole trace has one root, the request.
                address = trace.roots[0].meta.get("http.url", "")
                if len(trace.roots) == 1 and address.endswith(path) and is_answered(trace):
                    return trace
            return None

        return until(whole)


def is_answered(trace: tree.Trace) -> bool:
    """Whether every request that one service made has the other's part below it."""
    return all(span.children for span in trace.spans() if span.name == "requests.request")


def until(
    look: Callable[[], Found | None], what: str = "", instead: Callable[[], object] = str
) -> Found:
    """Look again and again until something is there.

    Whoever looks with a command of their own leaves as much time to what they wait for.

    `what` that is, and what there is `instead`, is for who reads that it never came.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (began := time.monotonic()) < deadline:
        if found := look():
            return found
        time.sleep(max(0.05, min(1.0, time.monotonic() - began)))
    raise AssertionError(
        f"waited {DEADLINE_SECONDS} seconds in vain for {what or look}\n{instead()}"
    )


@contextlib.contextmanager
def running_stack(workshop: Path, **environment: str) -> Iterator[Stack]:
    """The workshop's services, on ports of their own, for as long as the block takes."""
    loaded = settings.load(workshop)
    ports = settings.Ports(*(free_port() for _ in dataclasses.fields(settings.Ports)))
    chosen = dataclasses.replace(loaded, ports=ports, overrides=environment)
    (workshop / "timing.log").unlink(missing_ok=True)
    with temporary_stack(chosen):
        yield Stack(workshop, ports)
