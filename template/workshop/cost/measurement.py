"""Measures what instrumentation costs: the same requests to four variants of the same app."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workshop.cost.result import VARIANTS, Cost, Times, likely_range, spread
from workshop.settings import HOST, Settings
from workshop.stack.copied import copy_files, settings_of_copy
from workshop.stack.services import Service, free_port, services
from workshop.stack.supervisor import temporary_stack
from workshop.stack.traffic import percentile

PATH = "/beers"
"""A route that does little and waits for nothing, so the cost is easy to see."""
WARM_UP = 20
PAUSE_SECONDS = 0.25
"""The pause between two variants, in which the previous one sends its spans."""

VARIABLES = {"traced, debug": {"DD_TRACE_DEBUG": "true"}}


def measure(
    settings: Settings,
    rounds: int,
    requests: int,
    on_round: Callable[[int], None],
    *,
    most_rounds: int = 0,
) -> Cost:
    """Send `requests` to each variant in each of `rounds`, in a different order every time.

    While a range is too wide, goes on until there are `most_rounds`. Uses the app from the
    beginning of the workshop, whatever the trainee's looks like now. Calls `on_round` with the
    number of each round before it starts. Raises Problem if a variant doesn't start.
    """
    milliseconds: dict[str, list[list[float]]] = {name: [] for name in VARIANTS}
    with _variants(settings) as ports:
        for port in ports.values():
            _ask(port, WARM_UP)
        for number in itertools.count(1):
            on_round(number)
            for name in random.sample(VARIANTS, len(VARIANTS)):
                time.sleep(PAUSE_SECONDS)
                milliseconds[name].append(_ask(ports[name], requests))
            if number >= rounds:
                found = cost_of(milliseconds)
                if not found.wide or number >= most_rounds:
                    return found
    raise AssertionError("unreachable")


def cost_of(milliseconds: Mapping[str, Sequence[Sequence[float]]]) -> Cost:
    """The result of the requests to each variant, by rounds."""
    bare = [statistics.median(one) for one in milliseconds["bare"]]
    return Cost(
        path=PATH,
        requests=sum(len(one) for one in milliseconds["bare"]),
        rounds=len(bare),
        variants={name: _times(rounds, bare) for name, rounds in milliseconds.items()},
        noise=spread(bare),
    )


def _times(rounds: Sequence[Sequence[float]], bare: Sequence[float]) -> Times:
    every = [one for group in rounds for one in group]
    ratios = [statistics.median(group) / base for group, base in zip(rounds, bare, strict=True)]
    lowest, highest = likely_range(ratios)
    return Times(
        p50=statistics.median(every),
        p95=percentile(every, 95),
        per_second=1000 / statistics.fmean(every),
        lowest_ratio=lowest,
        highest_ratio=highest,
    )


def _ask(port: int, times: int) -> list[float]:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        connection.request("GET", PATH)
        connection.getresponse().read()
        connection.close()
        found.append((time.perf_counter() - begin) * 1000)
    return found


@contextlib.contextmanager
def _variants(settings: Settings) -> Iterator[dict[str, int]]:
    """Run all variants, each in its own process, and yield the port of each."""
    with tempfile.TemporaryDirectory(prefix="workshop-cost-") as name:
        folder = Path(name)
        copy_files(settings.root, folder)
        copy_files(settings.root / "checks" / "reference", folder)
        own = settings_of_copy(settings, folder, {})
        by_name = {service.name: service for service in services(own)}
        variants = [_variant(own, by_name["web"], variant) for variant in VARIANTS]
        with temporary_stack(own, stack=[by_name["agent"], *variants]):
            yield {service.name: service.port for service in variants}


def _variant(settings: Settings, web: Service, name: str) -> Service:
    port = free_port()
    alone = replace(settings, ports=replace(settings.ports, web=port))
    (service,) = [one for one in services(alone) if one.name == "web"]
    # Send the output only to a file, because reading it would disturb the measurement.
    log = settings.root / f"{name}.txt"
    run = 'exec "$0" -m workshop.cost.variant "$1" >"$2" 2>&1'
    return replace(
        service,
        name=name,
        command=lambda: ["sh", "-c", run, sys.executable, name, str(log)],
        environment=lambda: {**service.environment(), **VARIABLES.get(name, {})},
    )
