"""Sends requests to `web` at a steady rate, and measures how long they take."""

from __future__ import annotations

import contextlib
import itertools
import math
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import requests

from workshop.problem import Problem
from workshop.stack.measurements import MeasuredLog, Result

if TYPE_CHECKING:
    from rich.console import Console

AT_ONCE = 32
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """What to send: at most `rate` requests per second, and `rate` times `seconds` in all."""

    url: str
    """Where `web` is."""
    rate: float
    seconds: float
    paths: tuple[str, ...] = ()
    """Empty for a mixture that consists mainly of pairings."""
    address: str = ""
    """Where people reach `web`, for messages. Empty if they use `url`, too."""

    @property
    def total(self) -> int:
        """The number of requests, at least one."""
        return max(1, math.floor(self.rate * self.seconds))


@dataclass(frozen=True)
class Summary:
    """All requests to one route, with times in milliseconds."""

    route: str
    requests: int
    errors: int
    p50: float
    p95: float
    max: float


def send(plan: Plan, progress_on: Console, log: MeasuredLog) -> list[Result]:
    """Send the requests, record each in `log`, and show the progress.

    Raises Problem if `web` doesn't answer.
    """
    # The console shows no bar, and would keep 2 MiB of rich for as long as it runs.
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    paths = _paths(plan)
    results: list[Result] = []
    slots = BoundedSemaphore(AT_ONCE)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with (
        Progress(*columns, console=progress_on, transient=True) as progress,
        ThreadPoolExecutor(AT_ONCE) as pool,
        requests.Session() as session,
    ):
        task = progress.add_task(f"{plan.rate:g} requests a second", total=plan.total)

        def ask(path: str) -> None:
            try:
                results.append(result := _measure(session, plan.url, path))
                log.write(result)
                progress.advance(task)
            finally:
                slots.release()

        with contextlib.suppress(KeyboardInterrupt):  # sum up what there is so far
            for path in itertools.islice(paths, plan.total):
                slots.acquire()  # if web is slower than the rate, send fewer, never more
                started = time.monotonic()
                pool.submit(ask, path)
                time.sleep(max(0.0, started + 1 / plan.rate - time.monotonic()))
    return results


def summarise(results: list[Result]) -> list[Summary]:
    """One summary for each route, the busiest route first."""
    by_route: dict[str, list[Result]] = {}
    for result in results:
        by_route.setdefault(result.route, []).append(result)
    summaries = [
        Summary(
            route=route,
            requests=len(group),
            errors=sum(bool(result.error) for result in group),
            p50=percentile([r.milliseconds for r in group], 50),
            p95=percentile([r.milliseconds for r in group], 95),
            max=max(r.milliseconds for r in group),
        )
        for route, group in by_route.items()
    ]
    return sorted(summaries, key=lambda summary: -summary.requests)


def percentile(values: list[float], percent: int) -> float:
    """A percentile of at least one value."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _measure(session: requests.Session, base: str, path: str) -> Result:
    started = time.perf_counter()
    error = ""
    try:
        response = session.get(base + path, timeout=TIMEOUT_SECONDS)
        if response.status_code >= 400:
            error = f"{response.status_code} {response.reason}"
    except requests.ConnectionError:
        error = "no connection"
    except requests.RequestException as problem:
        error = type(problem).__name__
    milliseconds = (time.perf_counter() - started) * 1000
    return Result(route(path), milliseconds, error, time.time() - milliseconds / 1000)


def route(path: str) -> str:
    """The route of a path, with a placeholder in place of a name."""
    parts = urlsplit(path).path.split("/")
    if len(parts) == 3 and parts[1] in ("beers", "donuts"):
        parts[2] = "<name>"
    return "/".join(parts)


def names(web: str) -> dict[str, list[str]]:
    """The names of all `beers` and `donuts`.

    Raises requests.ConnectionError if `web` doesn't answer, and ValueError if its answer isn't such
    a list.
    """
    try:
        rows = {
            kind: requests.get(f"{web}/{kind}", timeout=TIMEOUT_SECONDS).json()
            for kind in ("beers", "donuts")
        }
        return {kind: [row["name"] for row in rows[kind]] for kind in rows}
    except requests.ConnectionError:
        raise
    except (requests.RequestException, TypeError, KeyError) as error:
        raise ValueError(str(error)) from error


def _paths(plan: Plan) -> Iterator[str]:
    try:
        found = names(plan.url)
    except requests.ConnectionError as error:
        raise Problem(
            f"web does not answer at {plan.address or plan.url}.",
            "Start the services: `workshop up`.",
        ) from error
    except ValueError:
        found = {"beers": [], "donuts": []}
    return itertools.cycle(plan.paths) if plan.paths else _mixture(**found)


def _mixture(beers: list[str], donuts: list[str]) -> Iterator[str]:
    """Four pairings, then one of the other routes, over and over, through all the names."""
    # These two always exist, even if web doesn't list the names as usual.
    every_beer = itertools.cycle(beers or ["ipa"])
    every_donut = itertools.cycle(donuts or ["jelly"])
    others = itertools.cycle(("/beers", "/donuts/", "/donuts", "/beers/"))
    for number in itertools.count(1):
        if number % 5:
            yield f"/pair/beer?{urlencode({'name': next(every_beer)})}"
        else:
            other = next(others)
            name = {"/donuts/": every_donut, "/beers/": every_beer}.get(other)
            yield f"{other}{quote(next(name))}" if name else other
