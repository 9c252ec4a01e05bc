"""What `workshop cost` measured last: `.workshop/cost.json`."""

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
    """Requests a second, one after the other."""
    lowest_ratio: float
    """To bare, of the medians of one round. How far apart the rounds are is how sure this is."""
    highest_ratio: float


@dataclass(frozen=True)
class Cost:
    """One run over all VARIANTS."""

    path: str
    """What was asked for."""
    requests: int
    """How many, of each variant, in all rounds."""
    rounds: int
    variants: dict[str, Times]

    def ratio(self, variant: str) -> float:
        """How many times as long as the bare app this variant takes, at the median."""
        return self.variants[variant].p50 / self.variants["bare"].p50


def read(run_dir: Path) -> Cost | None:
    """The last result; None when there is none, or not all of it."""
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
    """When the last result was kept, in seconds since the epoch; 0 when there is none."""
    path = run_dir / FILE
    return path.stat().st_mtime if path.exists() else 0.0


def write(run_dir: Path, cost: Cost) -> None:
    """Keep a result."""
    state_file.write(run_dir / FILE, asdict(cost))
