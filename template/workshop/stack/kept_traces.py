"""The traces that this stack's agent keeps: the latest, one by its id, or each as it comes in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from workshop.problem import Problem
from workshop.settings import Settings, tracing_step
from workshop.stack import running
from workshop.traces import agent
from workshop.traces.remarks import left_out
from workshop.traces.tree import Reading, Trace, is_of_interest, read, traces

POLL_SECONDS = 0.5


def spans(settings: Settings) -> list[list[dict[str, Any]]]:
    """Everything that the test agent keeps, as `agent.spans` has it.

    Raises Problem when there is none, and says so when the traces of this stack go elsewhere.
    """
    try:
        return agent.spans(settings.ports.agent)
    except Problem as problem:
        found = running.find(settings)
        if found and found.in_docker and settings.backend == "datadog":
            raise Problem(
                f"Traces go straight to Datadog: {settings.app_url}",
                "To see them here too: `workshop down`, then `workshop up --docker`.",
            ) from problem
        raise


def reading(settings: Settings) -> Reading:
    """The traces that the test agent keeps, and what cannot be shown. Raises Problem as `spans`."""
    return read(spans(settings))


def latest(
    settings: Settings, limit: int, everything: bool, kept: Reading | None = None
) -> list[Trace]:
    """The `limit` latest traces, the newest last; health checks only with `everything`.

    Of `kept`, or of what the agent keeps now. Raises Problem, with the likely reason, when
    there are none.
    """
    kept = kept or reading(settings)
    found = _wanted(kept.traces, everything)
    if not found:
        why = left_out(kept.left_out) or _why_none(settings)
        raise Problem("There are no traces yet.", why)
    return found[-limit:]


def by_id(settings: Settings, wanted: str, kept: Reading | None = None) -> Trace:
    """The trace whose id is `wanted`: 32 hexadecimal digits, or how they begin or end; or decimal.

    Ids of the same second begin alike, so their ends are the better short form. A decimal id may
    be the whole or its lower 64 bits. Raises Problem when there is none, or more than one.
    """
    found = (kept or reading(settings)).traces
    wanted = wanted.strip().lower().removeprefix("0x")
    matches = [t for t in found if wanted in (t.hex_id, str(t.id), str(t.id % 2**64))]
    if not matches:
        matches = [t for t in found if t.hex_id.startswith(wanted) or t.hex_id.endswith(wanted)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        ids = "\n".join(f"  {trace.hex_id}" for trace in matches[-5:])
        raise Problem(
            f"{len(matches)} traces begin or end with {wanted}.", f"Say more of it:\n{ids}"
        )
    raise Problem(
        f"There is no trace {wanted}.",
        f"The agent keeps the latest ones only: at least {agent.KEPT} pieces of traces, each from "
        "one service. A restart of it forgets all."
        if found
        else _why_none(settings),
    )


def follow(settings: Settings, everything: bool) -> Iterator[Trace]:
    """Each trace from now on, once all its spans are there; again when more of them come in."""
    shown = {trace.id: len(trace.spans()) for trace in traces(spans(settings))}
    sizes: dict[int, int] = {}
    while True:
        time.sleep(POLL_SECONDS)
        for trace in _wanted(traces(spans(settings)), everything):
            size = len(trace.spans())
            if size <= shown.get(trace.id, 0):
                continue
            if sizes.get(trace.id) == size:  # nothing was added since the last look
                shown[trace.id] = size
                yield trace
            sizes[trace.id] = size


def _wanted(found: list[Trace], everything: bool) -> list[Trace]:
    return [trace for trace in found if everything or is_of_interest(trace)]


def _why_none(settings: Settings) -> str:
    tracing = tracing_step(settings.root)
    if settings.step <= tracing.number:
        return (
            f"You are at step {settings.step}; it is in step {tracing.number}, {tracing.page}, "
            "that the code gets traced."
        )
    if running.find(settings) is None:
        return "Start the services with `workshop up`, then send some requests: `workshop traffic`."
    return "Send some requests, and look again a second later: `workshop traffic`."
