"""Datadog's test agent, started so that nothing that it is sent can take it away from everybody.

As it comes, one payload with a span that it cannot read makes it answer 400 to every later question
for traces, and a span that is its own parent keeps it busy for ever: it prints each trace as a tree
even where its log is off. This file starts it without that print, and gives what can be read of a
payload. It stands alone, as the agent's container has nothing else of the workshop.

Written for ddapm-test-agent 1.69.1.
"""

from __future__ import annotations

import json
import math
from typing import Any

import msgpack  # type: ignore[import-untyped]
from ddapm_test_agent import agent  # type: ignore[import-untyped]

DEEPEST = 8
"""Levels of lists and objects in a span; its protocol needs fewer."""

_decode = agent.Agent._traces_from_request


async def _readable(self: Any, request: Any) -> list[list[dict[str, Any]]]:
    """The traces in a request; of one that breaks the protocol, whatever looks like a span."""
    try:
        payload: Any = await _decode(self, request)
    except Exception:  # whoever sent it was told so when it came in
        payload = _loosely(request)
    # It is asked for the same requests again and again: those that are as they should be need one
    # look only.
    if "_workshop_is_plain" not in request:
        request["_workshop_is_plain"] = _is_plain(payload)
    if request["_workshop_is_plain"]:
        return payload  # type: ignore[no-any-return]
    chunks = payload if isinstance(payload, list) else [payload]
    return [_spans(chunk if isinstance(chunk, list) else [chunk]) for chunk in chunks]


def _is_plain(payload: Any) -> bool:
    """Whether every field of every span can be written as JSON, and read again."""
    return isinstance(payload, list) and all(
        isinstance(chunk, list) and all(isinstance(s, dict) and _is_span(s) for s in chunk)
        for chunk in payload
    )


def _is_span(span: dict[Any, Any]) -> bool:
    flat = (span.get("meta") or {}, span.get("metrics") or {})
    return (
        type(span.get("trace_id")) is int
        and all(isinstance(part, dict) for part in flat)
        and all(_is_scalar(value) for part in flat for value in part.values())
        and all(
            isinstance(name, str) and (name in ("meta", "metrics") or _is_scalar(value))
            for name, value in span.items()
        )
    )


def _is_scalar(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int)


def _loosely(request: Any) -> Any:
    data = request["_testagent_data"]
    try:
        if request.content_type == "application/json":
            return json.loads(data)
        payload = msgpack.unpackb(data, strict_map_key=False, unicode_errors="replace")
    except Exception:
        return [[{}]]  # something came in: to be counted
    # The other versions have tables of texts beside the spans, and are nothing without them.
    return payload if "/v0.4/" in request.path else [[{}]]


def _spans(chunk: list[Any]) -> list[dict[str, Any]]:
    spans = [_plain(span) if isinstance(span, dict) else {} for span in chunk]
    # The agent puts spans of one trace id together, so each needs one that can be looked up.
    ids = [span.get("trace_id") for span in spans]
    return [
        {**span, "trace_id": None if isinstance(trace_id, dict | list) else trace_id}
        for span, trace_id in zip(spans, ids, strict=True)
    ]


def _plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value]
    return str(value)


def main() -> None:
    """Start it; its own options are in the arguments and the environment."""
    agent.Agent._traces_from_request = _readable
    agent.pprint_trace = lambda trace, fmt: ""
    agent.main()


if __name__ == "__main__":
    main()
