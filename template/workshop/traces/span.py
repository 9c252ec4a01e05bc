"""Makes a valid span from whatever an agent returns, so that other code can rely on it.

Anyone can send the agent anything, and a trainee's own instrumentation does. So this replaces
unusable fields, and records that in `odd`. It rejects a span without a usable ID, because nothing
can refer to it. It uses only the standard library, because `web` and `taster` import it too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

RawSpan = dict[str, Any]

SAMPLING = "_sampling_priority_v1"
"""The tag with the decision about a trace: 1 or 2 keeps it, 0 or -1 drops it."""

# The defaults of Datadog's Agent (datadog-agent, pkg/trace/traceutil/normalize).
NO_NAME = "unnamed_operation"
NO_SERVICE = "unnamed-service"

# Cut longer texts, as Datadog's Agent does (datadog-agent, pkg/trace/agent/truncator.go, and
# normalize.go for names). The limits of a resource and a tag are the Agent's.
LONGEST_NAME = 100
LONGEST_RESOURCE = 5_000
LONGEST_KEY = 200
LONGEST_TAG = 25_000
MOST_TAGS = 250

MOST_ID = 2**64 - 1
LATEST = 2**63 - 1
"""In nanoseconds, the latest start and the longest duration in the protocol: 292 years each."""

# What can be wrong with a span that we show all the same.
NO_START = "no start"
NO_DURATION = "no duration"
NO_PARENT_ID = "no parent id"
CUT = "cut"
CIRCLE = "circle"

# Escape sequences would control the terminal, direction marks would reorder the text around them,
# and half a surrogate pair can't be encoded. Line breaks and tabs are part of a text.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


class UnreadableSpanError(ValueError):
    """A span that can't be shown. The text says what it lacks."""


@dataclass
class Span:
    """One operation. Times are in nanoseconds, and `start` counts from the epoch."""

    id: int
    parent_id: int
    """0 if it has no parent."""
    name: str
    service: str
    resource: str
    start: int
    duration: int
    error: bool
    meta: dict[str, str]
    type: str = ""
    """The kind of work, such as `web`, `sql`, or `redis`."""
    children: list[Span] = field(default_factory=list)
    twin: int = 1
    """Its number among the spans with the same ID in a trace."""
    odd: frozenset[str] = frozenset()
    """What is wrong with it, such as NO_START."""
    raw: RawSpan = field(default_factory=dict, repr=False, compare=False)
    """What it was made from, for what the other fields leave out. Empty if it was made by hand."""

    @property
    def key(self) -> str:
        """The ID as text. It is unique in a trace, even if IDs repeat."""
        return str(self.id) if self.twin == 1 else f"{self.id}.{self.twin}"

    @property
    def end(self) -> int:
        """When it finished, in nanoseconds since the epoch."""
        return self.start + self.duration

    @property
    def error_message(self) -> str:
        """The error, such as `ValueError: …`. Empty if the span doesn't contain one."""
        kind = self.meta.get("error.type", "").rpartition(".")[2]
        message = self.meta.get("error.message", "")
        return ": ".join(part for part in (kind, message) if part)

    def walk(self) -> Iterator[Span]:
        """Yield this span and all spans below it, parents first."""
        waiting = [self]  # no recursion, because a trace may be deeper than Python's stack
        while waiting:
            span = waiting.pop()
            yield span
            waiting += reversed(span.children)


def read_span(raw: object) -> Span:
    """Make a span from the agent's data. Raises UnreadableSpanError."""
    if not isinstance(raw, dict):
        raise UnreadableSpanError("without fields")
    span_id = whole_number(raw.get("span_id"))
    if span_id is None:
        raise UnreadableSpanError("without a usable span id")
    odd = set()
    parent_id = whole_number(raw.get("parent_id") or 0)
    if parent_id is None:
        odd.add(NO_PARENT_ID)
    start, duration = _nanoseconds(raw.get("start")), _nanoseconds(raw.get("duration"))
    odd |= {NO_START} if start is None else set()
    odd |= {NO_DURATION} if duration is None else set()
    name = _line(raw.get("name"), LONGEST_NAME)
    resource = _text(raw.get("resource"), LONGEST_RESOURCE).strip()
    meta = _tags(raw.get("meta"), raw.get("metrics"))
    if any(_is_cut(text) for text in (name, resource, *meta.values())):
        odd.add(CUT)
    return Span(
        id=span_id & MOST_ID,
        parent_id=(parent_id or 0) & MOST_ID,
        name=name or NO_NAME,
        service=_line(raw.get("service"), LONGEST_NAME) or NO_SERVICE,
        resource=resource or name or NO_NAME,
        start=start or 0,
        duration=duration or 0,
        error=bool(whole_number(raw.get("error"))) or raw.get("error") is True,
        meta=meta,
        type=_line(raw.get("type"), LONGEST_NAME),
        odd=frozenset(odd),
        raw=raw,
    )


def lower_half(raw: object) -> int | None:
    """The lower 64 bits of the trace ID in a span. None without one."""
    trace_id = whole_number(raw.get("trace_id")) if isinstance(raw, dict) else None
    return None if trace_id is None else trace_id & MOST_ID


def upper_half(raw: RawSpan) -> int | None:
    """The upper 64 bits, which only the first span in each process's chunk contains."""
    if (trace_id := whole_number(raw.get("trace_id")) or 0) > MOST_ID:
        return (trace_id >> 64) & MOST_ID
    meta = raw.get("meta")
    tag = meta.get("_dd.p.tid") if isinstance(meta, dict) else None
    is_half = isinstance(tag, str) and re.fullmatch(r"[0-9a-fA-F]{1,16}", tag)
    return int(str(tag), 16) if is_half else None


def whole_number(value: object) -> int | None:
    """A whole number, even if it came as text or as a float. None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,39}", value):  # 128 bits
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def numeric_tags(metrics: Mapping[str, object]) -> dict[str, str]:
    """The tags with numeric values, which a span stores separately.

    Of the tracer's own, only the one that says whether sampling keeps the trace.
    """
    return {
        name: _figure(value)
        for name, value in metrics.items()
        if name == SAMPLING or not (name.startswith("_") or name == "process_id")
    }


def _figure(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return f"{value:.15g}"
        except OverflowError:
            pass
    return _text(value, LONGEST_TAG)


def _nanoseconds(value: object) -> int | None:
    number = whole_number(value)
    if number is None and isinstance(value, float) and math.isfinite(value):
        number = round(value)
    return number if number is not None and 0 <= number <= LATEST else None


def _tags(meta: object, metrics: object) -> dict[str, str]:
    every: dict[str, str] = {}
    if isinstance(meta, dict):
        every |= {str(name): value for name, value in meta.items()}
    if isinstance(metrics, dict):
        every |= numeric_tags({str(name): value for name, value in metrics.items()})
    kept = list(every.items())[:MOST_TAGS]
    return {_line(name, LONGEST_KEY): _text(value, LONGEST_TAG) for name, value in kept}


def _line(value: object, longest: int) -> str:
    return " ".join(_text(value, longest).split())


def _text(value: object, longest: int) -> str:
    """A value as text that is safe to show anywhere. Invisible characters become escapes."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = _as_json(value)
    length = len(value)
    value = value[:longest].replace("\r\n", "\n")
    shown = _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", value)
    return shown if length <= longest else f"{shown} … ({length:,} characters)"


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):  # an endless integer, or nested too deeply
        return f"({type(value).__name__})"


def _is_cut(text: str) -> bool:
    return text.endswith(" characters)") and " … (" in text
