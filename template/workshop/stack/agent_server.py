"""Starts Datadog's test agent so that no payload can break it for everybody.

Out of the box, one payload with an unreadable span makes it answer 400 to every later request for
traces, and a span that is its own parent keeps it busy forever, because it prints each trace as a
tree even if its log is off. This file starts it without that print, and returns the readable part
of each payload.

With `--agent-url`, the test agent hands on everything that it gets, and answers with an error if
nobody is there to take it. This file hands on only traces, and answers in any case, because the
traces are here. It doesn't hand on what it handed on before: two agents that hand traces on to each
other would do that forever. It imports nothing else of the workshop, because it starts a program of
its own.

Written for ddapm-test-agent 1.69.1.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import sys
from typing import Any

import msgpack  # type: ignore[import-untyped]
from ddapm_test_agent import agent  # type: ignore[import-untyped]

DEEPEST = 8
"""How many levels of lists and objects a span may have. The protocol needs fewer."""

HAND_ON_SECONDS = 1.5
"""How long a client waits for the other agent's answer, which contains its sampling rates.

The tracer waits for two seconds in all, and sends its traces a second time after that.
"""

HANDED_ON = "X-Workshop-Handed-On"
"""A header that names the agents of this kind that a request has already passed."""
SELF = secrets.token_hex(8)

_decode = agent.Agent._traces_from_request
_hand_on = agent.Agent._forward_request_to_agent


async def _readable(self: Any, request: Any) -> list[list[dict[str, Any]]]:
    """The traces in a request. If it breaks the protocol, everything that looks like a span."""
    try:
        payload: Any = await _decode(self, request)
    except Exception:  # the sender got an error when it came in
        payload = _loosely(request)
    # The agent reads the same requests again and again, so check each of them only once.
    if "_workshop_is_plain" not in request:
        request["_workshop_is_plain"] = _is_plain(payload)
    if request["_workshop_is_plain"]:
        return payload  # type: ignore[no-any-return]
    chunks = payload if isinstance(payload, list) else [payload]
    return [_spans(chunk if isinstance(chunk, list) else [chunk]) for chunk in chunks]


async def _hand_on_or_answer(self: Any, request: Any, handler: Any) -> Any:
    """The answer of the other agent to traces or their statistics, or else our own."""
    if request.app["agent_url"] and request.path.endswith(("/traces", "/stats")):
        passed = [name for name in request.headers.get(HANDED_ON, "").split(",") if name]
        if SELF in passed:  # these traces are already here
            print("can't hand traces on: they came back", file=sys.stderr, flush=True)
            self._requests[:] = [one for one in self._requests if one is not request]
            return agent.web.json_response({"rate_by_service": {}})
        request["_headers"] = {**request["_headers"], HANDED_ON: ",".join([*passed, SELF])}
        try:
            return await asyncio.wait_for(_hand_on(self, request, handler), HAND_ON_SECONDS)
        except Exception as error:
            print(f"can't hand traces on: {error}", file=sys.stderr, flush=True)
    return await handler(request)


def _is_plain(payload: Any) -> bool:
    """Whether every field of every span survives being written as JSON and read back."""
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
        return [[{}]]  # count it all the same
    # The other versions keep their texts in tables next to the spans, and mean nothing without.
    return payload if "/v0.4/" in request.path else [[{}]]


def _spans(chunk: list[Any]) -> list[dict[str, Any]]:
    spans = [_plain(span) if isinstance(span, dict) else {} for span in chunk]
    # The agent groups spans by trace ID, so each span needs a hashable one.
    ids = [span.get("trace_id") for span in spans]
    return [
        {**span, "trace_id": None if isinstance(trace_id, dict | list) else trace_id}
        for span, trace_id in zip(spans, ids, strict=True)
    ]


def _plain(value: Any, depth: int = 0) -> Any:
    """A value that JSON can represent."""
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
    """Start the agent. It reads its own options from the arguments and the environment."""
    agent.Agent._traces_from_request = _readable
    agent.Agent._forward_request_to_agent = _hand_on_or_answer
    agent.pprint_trace = lambda trace, fmt: ""
    agent.main()


if __name__ == "__main__":
    main()
