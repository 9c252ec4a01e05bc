"""Collects the records again and again, and keeps what the pages ask for."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workshop.catalog import Step

from matchmaker.board.person import Person
from matchmaker.board.state import details, people_of, room, state
from matchmaker.progress.known import Known
from matchmaker.repositories.git import said_by

SECONDS = 5.0
"""Between two looks at the records.

One look waits that long for remotes, so we ask them all the time. Their schedule says how often.
"""


class Source(Protocol):
    """Where the records come from: `progress/following.py`."""

    @property
    def trouble(self) -> str:
        """What the instructor should know about the roster. Empty if nothing is wrong with it."""

    def collect(self) -> list[Known]:
        """What is known about each trainee, in the roster's order."""


@dataclass(frozen=True)
class Document:
    """What a page asks for, as JSON."""

    body: bytes
    mark: str
    """It changes with the body."""


def document(content: Any) -> Document:
    """Some content as JSON."""
    body = json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()
    return Document(body, hashlib.sha256(body).hexdigest()[:32])


class Feed:
    """The newest documents. One thread makes them, and others read them."""

    def __init__(
        self,
        source: Source,
        catalog: Sequence[Step],
        session: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._session = session
        self._clock = clock
        self._people: list[Person] = []
        self._collected = 0.0
        self._stop = threading.Event()
        nothing = {"session": session, "trouble": "", "state": None}
        self.board, self.room = document(nothing), document({"state": None})

    def run(self) -> None:
        """Collect until `stop`."""
        while not self._stop.is_set():
            due = time.monotonic() + SECONDS
            self.collect()
            self._stop.wait(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        """Have `run` end."""
        self._stop.set()

    def collect(self) -> None:
        """Collect once. If that fails, the board still shows the last state, and says why."""
        before = self._people
        try:
            self._people = people_of(self._source.collect(), self._catalog, self._clock())
            self._publish(self._source.trouble)
        except Exception as error:  # the next attempt may succeed, and the page says so meanwhile
            self._people = before
            self._publish(f"The records cannot be read: {said_by(error)}")
            return
        self._collected = self._clock()

    def age(self) -> int | None:
        """How many seconds ago the records were collected. None if they weren't yet."""
        return max(0, round(self._clock() - self._collected)) if self._collected else None

    def of(self, number: int) -> Document | None:
        """The details of one trainee. None if there is no such trainee."""
        people = self._people
        if not 0 <= number < len(people):
            return None
        return document(details(people[number], self._catalog))

    def _publish(self, trouble: str) -> None:
        people = self._people
        has_state = bool(people)
        self.board = document(
            {
                "session": self._session,
                "trouble": trouble,
                "state": state(people, self._catalog) if has_state else None,
            }
        )
        self.room = document({"state": room(people, self._catalog) if has_state else None})
