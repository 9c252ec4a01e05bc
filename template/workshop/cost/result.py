"""The last result of `workshop cost`: `.workshop/cost.json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import state_file

FILE = "cost.json"
VARIANTS = ("bare", "hand-timed", "traced", "traced, debug")


@dataclass(frozen=True)
class Times:
    """The requests to one variant of the app. Times are in milliseconds."""

    p50: float
    p95: float
    per_second: float
    """Requests per second, one after another."""
    lowest_ratio: float
    """To bare, from the medians of one round. The closer the rounds, the surer the result."""
    highest_ratio: float


@dataclass(frozen=True)
class Cost:
    """One measurement of all VARIANTS."""

    path: str
    """The path of the requests."""
    requests: int
    """How many to each variant, in all rounds."""
    rounds: int
    variants: dict[str, Times]

    def ratio(self, variant: str) -> float:
        """How many times as long as the bare app this variant takes, by the median."""
        return self.variants[variant].p50 / self.variants["bare"].p50


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
