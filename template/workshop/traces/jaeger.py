"""A trace as Jaeger's JSON, which the upload on Jaeger's search page reads.

The format is that of Jaeger's own query API (github.com/jaegertracing/jaeger, model/json/model.go,
which its UI describes in packages/jaeger-ui/src/types/trace.ts): times are in microseconds, and
each span refers to a process, which has the name of the service.
"""

from __future__ import annotations

from typing import Any

from workshop.traces.otlp import OF_PROCESS, parent_id
from workshop.traces.span import Span
from workshop.traces.tree import Trace
from workshop.traces.typed_tags import Value, kind, links, typed_tags

SAMPLED = 1


def jaeger(trace: Trace) -> dict[str, Any]:
    """The trace as the answer to a query: one process for each service."""
    processes: dict[str, tuple[str, dict[str, Value]]] = {}
    spans = []
    for span, parent in trace.with_parents():
        tags = typed_tags(span)
        number = f"p{len(processes) + 1}"
        process_id, of_process = processes.setdefault(span.service, (number, {}))
        for name in OF_PROCESS:
            if name in tags:
                of_process.setdefault(name, tags[name])
        spans.append(_span(trace, span, parent, process_id, tags))
    return {
        "data": [
            {
                "traceID": trace.hex_id,
                "spans": spans,
                "processes": {
                    process_id: {"serviceName": service, "tags": _tags(of_process)}
                    for service, (process_id, of_process) in processes.items()
                },
                "warnings": None,
            }
        ],
        "total": 1,
        "limit": 0,
        "offset": 0,
        "errors": None,
    }


def _span(
    trace: Trace, span: Span, parent: Span | None, process_id: str, tags: dict[str, Value]
) -> dict[str, Any]:
    references = [("FOLLOWS_FROM", *link) for link in links(span)]
    if above := parent_id(span, parent):
        references.insert(0, ("CHILD_OF", trace.id, above))
    start = span.start // 1000
    named: dict[str, Value] = {"resource.name": span.resource, "span.kind": kind(span)}
    if span.error:
        named["error"] = True
    return {
        "traceID": trace.hex_id,
        "spanID": f"{span.id:016x}",
        "flags": SAMPLED,
        "operationName": span.name,
        "references": [
            {"refType": kind_of_it, "traceID": f"{trace_id:032x}", "spanID": f"{span_id:016x}"}
            for kind_of_it, trace_id, span_id in references
        ],
        "startTime": start,
        "duration": span.end // 1000 - start,
        "tags": _tags(tags | named),
        "logs": [],
        "processID": process_id,
        "warnings": None,
    }


def _tags(tags: dict[str, Value]) -> list[dict[str, Any]]:
    return [{"key": name, "type": _type(value), "value": value} for name, value in tags.items()]


def _type(value: Value) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    return "float64" if isinstance(value, float) else "string"
