"""A client of the test agent, which receives traces and keeps them until we clear them."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import Any

import requests

from workshop.problem import Problem
from workshop.traces.tree import traces

KEPT = 1000
"""The agent keeps at least this many of the latest traces (to be exact, pieces of traces)."""
LOOK_SECONDS = 5.0


def spans(url: str, place: str = "") -> list[list[dict[str, Any]]]:
    """Everything that the agent at `url` keeps: the spans for each lower half of a trace ID.

    A span's content is what its sender wrote. `workshop.traces.tree` turns it into something
    reliable. Raises Problem if nothing answers, or something that isn't a test agent. Its text says
    that the agent is at `place`. In a container, people can't use `url`.
    """
    place = place or url
    try:
        found = _groups(requests.get(f"{url}/test/traces", timeout=30))
    except requests.ConnectionError as error:
        raise Problem(
            f"The agent does not answer at {place}.", "Start the services: `workshop up`."
        ) from error
    except requests.Timeout as error:
        raise Problem(
            f"The agent at {place} takes too long to answer.",
            "Restart it: `workshop down`, then `workshop up`. It then forgets its traces.",
        ) from error
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise Problem(
            f"The program at {place} is not the test agent: {error}.",
            "Traces that went to Datadog are on its pages, not here.",
        ) from error
    return found


def _groups(answer: requests.Response) -> list[list[dict[str, Any]]]:
    """The lists of spans in an answer. Raises RequestException, ValueError, or RecursionError."""
    answer.raise_for_status()
    found: list[list[dict[str, Any]]] = answer.json()
    if not isinstance(found, list):
        raise ValueError("its answer is not a list of traces")
    return [group if isinstance(group, list) else [group] for group in found]


def clear(url: str) -> None:
    """Make the agent at `url` forget all traces. Raises requests.RequestException."""
    requests.get(f"{url}/test/session/clear", timeout=10).raise_for_status()


class Feed:
    """Reads what comes in at the agent, and makes it forget all but the latest KEPT traces.

    The agent can list, and drop, what came in during one of its sessions. So this starts a new
    session whenever it has read some new traces, and drops only sessions that are older than the
    latest KEPT. Requests for /ping don't count: a program that sends one a second would push out
    what a trainee sent a quarter of an hour ago. Only one Feed at a time can read from an agent.
    """

    def __init__(self, url: str) -> None:
        """`url` is the agent's address, such as `http://127.0.0.1:8126`."""
        self._url = f"{url}/test"
        self._number = 0
        self._is_open = False
        self._spans_seen = 0
        self._sessions: deque[tuple[int, int]] = deque()
        """Closed sessions, the oldest first: their numbers, and how many traces they contain."""

    def look(self) -> list[list[dict[str, Any]]]:
        """The spans that came in since the last look, in groups as in `spans`.

        May repeat some of them. The first time, returns everything that the agent keeps. Raises
        requests.RequestException if the agent doesn't answer.
        """
        if not self._is_open:
            self._begin_session()
            return self._get("traces")
        found = self._session()
        if found is None:  # somebody cleared everything, or the agent restarted
            self._is_open = False
            return self.look()
        size = sum(len(group) for group in found)
        is_new = size != self._spans_seen
        if found and (not is_new or len(found) >= max(1, KEPT // 20)):
            closed = self._number
            self._begin_session()
            found = self._session(closed) or []
            is_new = is_new or size != sum(len(group) for group in found)
            if worth := sum(not _is_health_check(group) for group in found):
                self._sessions.append((closed, worth))
                self._forget()
            else:
                self._call("session/clear", closed)
        else:
            self._spans_seen = size
        return found if is_new else []

    def _begin_session(self) -> None:
        self._is_open = False
        self._number += 1
        self._spans_seen = 0
        self._call("session/start", self._number)
        self._is_open = True

    def _forget(self) -> None:
        while sum(count for _, count in self._sessions) - self._sessions[0][1] >= KEPT:
            self._call("session/clear", self._sessions.popleft()[0])

    def _session(self, number: int = 0) -> list[list[dict[str, Any]]] | None:
        try:
            return self._get("session/traces", number or self._number)
        except requests.HTTPError:
            return None

    def _get(self, path: str, number: int = 0) -> list[list[dict[str, Any]]]:
        return _groups(self._call(path, number))

    def _call(self, path: str, number: int) -> requests.Response:
        token = {"test_session_token": f"workshop-{number}"} if number else {}
        return requests.get(f"{self._url}/{path}", params=token, timeout=30)


def _is_health_check(group: list[dict[str, Any]]) -> bool:
    found = traces([group])
    return bool(found) and all(trace.is_health_check for trace in found)


def bound_traces(url: str, stopped: threading.Event) -> None:
    """Limit the traces that the agent at `url` keeps, until `stopped` is set."""
    feed = Feed(url)
    while not stopped.wait(LOOK_SECONDS):
        with contextlib.suppress(requests.RequestException, ValueError, RecursionError):
            feed.look()
