"""Remembers which hosts don't answer, so that three hundred pushes don't each wait for one."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from matchmaker.repositories.git import GitError
from matchmaker.urls import host_of

NOT_TRIED = "not tried, because "
SILENT = re.compile(
    r"no answer within|Operation too slow|timed out|Timeout, server|Could not resolve host",
    re.IGNORECASE,
)
"""What we, git, and ssh say about a host that doesn't answer."""


class Hosts:
    """Whether hosts answer. Several threads may ask at once."""

    def __init__(self, most: int) -> None:
        """After `most` questions in a row without an answer, nobody asks that host again."""
        self._most = most
        self._silent: Counter[str] = Counter()
        self._answered: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def asked(self, url: str) -> Iterator[None]:
        """During the block, somebody asks a remote. Raises GitError if that makes no sense now."""
        host = host_of(url)
        if host and self._is_silent(host):
            raise GitError(f"{NOT_TRIED}{host} did not answer for others")
        try:
            yield
        except GitError as error:
            self._note(host, is_silent=bool(SILENT.search(str(error))))
            raise
        self._note(host, is_silent=False)

    def _is_silent(self, host: str) -> bool:
        with self._lock:
            count = self._silent[host]
            return count >= self._most or (count > 0 and host not in self._answered)

    def _note(self, host: str, *, is_silent: bool) -> None:
        with self._lock:
            if is_silent:
                self._silent[host] += 1
            else:
                self._silent[host] = 0
                self._answered.add(host)
