"""The actions of the page: send a request, send load, and make some requests fail."""

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
"""The load generator stops by itself after this time."""
FASTEST = 20
"""Requests per second."""
TIMEOUT_SECONDS = 30
ERROR_RATE = "MATCHMAKER_ERROR_RATE"
"""The variable that faults.py reads."""


def names(web: str, address: str) -> dict[str, list[str]]:
    """The names of the beers and donuts. Raises Problem when `web` doesn't return them.

    `web` is its URL. `address` is where people reach it, for messages.
    """
    try:
        return traffic.names(web)
    except requests.ConnectionError as error:
        raise _away(address) from error
    except ValueError as error:
        raise Problem(
            "web doesn't list beers and donuts correctly.", "Look at /beers and /donuts."
        ) from error


def send(web: str, address: str, path: str, log: MeasuredLog) -> Document:
    """Send one GET request to `web`, and return the response with the ID of its trace.

    This function makes the ID and sends it in Datadog's headers, as a traced browser does. It sends
    no parent ID: nobody would send the parent's span, and the span of `web` must stay the root, as
    it is for curl. Raises Problem when there is no response. `address` is as in `names`.
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
        raise _away(address) from error
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


def _away(address: str) -> Problem:
    return Problem(
        f"web isn't responding at {address}.", "Is it still starting? Run `workshop status`."
    )


class Load:
    """The load generator: sends requests like `workshop traffic`, in a process of its own."""

    def __init__(self, web: str) -> None:
        self._web = web
        self._process: subprocess.Popen[bytes] | None = None
        self._rate = 0.0
        self._lock = threading.Lock()

    def set_rate(self, settings: Settings, rate: float) -> None:
        """Send `rate` requests per second from now on, or none if it is 0."""
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
        """The current number of requests per second. 0 when the load is off."""
        process = self._process
        return self._rate if process and process.poll() is None else 0.0

    def _stop(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None


def error_rate(settings: Settings) -> Document | None:
    """The share of pairings that fail on purpose (`rate`), and whether it is `fixed` by the shell.

    None if the workshop was generated without faults.
    """
    if not (settings.root / "faults.py").exists():
        return None
    shell = os.environ.get(ERROR_RATE)
    try:
        rate = float(shell or dotenv(settings.root).get(ERROR_RATE) or 0)
        if not 0 <= rate <= 1:  # web says so when it starts
            raise ValueError(rate)
        return {"rate": rate, "fixed": bool(shell)}
    except (ValueError, Problem):
        return {"rate": 0.0, "fixed": bool(shell)}


def set_error_rate(settings: Settings, rate: float) -> None:
    """Write the rate to `.env`. The supervisor then restarts `web` with it."""
    path = settings.root / ".env"
    try:
        if not path.exists():
            path.touch(mode=0o600)
        if rate:
            set_key(path, ERROR_RATE, f"{rate:g}", quote_mode="never")
        elif ERROR_RATE in dotenv(settings.root):
            unset_key(path, ERROR_RATE, quote_mode="never")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            f"The console can't write .env: {error}.", "Check who owns the file."
        ) from error
