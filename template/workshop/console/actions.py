"""What the page can do: send a request, keep sending them, and have some of them fail."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
import time

import requests
from dotenv import set_key, unset_key

from workshop.console.trace_json import Document
from workshop.problem import Problem
from workshop.settings import Settings, dotenv
from workshop.stack import traffic
from workshop.stack.measurements import MeasuredLog, Result

LOAD_SECONDS = 600
"""The load generator stops by itself after this."""
FASTEST = 20
"""Requests a second."""
TIMEOUT_SECONDS = 30
ERROR_RATE = "MATCHMAKER_ERROR_RATE"
"""The variable of faults.py."""


def names(web: str) -> dict[str, list[str]]:
    """The beers and donuts that there are. Raises Problem when `web` does not say."""
    try:
        return traffic.names(web)
    except requests.ConnectionError as error:
        raise Problem(
            f"web does not answer on {web}.", "Is it starting still? Look at `workshop status`."
        ) from error
    except ValueError as error:
        raise Problem(
            "web does not list beers and donuts as it should.", "Look at /beers and /donuts."
        ) from error


def send(web: str, path: str, log: MeasuredLog) -> Document:
    """Send one GET request to `web`, and tell what came back, with the id of its trace.

    The id is made here and handed on in Datadog's headers, as a traced browser does it. A parent
    is not: nobody sends its span, and that of `web` is to be the root, as it is for curl.
    Raises Problem when nothing comes back.
    """
    upper = f"{int(time.time()):08x}00000000"
    lower = secrets.randbits(63) | 1
    headers = {
        "x-datadog-trace-id": str(lower),
        "x-datadog-sampling-priority": "1",
        "x-datadog-tags": f"_dd.p.tid={upper}",
    }
    when, begin = time.time(), time.perf_counter()
    try:
        answer = requests.get(web + path, headers=headers, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        raise Problem(
            f"web does not answer on {web}.", "Is it starting still? Look at `workshop status`."
        ) from error
    milliseconds = (time.perf_counter() - begin) * 1000
    wrong = "" if answer.ok else f"{answer.status_code} {answer.reason}"
    log.write(Result(traffic.route(path), milliseconds, wrong, when))
    return {
        "status": answer.status_code,
        "reason": answer.reason,
        "body": answer.text[:20_000],
        "milliseconds": milliseconds,
        "trace": f"{upper}{lower:016x}",
    }


class Load:
    """The load generator: requests as `workshop traffic` sends them, from a process of its own."""

    def __init__(self, web: str) -> None:
        self._web = web
        self._process: subprocess.Popen[bytes] | None = None
        self._rate = 0.0
        self._lock = threading.Lock()

    def set_rate(self, settings: Settings, rate: float) -> None:
        """Send `rate` requests a second from now on; none when it is 0."""
        with self._lock:
            self._stop()
            self._rate = rate
            if rate:
                plan = [self._web, str(rate), str(LOAD_SECONDS)]
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "workshop.console.load", *plan],
                    cwd=settings.root,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )

    def rate(self) -> float:
        """Requests a second at the moment; 0 when it is off."""
        process = self._process
        return self._rate if process and process.poll() is None else 0.0

    def _stop(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None


def error_rate(settings: Settings) -> Document | None:
    """How many pairings fail on purpose (`rate`), and whether the page may change that.

    None where the workshop was generated without faults.
    """
    if not (settings.root / "faults.py").exists():
        return None
    shell = os.environ.get(ERROR_RATE)
    try:
        return {
            "rate": float(shell or dotenv(settings.root).get(ERROR_RATE) or 0),
            "fixed": bool(shell),
        }
    except (ValueError, Problem):
        return {"rate": 0.0, "fixed": bool(shell)}


def set_error_rate(settings: Settings, rate: float) -> None:
    """Write it to `.env`; the supervisor restarts `web` with it then."""
    path = settings.root / ".env"
    try:
        if not path.exists():
            path.touch(mode=0o600)
        if rate:
            set_key(path, ERROR_RATE, f"{rate:g}", quote_mode="never")
        elif ERROR_RATE in dotenv(settings.root):
            unset_key(path, ERROR_RATE, quote_mode="never")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f".env cannot be written: {error}.", "Whose file is it?") from error
