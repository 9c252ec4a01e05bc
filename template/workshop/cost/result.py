"""The last result of `workshop cost`: `.workshop/cost.json`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from workshop import state_file

FILE = "cost.json"
VARIANTS = ("bare", "hand-timed", "traced", "traced, debug")

WIDE = 1.25
"""A range is too wide if its upper end is more than this many times its lower end."""

Verdict = Literal["slower", "faster", "unclear"]


@dataclass(frozen=True)
class Times:
    """The requests to one variant of the app. Times are in milliseconds."""

    p50: float
    p95: float
    per_second: float
    """Requests per second, one after another."""
    lowest_ratio: float
    """The lower end of the `likely_range` of its ratio to bare."""
    highest_ratio: float

    @property
    def verdict(self) -> Verdict:
        """How it compares with bare, according to the range as the table shows it."""
        lowest, highest = round(self.lowest_ratio, 2), round(self.highest_ratio, 2)
        return "slower" if lowest > 1 else "faster" if highest < 1 else "unclear"

    @property
    def is_wide(self) -> bool:
        """Whether the range is too wide to be of much use."""
        return self.highest_ratio > self.lowest_ratio * WIDE


@dataclass(frozen=True)
class Cost:
    """One measurement of all VARIANTS."""

    path: str
    """The path of the requests."""
    requests: int
    """How many to each variant, in all rounds."""
    rounds: int
    variants: dict[str, Times]
    noise: float = 0.0
    """By how much the median of bare varied from round to round, as a share of it. Older versions
    didn't measure it."""

    def ratio(self, variant: str) -> float:
        """How many times as long as the bare app this variant takes, by the median."""
        return self.variants[variant].p50 / self.variants["bare"].p50

    @property
    def wide(self) -> list[str]:
        """The variants whose range is too wide."""
        return [name for name, times in self.variants.items() if times.is_wide]


def likely_range(ratios: Sequence[float]) -> tuple[float, float]:
    """A range that contains the true median with a probability of at least 95%.

    It leaves out as many of the lowest and of the highest ratios as that allows, whatever their
    distribution. More ratios make it narrower. With fewer than six, it's all of them, and less
    certain.
    """
    ordered, count = sorted(ratios), len(ratios)
    left_out, outside = 0, 2 / 2**count
    while left_out < (count - 1) // 2:
        outside += 2 * math.comb(count, left_out + 1) / 2**count
        if outside > 0.05:
            break
        left_out += 1
    return ordered[left_out], ordered[-1 - left_out]


def spread(medians: Sequence[float]) -> float:
    """By how much values vary: half the width of the middle half, as a share of the median."""
    ordered = sorted(medians)
    edge = len(ordered) // 4
    return (ordered[-1 - edge] - ordered[edge]) / 2 / statistics.median(ordered)


def read(run_dir: Path) -> Cost | None:
    """The last result. None if there is none, or it is incomplete."""
    data = state_file.mapping(run_dir / FILE)
    entries = data.get("variants")
    found = entries if isinstance(entries, dict) else {}
    try:
        variants = {name: Times(**state_file.known(Times, found.get(name))) for name in VARIANTS}
        cost = Cost(**state_file.known(Cost, {**data, "variants": {}}) | {"variants": variants})
    except TypeError:  # something is missing
        return None
    return cost if all(times.p50 > 0 for times in variants.values()) else None


def changed(run_dir: Path) -> float:
    """When the last result was saved, in seconds since the epoch. 0 if there is none."""
    path = run_dir / FILE
    return path.stat().st_mtime if path.exists() else 0.0


def write(run_dir: Path, cost: Cost) -> None:
    """Save a result."""
    state_file.write(run_dir / FILE, asdict(cost))
