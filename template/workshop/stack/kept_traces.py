"""The traces that this stack's agent keeps: the latest, one by its ID, or each as it comes in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from workshop.problem import Problem
from workshop.settings import Settings, tracing_step
from workshop.stack import running
from workshop.stack.told_agent import agent_elsewhere
from workshop.traces import agent
from workshop.traces.remarks import left_out
from workshop.traces.search import Search
from workshop.traces.searchable import Vocabulary
from workshop.traces.tree import Reading, Trace, is_of_interest, read, traces

POLL_SECONDS = 0.5


def spans(settings: Settings) -> list[list[dict[str, Any]]]:
    """Everything that the test agent keeps, in the form of `agent.spans`.

    Raises Problem if no test agent runs, or if the traces of this stack go elsewhere.
    """
    try:
        return agent.spans(settings.url("agent"), _place(settings))
    except Problem as problem:
        found = running.find(settings)
        if found and found.in_docker and settings.backend == "datadog":
            raise Problem(
                f"Traces go straight to Datadog: {settings.app_url}",
                "To see them here too: `workshop down`, then `workshop up --docker`.",
            ) from problem
        raise


def _place(settings: Settings) -> str:
    """Where people find the test agent. With Datadog's Agent, its service has another name."""
    is_view = "forward" in settings.urls
    return settings.address("agent") + (" (the service `view`)" if is_view else "")


def reading(settings: Settings) -> Reading:
    """The test agent's traces, and remarks about the unreadable ones. Raises Problem as `spans`."""
    return read(spans(settings))


def latest(
    settings: Settings,
    limit: int,
    everything: bool,
    kept: Reading | None = None,
    search: Search | None = None,
) -> list[Trace]:
    """The `limit` latest traces, the newest last. With `everything`, includes health checks.

    Looks in `kept` if given, and otherwise asks the agent. With `search`, only returns traces that
    match. If there are no traces, raises Problem with the likely reason.
    """
    kept = kept or reading(settings)
    found = _wanted(kept.traces, everything)
    if not found:
        why = left_out(kept.left_out) or _why_none(settings)
        raise Problem("There are no traces yet.", why)
    return (_matching(found, search) if search else found)[-limit:]


def _matching(found: list[Trace], search: Search) -> list[Trace]:
    vocabulary = Vocabulary()
    matching = [trace for trace in found if search.find(vocabulary.add(trace)) is not None]
    if not matching:
        none = "The only trace doesn't match" if len(found) == 1 else "None of the traces match"
        hint = search.hint(vocabulary.tags()) or "Remove a term, or send different requests."
        raise Problem(f"{none} `{search.text}`.", hint)
    return matching


def by_id(settings: Settings, wanted: str, kept: Reading | None = None) -> Trace:
    """The trace with the ID `wanted`: 32 hexadecimal digits, their beginning or end, or decimal.

    IDs from the same second begin alike, so the end is the better short form. A decimal ID may be
    the whole ID or its lower 64 bits. Raises Problem if no trace matches, or several do.
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
            f"{len(matches)} traces begin or end with {wanted}.", f"Type more digits:\n{ids}"
        )
    raise Problem(
        f"There is no trace {wanted}.",
        f"The agent keeps only the latest ones: at least {agent.KEPT} pieces of traces, each from "
        "one service. When it restarts, it forgets all of them."
        if found
        else _why_none(settings),
    )


def follow(settings: Settings, everything: bool, search: Search | None = None) -> Iterator[Trace]:
    """Yield each new trace when all its spans have come in, and again if more come in later.

    With `search`, only yields traces that match.
    """
    shown = {trace.id: len(trace.spans()) for trace in traces(spans(settings))}
    sizes: dict[int, int] = {}
    while True:
        time.sleep(POLL_SECONDS)
        for trace in _wanted(traces(spans(settings)), everything):
            size = len(trace.spans())
            if size <= shown.get(trace.id, 0):
                continue
            if sizes.get(trace.id) == size:  # nothing new since the last look
                shown[trace.id] = size
                if search is None or _matches(search.text, trace):
                    yield trace
            sizes[trace.id] = size


def _matches(query: str, trace: Trace) -> bool:
    """Whether a trace matches. Asks a new Search, because one remembers all that it has seen."""
    return Search(query).find(Vocabulary().add(trace)) is not None


def _wanted(found: list[Trace], everything: bool) -> list[Trace]:
    return [trace for trace in found if everything or is_of_interest(trace)]


def _why_none(settings: Settings) -> str:
    if elsewhere := agent_elsewhere(settings):
        return elsewhere
    tracing = tracing_step(settings.root)
    if settings.step <= tracing.number:
        return (
            f"You are at step {settings.step}. The code gets traced in step {tracing.number}: "
            f"{tracing.page}."
        )
    if running.find(settings) is None:
        return "Start the services with `workshop up`, then send some requests: `workshop traffic`."
    return "Send some requests, and look again a second later: `workshop traffic`."
