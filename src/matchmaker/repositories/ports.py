"""Which ports a trainee can get: on a shared host, and in a browser."""

import contextlib
import socket
from collections.abc import Iterable, Iterator, Mapping

from workshop.stack.blocked_ports import BLOCKED_PORTS

SPACING = 10
"""Offsets are multiples of this, so that you can still recognize a service by its port."""
LAST_PORT = 65535


def shifted(ports: Mapping[str, int], by: int) -> dict[str, int]:
    """The same services, on ports that are higher by `by`."""
    return {service: port + by for service, port in ports.items()}


def blocked(ports: Iterable[int]) -> int | None:
    """The first of these ports that browsers refuse; None if browsers open all of them.

    The template refuses them, too, but older versions of it didn't.
    """
    return next((port for port in ports if port in BLOCKED_PORTS), None)


def nearest_offset(ports: Mapping[str, int], offset: int) -> int:
    """The offset nearest to `offset` at which browsers open every port.

    `ports` are the ports at offset 0.
    """
    last = LAST_PORT - max(ports.values())
    others = (offset + by * sign for by in range(last) for sign in (-1, 1))
    return next(n for n in others if 0 <= n <= last and not blocked(shifted(ports, n).values()))


class PortBook:
    """Which ports are taken, and by whom."""

    def __init__(self) -> None:
        self._holders: dict[int, str] = {}

    def clash(self, ports: Iterable[int]) -> tuple[int, str] | None:
        """The first of these ports that is taken, and who has it."""
        return next(((p, self._holders[p]) for p in ports if p in self._holders), None)

    def take(self, ports: Iterable[int], holder: str) -> None:
        """Record who has these ports."""
        self._holders.update(dict.fromkeys(ports, holder))

    def free_offset(self, ports: Mapping[str, int], first: int = 0) -> int | None:
        """The smallest offset at which all of `ports` are free; None if there is none left.

        At that offset, no port is below `first`, and browsers open all of them. No program on this
        machine listens on them now.
        """
        for offset in _offsets(ports, first):
            own = shifted(ports, offset).values()
            if blocked(own) or self.clash(own) or any(map(is_listened_on, own)):
                continue
            return offset
        return None


def is_listened_on(port: int) -> bool:
    """Whether a program accepts connections on a port of this machine now."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def _offsets(ports: Mapping[str, int], first: int) -> Iterator[int]:
    start = max(0, first - min(ports.values()))
    return iter(range(start, LAST_PORT - max(ports.values()) + 1, SPACING))
