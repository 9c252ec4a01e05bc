"""Decides which remote to ask next, so that pages stay fresh and hosts are left in peace."""

import time
from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field, replace

PER_MINUTE = 240
"""How many requests a host gets in a minute.

GitLab allows 600 git operations over SSH per minute and user, unless somebody set another limit:
https://docs.gitlab.com/administration/settings/rate_limits_on_git_ssh_operations
We stay well below that, because the instructor and the trainees also use the host.
"""
AT_ONCE = 60
"""How many requests a host gets at once if it had none for a while."""

QUICKEST, SLOWEST = 9.0, 60.0
"""How many seconds after a question began the next one is due.

Those who look each 10 seconds find it due each time, though never at exactly the same moment.
"""
_CALMING = 12.0
"""Somebody who moved 10 minutes ago is asked each 10 minutes / 12 = 50 seconds."""
_AFTER_FAILURE, _LONGEST = 15.0, 300.0
_AWAY = 3
"""If a host fails this many times in a row, it's away, and gets only one question at a time."""

Clock = Callable[[], float]
"""Seconds since any time; it never goes back."""


class Budget:
    """The requests that one host may still get."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._left = float(AT_ONCE)
        self._at = clock()

    def is_open(self) -> bool:
        """Whether it may get a request now."""
        now = self._clock()
        self._left = min(AT_ONCE, self._left + (now - self._at) * PER_MINUTE / 60)
        self._at = now
        return self._left >= 1

    def spend(self, requests: int) -> None:
        """Count requests that it got. If that's too many, it has to wait longer for the next."""
        self._left -= requests


@dataclass
class _Host:
    budget: Budget
    failures: int = 0
    """How often it failed in a row."""
    again: float = 0.0
    """When to ask it again, if it's away."""
    asking: int = 0
    """How many questions are open."""


@dataclass
class _Remote:
    host: str
    due: float
    moved: float
    begun: float = 0.0
    """When the last question to it began."""
    failures: int = 0
    is_asked: bool = False
    """Whether it was asked, or doesn't need to be because its host is away."""
    is_open: bool = False
    """Whether a question to it is open."""


@dataclass
class Schedule:
    """When each remote was asked, and when the next question is due.

    The one that is due for the longest time comes first. So nobody waits forever, and those who
    moved a short time ago come more often.
    """

    hosts: Mapping[str, str]
    """The host of each remote. Empty if it's a path on this machine, which needs no budget."""
    clock: Clock = time.monotonic
    before: InitVar["Schedule | None"] = None
    """The one that it replaces. It keeps what that knows, and what hosts may still get."""
    _hosts: dict[str, _Host] = field(init=False)
    _remotes: dict[str, _Remote] = field(init=False)

    def __post_init__(self, before: "Schedule | None") -> None:
        now = self.clock()
        self._hosts = {host: _Host(Budget(self.clock)) for host in self.hosts.values()}
        self._remotes = {
            name: _Remote(host, now, now - SLOWEST * _CALMING) for name, host in self.hosts.items()
        }
        for host, of in before._hosts.items() if before else ():
            if host in self._hosts:
                self._hosts[host] = replace(of, asking=0)
        for name, one in before._remotes.items() if before else ():
            if self.hosts.get(name) == one.host:
                self._remotes[name] = replace(one, is_open=False)

    def next(self) -> str:
        """The remote to ask now, or nothing if none is due, or no host may be asked."""
        now = self.clock()
        ready = [
            (one.due, name)
            for name, one in self._remotes.items()
            if one.due <= now and not one.is_open and self._may_ask(one.host, now)
        ]
        return min(ready, key=lambda item: item[0])[1] if ready else ""

    def unasked(self) -> int:
        """How many remotes were never asked, and could be."""
        return sum(not one.is_asked for one in self._remotes.values())

    def begin(self, name: str) -> None:
        """Count a question to it as open."""
        one = self._remotes[name]
        one.is_open, one.begun = True, self.clock()
        self._hosts[one.host].asking += 1

    def answered(self, name: str, requests: int, *, moved: bool) -> None:
        """Take in an answer: how many requests it took, and whether something is new."""
        one = self._end(name, requests)
        one.failures = 0
        now = self.clock()
        if moved:
            one.moved = now
        one.due = one.begun + min(max((now - one.moved) / _CALMING, QUICKEST), SLOWEST)

    def failed(self, name: str, requests: int, *, unreached: bool) -> None:
        """Take in a failure, and whether the reason was that the host didn't answer."""
        one = self._end(name, requests, unreached=unreached)
        one.failures += 1
        one.due = self.clock() + min(_AFTER_FAILURE * 2 ** min(one.failures, 9), _LONGEST)

    def is_away(self, name: str) -> bool:
        """Whether the remote's host failed many times in a row."""
        return self._hosts[self._remotes[name].host].failures >= _AWAY

    def _may_ask(self, host: str, now: float) -> bool:
        one = self._hosts[host]
        if one.failures >= _AWAY and (now < one.again or one.asking):
            return False
        return not host or one.budget.is_open()

    def _end(self, name: str, requests: int, *, unreached: bool = False) -> _Remote:
        remote = self._remotes[name]
        host = self._hosts[remote.host]
        remote.is_open, remote.is_asked = False, True
        host.asking -= 1
        host.budget.spend(requests)
        host.failures = host.failures + 1 if unreached else 0
        if host.failures >= _AWAY:
            late = min(host.failures - _AWAY, 9)
            host.again = self.clock() + min(_AFTER_FAILURE * 2**late, _LONGEST)
            for other in self._remotes.values():
                other.is_asked = other.is_asked or other.host == remote.host
        return remote
