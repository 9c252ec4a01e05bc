"""`python -m workshop.console.load URL RATE SECONDS` sends requests until it is stopped."""

from __future__ import annotations

import contextlib
import sys

from rich.console import Console

from workshop.problem import Problem
from workshop.settings import load
from workshop.stack import traffic
from workshop.stack.measurements import MeasuredLog


def main(url: str, rate: str, seconds: str) -> None:
    """Send requests, and record each one."""
    plan = traffic.Plan(url, float(rate), float(seconds))
    with contextlib.suppress(Problem):  # web is down, which the page already shows
        traffic.send(plan, Console(quiet=True), MeasuredLog(load().run_dir))


if __name__ == "__main__":
    main(*sys.argv[1:])
