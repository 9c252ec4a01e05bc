"""The route of the map of services."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from pathlib import Path

from flask import Flask, Response, jsonify, request

from workshop.console import service_map
from workshop.console.context import Context
from workshop.stack.measurements import MeasuredLog, Result

SHORTEST_SECONDS, LONGEST_SECONDS = 10.0, 3600.0
MOST_MEASURED = 10_000
"""The measured requests to keep, which is about as many as the file has."""


def add(app: Flask, context: Context) -> None:
    """Add the route to `app`."""
    measured = _Measured(context.settings.run_dir)

    @app.get("/api/map")
    def services() -> Response:
        asked = request.args.get("seconds", 300.0, type=float)
        seconds = min(asked, LONGEST_SECONDS) if asked >= SHORTEST_SECONDS else SHORTEST_SECONDS
        requests = context.collector.store.calls()
        return jsonify(service_map.document(time.time(), seconds, requests, measured.latest()))


class _Measured:
    """The requests that were measured from outside, read as their file grows."""

    def __init__(self, run_dir: Path) -> None:
        self._log = MeasuredLog(run_dir)
        self._results: deque[Result] = deque(maxlen=MOST_MEASURED)
        self._lock = threading.Lock()

    def latest(self) -> list[Result]:
        with self._lock:
            # Another program may have written any line.
            self._results.extend(one for one in self._log.look() if _is_usable(one))
            return list(self._results)


def _is_usable(result: Result) -> bool:
    return isinstance(result.error, str) and all(
        isinstance(value, int | float) and math.isfinite(value) and value >= 0
        for value in (result.milliseconds, result.begin)
    )
