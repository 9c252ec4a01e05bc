"""What steps 8 and 9 say about spans of one's own and about threads, tried on the pinned client."""

import os
import subprocess
import sys

import pytest
from ddtrace import constants

pytestmark = pytest.mark.xdist_group("own spans")  # one program sends for all

# Prints the names of the spans of each trace that the client would send, on one line each.
BEGIN = """
import contextvars
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import ddtrace.auto
from ddtrace.trace import TraceFilter, tracer


class Printer(TraceFilter):
    def process_trace(self, trace):
        print(*(span.name for span in trace))


def taste():
    with tracer.trace("taste"):
        pass


def run(thread):
    thread.start()
    thread.join()


tracer.configure(trace_processors=[Printer()])
"""
END = """
sys.stdout.flush()
os._exit(0)  # no agent takes these spans in, for which the tracer would wait
"""
SENT = {
    "with ThreadPoolExecutor() as pool: pool.submit(taste).result()": ["pair taste"],
    "run(Thread(target=taste))": ["taste", "pair"],
    "run(Thread(target=contextvars.copy_context().run, args=(taste,)))": ["pair taste"],
    "tracer.start_span('match').finish()": ["match", "pair"],
    "tracer.wrap('match')(taste)()": ["pair match taste"],
    "tracer.trace('match').finish()": ["pair match"],
    "tracer.trace('match')": [],  # the last one, because it never ends
}


@pytest.fixture(scope="module")
def sent() -> dict[str, list[str]]:
    """What the client sends for each of these, inside a span `pair`."""
    parts = [f"print('--')\nwith tracer.trace('pair'):\n    {code}\n" for code in SENT]
    done = subprocess.run(
        [sys.executable, "-c", "".join([BEGIN, *parts, END])],
        env={**os.environ, "DD_TRACE_AGENT_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [part.strip().splitlines() for part in done.stdout.split("--\n")[1:]]
    return dict(zip(SENT, found, strict=True))


@pytest.mark.parametrize("code", SENT)
def test_what_the_client_sends(sent: dict[str, list[str]], code: str) -> None:
    assert sent[code] == SENT[code]


def test_two_decisions_keep_a_trace_and_two_drop_it() -> None:
    assert (constants.AUTO_REJECT, constants.USER_REJECT) == (0, -1)
    assert (constants.AUTO_KEEP, constants.USER_KEEP) == (1, 2)
