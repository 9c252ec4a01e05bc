"""Gives every trainee on a shared host ports of their own."""

import contextlib
import socket
from collections.abc import Iterable, Iterator, Mapping

SPACING = 10
"""Offsets are multiples of this, so that a port still shows which service it is."""
LAST_PORT = 65535


def shifted(ports: Mapping[str, int], by: int) -> dict[str, int]:
    """The same services, on ports further up."""
    return {service: port + by for service, port in ports.items()}


class PortBook:
    """Which ports are given away."""

    def __init__(self) -> None:
        self._holders: dict[int, str] = {}

    def clash(self, ports: Iterable[int]) -> tuple[int, str] | None:
        """The first of these ports that is given away, and who has it."""
        return next(((p, self._holders[p]) for p in ports if p in self._holders), None)

    def take(self, ports: Iterable[int], holder: str) -> None:
        """Give ports away."""
        self._holders.update(dict.fromkeys(ports, holder))

    def free_offset(self, ports: Mapping[str, int]) -> int | None:
        """The smallest offset at which all of `ports` are free; None when there is none left.

        On this machine nobody may listen on them now: another session, or something else.
        """
        for offset in _offsets(ports):
            own = shifted(ports, offset).values()
            if not self.clash(own) and not any(map(is_listened_on, own)):
                return offset
        return None


def is_listened_on(port: int) -> bool:
    """Whether somebody accepts connections on a port of this machine now."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def _offsets(ports: Mapping[str, int]) -> Iterator[int]:
    return iter(range(0, LAST_PORT - max(ports.values()) + 1, SPACING))
