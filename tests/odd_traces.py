"""Traces that real clients send, and some that only somebody who means harm does.

The shapes are those of the fixtures that tracing systems test themselves with: skewed clocks, work
that goes on after its parent, queues, links, missing parents, ids used twice.
"""

import time
from typing import Any

RawSpan = dict[str, Any]

MILLISECOND = 1_000_000
YEAR = 31_557_600 * 10**9


def span(number: int, parent: int, name: str = "work", **fields: Any) -> RawSpan:
    """A span as a client sends it; `begin` and `took` are in milliseconds."""
    begin, took = fields.pop("begin", 0.0), fields.pop("took", 10.0)
    return {
        "trace_id": 1,
        "span_id": number,
        "parent_id": parent,
        "name": name,
        "service": "shop",
        "resource": name,
        "start": NOW + round(begin * MILLISECOND),
        "duration": round(took * MILLISECOND),
        "error": 0,
        "meta": {},
        "metrics": {},
        **fields,
    }


NOW = time.time_ns()


def root(**fields: Any) -> RawSpan:
    """The request that the others are part of."""
    name = fields.pop("name", "http.request")
    return span(1, 0, name, **{"resource": "GET /odd", "took": 100.0, **fields})


def shapes() -> dict[str, list[RawSpan]]:
    """One trace for each shape, with a trace id of its own."""
    found = {
        "child-begins-first": [root(), span(2, 1, begin=-40, took=20)],
        "child-longer-than-parent": [root(), span(2, 1, took=900)],
        "child-after-parents-end": [root(took=10), span(2, 1, "send", begin=500, service="mail")],
        "queue-with-a-gap": [
            root(took=5),
            span(2, 1, "kafka.produce", service="orders", took=1),
            span(3, 2, "kafka.consume", service="billing", begin=60_000, took=30),
        ],
        "links": [root(), span(2, 1, span_links=[{"trace_id": 9, "span_id": 9}])],
        "two-roots": [root(), span(2, 0, "cron", begin=30, service="jobs"), span(3, 2, begin=31)],
        "orphan-before-the-root": [span(2, 77, "orphan", begin=-5, error=1), root()],
        "orphans-only": [span(2, 77, "a"), span(3, 78, "b"), span(4, 3, "c")],
        "circle": [span(5, 6, "a"), span(6, 5, "b")],
        "circle-beside-a-root": [root(), span(5, 6, "a"), span(6, 5, "b"), span(7, 5, "below")],
        "own-parent": [span(5, 5, "ouroboros")],
        "twins": [root(), span(2, 1, "one"), span(2, 1, "two", begin=20), span(3, 2, "below")],
        "root-twice": [root(), root(parent_id=1, name="again")],
        "id-zero": [span(0, 0, "nobody"), span(3, 0, "root")],
        "1970": [root(), span(2, 1, "old", start=1_000, duration=5)],
        "start-zero": [root(), span(2, 1, "unset", start=0)],
        "negative": [root(), span(2, 1, "back", duration=-5), span(3, 1, "before", start=-5)],
        "292-years": [root(), span(2, 1, "eternal", duration=2**63 - 1)],
        "no-duration": [root(duration=0)],
        "not-kept": [root(metrics={"_sampling_priority_v1": -1})],
        "no-resource": [{k: v for k, v in root().items() if k not in ("resource", "service")}],
        "nulls": [{**root(), "resource": None, "service": None, "type": None, "parent_id": None}],
        "failing-query": [
            span(2, 0, "postgres.query", resource="SELECT 1", error=1, service="db")
            | {"meta": {"error.type": "OperationalError", "error.message": "no such table"}}
        ],
        "failing-framework": [span(2, 0, "flask.render", error=1), span(3, 2, "sqlite.query")],
        "escapes": [
            root(
                name="\x1b[2J\x1b]0;owned\x07clear",
                resource="GET /<b>bold</b>\u202egpj.exe\x00",
                service="li\nne",
                meta={"\x1b[31m": "\u2066<img src=x onerror=alert(1)>\ud7ff"},
            )
        ],
        "long": [
            root(resource="GET /" + "x" * 100_000, meta={"big": "y" * 1_000_000}),
            span(2, 1, "n" * 5_000, service="s" * 5_000),
        ],
        "bad-address": [root(meta={"http.url": "http://[", "http.status_code": "abc"})],
        "halves": [
            root(meta={"_dd.p.tid": "6b0526c100000000"}),
            span(2, 1, "mine"),
            span(3, 0, "other", meta={"_dd.p.tid": "6b0526c200000000"}),
            span(4, 3, "theirs"),
            span(5, 6, "a"),
            span(6, 5, "b"),
        ],
        "ten-services": [
            root(service="service-0"),
            *(span(n, 1, f"call-{n}", service=f"service-{n}", begin=n) for n in range(2, 12)),
        ],
        "deep": [root(), *(span(n, n - 1, f"level-{n}", begin=n / 100) for n in range(2, 2201))],
        "wide": [root(took=9000), *(span(n, 1, "row", begin=n, took=1) for n in range(2, 1501))],
        "large": [
            root(took=10_000),
            *(span(n, 1 + n // 10, f"step-{n % 7}", begin=n, took=1) for n in range(2, 6_001)),
            span(6_001, 600, "the.failing.one", begin=6_001, took=0.1, error=1, service="db"),
        ],
        "many-notes": [
            root(took=60_000),
            *(span(n, 1, f"batch-{n}", begin=n * 10, took=9) for n in range(2, 44)),
            *(
                span(1000 * n + m, n, f"q-{n}", resource="", begin=n * 10 + m, took=0.001)
                for n in range(2, 44)
                for m in range(4)
            ),
        ],
    }
    for number, spans in enumerate(found.values(), 1):
        for one in spans:
            one["trace_id"] = 1000 + number
    return found


UNREADABLE: list[Any] = [
    {**root(), "name": None},
    {k: v for k, v in root().items() if k != "name"},
    {k: v for k, v in root().items() if k != "span_id"},
    {**root(), "span_id": "abc"},
    {**root(), "trace_id": None},
    {**root(), "meta": {"a": 1, "b": [1, {"c": None}]}},
    {**root(), "meta": None, "metrics": {"x": "y"}},
    {**root(), "start": [[[[[[[[[[1]]]]]]]]]]},
    {**root(), "name": b"\xff\xfe"},
    "no span at all",
    [],
]
"""Spans that break the agent's protocol, which it refuses."""
