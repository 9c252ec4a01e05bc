"""DonutDB: the facts about donuts that change often, in Redis.

Bakers change their minds all day about how sweet a donut should be for a beer, and about which
donut is in fashion. That's why these facts aren't in SQL with the others.
"""

from collections.abc import Callable
from typing import TypeVar

import redis

Answer = TypeVar("Answer")

# How sweet (1 to 3) a donut should be, depending on how bitter (1 to 5) the beer is.
SUGAR_FOR_HOPS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 3}

# donut: (how sweet, its rank today, its tags)
FACTS = {
    "old-fashioned": (1, 81, {"plain", "classic"}),
    "sourdough": (1, 77, {"plain", "chewy"}),
    "cinnamon": (1, 69, {"spiced"}),
    "buttermilk": (1, 58, {"plain", "soft"}),
    "glazed": (2, 93, {"classic", "soft"}),
    "powdered": (2, 64, {"classic", "messy"}),
    "blueberry": (2, 72, {"fruit"}),
    "apple": (2, 55, {"fruit", "spiced"}),
    "jelly": (3, 88, {"fruit", "filled", "messy"}),
    "maple": (3, 84, {"iced"}),
    "chocolate": (3, 90, {"iced", "classic"}),
    "boston-cream": (3, 79, {"filled", "iced"}),
}


class DonutDB:
    """The facts about donuts on one Redis server.

    Every method raises redis.exceptions.RedisError if the server doesn't answer.
    """

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def optimal_sugar_level(self, hops: int) -> int:
        """How sweet (1 to 3) a donut should be for a beer with that many hops (1 to 5)."""
        return int(self._read(lambda: self.client.get(f"sugar-for-hops:{hops}")))

    def by_sugar_level(self, level: int) -> list[str]:
        """The donuts that are that sweet (1 to 3), most popular first."""
        return self._read(lambda: self.client.zrevrange(f"donuts:{level}", 0, -1))

    def rank(self, name: str) -> int:
        """How popular a donut is today, from 0 to 100."""
        return int(self._read(lambda: self.client.get(f"rank:{name}")))

    def tags(self, name: str) -> list[str]:
        """What people say about a donut, in alphabetical order."""
        return sorted(self._read(lambda: self.client.smembers(f"tags:{name}")))

    def _read(self, command: Callable[[], Answer]) -> Answer:
        """Read from Redis. If it finds nothing, the server is new: fill it, and read again."""
        answer = command()
        if not answer:
            self._fill()
            answer = command()
        return answer

    def _fill(self) -> None:
        with self.client.pipeline() as pipe:
            for hops, level in SUGAR_FOR_HOPS.items():
                pipe.set(f"sugar-for-hops:{hops}", level)
            for name, (level, rank, tags) in FACTS.items():
                pipe.zadd(f"donuts:{level}", {name: rank})
                pipe.set(f"rank:{name}", rank)
                pipe.sadd(f"tags:{name}", *tags)
            pipe.execute()
