"""A client of the test agent, which takes the traces in and keeps them until told to forget."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import requests

from workshop.problem import Problem
from workshop.services import HOST

KEPT = 1000
"""The agent keeps at least this many of the latest traces (chunks of them, to be exact)."""
LOOK_SECONDS = 5.0
OPEN_SECONDS = 0.1


def spans(port: int) -> list[list[dict[str, Any]]]:
    """Everything that the agent keeps: for each lower half of a trace id, its spans.

    Raises Problem when nobody answers, or somebody who is no test agent.
    """
    url = f"http://{HOST}:{port}/test/traces"
    try:
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        found: list[list[dict[str, Any]]] = answer.json()
    except requests.ConnectionError as error:
        raise Problem(
            f"The agent does not answer on port {port}.", "Start the services: `workshop up`."
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise Problem(
            f"What answers on port {port} is not the test agent: {error}.",
            "Traces that went to Datadog are on its pages, not here.",
        ) from error
    return found


def clear(port: int) -> None:
    """Make the agent forget all traces. Raises requests.RequestException."""
    requests.get(f"http://{HOST}:{port}/test/session/clear", timeout=10).raise_for_status()


def bound_traces(port: int, stopped: threading.Event) -> None:
    """Keep the agent from growing without end, until `stopped` is set.

    The agent can drop what came in during one of its sessions. So a new session begins whenever
    the current one has KEPT traces, and then the one before the last is dropped: what is gone is
    always older than the latest KEPT.
    """
    url = f"http://{HOST}:{port}/test/session"
    number = 0
    is_open = False
    while not stopped.wait(LOOK_SECONDS if is_open else OPEN_SECONDS):
        with contextlib.suppress(requests.RequestException):
            if is_open:
                is_open = False  # unless it answers: somebody may have cleared everything
                is_open = _traces_in_session(url, number) < KEPT
            if is_open:
                continue
            number += 1
            token = {"test_session_token": f"workshop-{number}"}
            requests.get(f"{url}/start", params=token, timeout=10)
            old = {"test_session_token": f"workshop-{number - 2}"}
            requests.get(f"{url}/clear", params=old, timeout=10)
            is_open = True


def _traces_in_session(url: str, number: int) -> int:
    """How many chunks of traces a session has; raises when the agent knows no such session."""
    answer = requests.get(
        f"{url}/requests", params={"test_session_token": f"workshop-{number}"}, timeout=10
    )
    answer.raise_for_status()
    headers = [requests.structures.CaseInsensitiveDict(entry["headers"]) for entry in answer.json()]
    return sum(int(header.get("X-Datadog-Trace-Count", 0)) for header in headers)
