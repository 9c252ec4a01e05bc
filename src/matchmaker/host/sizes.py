"""How much of a cluster a session needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

GIB = 1024

# Of a server: measured on the workshop's stack (230 MiB at rest, 290 MiB under load; 1 to 9% of a
# processor at rest, more than half of one under load), with JupyterLab's own memory on top.
REQUEST_CPU, LIMIT_CPU = 100, 1000
"""Thousandths of a processor."""
REQUEST_MEMORY, LIMIT_MEMORY = 512, 1024
"""MiB."""
HOME = 1
"""GiB. A workshop needs a quarter of it."""


@dataclass(frozen=True)
class Resources:
    """What containers ask for, and how much they may use: thousandths of a processor, and MiB."""

    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int

    def times(self, count: int) -> "Resources":
        """The same for so many."""
        return Resources(*(count * one for one in self._all))

    def plus(self, other: "Resources") -> "Resources":
        """The sum of both."""
        return Resources(*(one + more for one, more in zip(self._all, other._all, strict=True)))

    @property
    def _all(self) -> tuple[int, int, int, int]:
        return self.cpu, self.memory, self.cpu_limit, self.memory_limit


# Our choice, not a measurement, except for the servers.
SERVER = Resources(REQUEST_CPU, REQUEST_MEMORY, LIMIT_CPU, LIMIT_MEMORY)
HUB = Resources(200, 512, 2000, 2048)
PROXY = Resources(100, 128, 1000, 512)
SCHEDULER = Resources(50, 128, 500, 256)
SCHEDULERS = 2
PULLER = Resources(10, 16, 100, 64)
"""Each of the small pods that get the image to the nodes: two on each node, and one that waits."""

SPARE_NODES = 30

NODES = ((2, 8), (4, 16), (8, 32), (16, 64))
"""Processors and GiB of memory of usual nodes."""
MOST_PODS = 110
"""How many pods a node takes, unless its administrator says otherwise."""
_PODS_OF_CLUSTER = 10
"""How many of them we leave to the cluster's own."""


@dataclass(frozen=True)
class Size:
    """What a session of so many trainees needs."""

    trainees: int

    @property
    def placeholders(self) -> int:
        """How many seats are kept warm before everybody arrives."""
        return self.trainees

    @property
    def most_nodes(self) -> int:
        """How many nodes there can be while the image is pulled.

        Others may use the cluster, too, and all nodes get the image. So there are many to spare,
        which costs little: the pods that get it are small.
        """
        return ceil((self.trainees + self.placeholders) / seats(*NODES[0])) + SPARE_NODES

    @property
    def pods(self) -> int:
        """How many pods the namespace can have."""
        core = 2 + SCHEDULERS + 1
        return self.trainees + self.placeholders + core + 2 * self.most_nodes

    @property
    def quota(self) -> Resources:
        """What all of them ask for, and may use."""
        core = HUB.plus(PROXY).plus(SCHEDULER.times(SCHEDULERS))
        pullers = PULLER.times(2 * self.most_nodes + 1)
        return SERVER.times(self.trainees + self.placeholders).plus(core).plus(pullers)

    @property
    def storage(self) -> int:
        """GiB: a home for each, and the hub's database."""
        return HOME * self.trainees + 1

    def nodes(self) -> Iterator[tuple[int, int, int, int, int]]:
        """For each usual node: processors, GiB, and seats on one; and how many nodes it takes.

        The last is how many it takes with all placeholders.
        """
        for cpus, memory in NODES:
            on_one = seats(cpus, memory)
            most = ceil((self.trainees + self.placeholders) / on_one)
            yield cpus, memory, on_one, ceil(self.trainees / on_one), most


def seats(cpus: int, memory: int) -> int:
    """How many servers fit on a node, by what they ask for.

    A node keeps some of itself: 80 thousandths and 1% of its processors, 330 MiB and 5% of its
    memory, and 100 MiB so that it doesn't run out. One vendor says so, and the README says where.
    """
    free_cpu = 990 * cpus - 80
    free_memory = 0.95 * memory * GIB - 330 - 100
    fit = min(free_cpu // REQUEST_CPU, free_memory // REQUEST_MEMORY)
    return int(min(fit, MOST_PODS - _PODS_OF_CLUSTER))
