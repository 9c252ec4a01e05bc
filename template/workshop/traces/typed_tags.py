"""What formats of other tools need of a span, and what its agent keeps in other forms."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from workshop.traces.span import LONGEST_KEY, MOST_ID, Span, whole_number

Value = str | int | float | bool

KINDS = ("internal", "server", "client", "producer", "consumer")
"""The values of the tag span.kind. They are OpenTelemetry's, too."""
SERVER_TYPES = {"web"}
CLIENT_TYPES = {"http", "sql", "redis", "cache", "db", "mongodb", "memcached", "elasticsearch"}
MOST_INT = 2**63 - 1


def typed_tags(span: Span) -> dict[str, Value]:
    """The tags of a span. Numbers stay numbers: whole ones as `int`, and others as `float`.

    Includes the tracer's own numbers, which no page shows.
    """
    tags: dict[str, Value] = dict(span.meta)
    metrics = span.raw.get("metrics")
    for name, value in metrics.items() if isinstance(metrics, dict) else ():
        number = _number(value)
        if number is not None and name.isprintable() and len(name) <= LONGEST_KEY:
            tags[name] = number
    return tags


def kind(span: Span) -> str:
    """One of KINDS: what the tag says, or else what the span's type suggests."""
    said = span.meta.get("span.kind", "").lower()
    if said in KINDS:
        return said
    if span.type in SERVER_TYPES:
        return "server"
    return "client" if span.type in CLIENT_TYPES else "internal"


def links(span: Span) -> Iterator[tuple[int, int]]:
    """The spans that a span links to: their trace IDs, with all 128 bits, and their own IDs.

    A tracer sends links in a field, or as JSON in a tag. Unusable links are left out.
    """
    found: Any = span.raw.get("span_links")
    if not found:
        with suppress(ValueError, RecursionError):
            found = json.loads(span.meta.get("_dd.span_links", "[]"))
    for link in found if isinstance(found, list) else []:
        if not isinstance(link, dict):
            continue
        in_json = isinstance(link.get("trace_id"), str) and len(link["trace_id"]) == 32
        trace_id = _hexadecimal(link["trace_id"]) if in_json else whole_number(link.get("trace_id"))
        span_id = (
            _hexadecimal(link.get("span_id")) if in_json else whole_number(link.get("span_id"))
        )
        upper = whole_number(link.get("trace_id_high")) or 0
        if trace_id is not None and span_id is not None:
            yield (trace_id | upper << 64) & (2**128 - 1), span_id & MOST_ID


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        return None
    whole = whole_number(value)
    return whole if whole is not None and abs(whole) <= MOST_INT else float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False


def _hexadecimal(text: object) -> int | None:
    with suppress(ValueError):
        return int(str(text), 16)
    return None
