"""A trace as OTLP JSON, which OpenTelemetry's Collector, Jaeger, and Grafana Tempo read.

The format is that of github.com/open-telemetry/opentelemetry-proto (opentelemetry/proto/trace/v1
and docs/specification.md, "JSON Protobuf Encoding"): IDs are hexadecimal, enums are numbers, and
integers of 64 bits are strings.

The name of a span is its operation name, as in the Collector's receiver for Datadog's format
(opentelemetry-collector-contrib, receiver/datadogreceiver). Its resource and type are in the
attributes `resource.name` and `span.type`, which Datadog's Agent reads in OTLP.
"""

from __future__ import annotations

from typing import Any

from workshop.traces.span import CIRCLE, Span
from workshop.traces.tree import Trace
from workshop.traces.typed_tags import KINDS, Value, kind, links, typed_tags

ERROR = 2
"""The status code of a span that failed. Others have no status: nobody set one."""

# Tags of a span that describe its process, by OpenTelemetry's names for them.
OF_PROCESS = {
    "version": "service.version",
    "env": "deployment.environment.name",
    "runtime-id": "service.instance.id",
    "language": "telemetry.sdk.language",
    "process_id": "process.pid",
}


def otlp(trace: Trace) -> dict[str, Any]:
    """The trace as an ExportTraceServiceRequest: one resource for each service."""
    services: dict[str, tuple[dict[str, Value], list[dict[str, Any]]]] = {}
    for span, parent in trace.with_parents():
        process, spans = services.setdefault(span.service, ({"service.name": span.service}, []))
        tags = typed_tags(span)
        for name, known_as in OF_PROCESS.items():
            if name in tags:
                process.setdefault(known_as, tags[name])
        spans.append(_span(trace, span, parent, tags))
    return {
        "resourceSpans": [
            {"resource": {"attributes": _attributes(process)}, "scopeSpans": [{"spans": spans}]}
            for process, spans in services.values()
        ]
    }


def parent_id(span: Span, parent: Span | None) -> int:
    """The ID of the span above, even if that one is missing. 0 if there is none.

    In a circle of spans, the one on top has none: a reader might go around forever.
    """
    if parent:
        return parent.id
    return 0 if CIRCLE in span.odd else span.parent_id


def _span(trace: Trace, span: Span, parent: Span | None, tags: dict[str, Value]) -> dict[str, Any]:
    above = parent_id(span, parent)
    named: dict[str, Value] = {"resource.name": span.resource}
    if span.type:
        named["span.type"] = span.type
    found: dict[str, Any] = {
        "traceId": trace.hex_id,
        "spanId": f"{span.id:016x}",
        **({"parentSpanId": f"{above:016x}"} if above else {}),
        "name": span.name,
        "kind": KINDS.index(kind(span)) + 1,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": _attributes(tags | named),
    }
    if linked := [
        {"traceId": f"{trace_id:032x}", "spanId": f"{span_id:016x}"}
        for trace_id, span_id in links(span)
    ]:
        found["links"] = linked
    if span.error:
        found["status"] = {"code": ERROR, "message": span.error_message}
    return found


def _attributes(tags: dict[str, Value]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in tags.items()]


def _value(value: Value) -> dict[str, Value]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue" if isinstance(value, float) else "stringValue": value}
