"""Spans as the agent has them, made up."""

import time
from typing import Any

RawSpan = dict[str, Any]

MILLISECOND = 1_000_000
UPPER = "6b0531a700000000"


def span(number: int, parent: int, name: str, **fields: Any) -> RawSpan:
    """One span; `begin` and `took` are in milliseconds, `begin` since the epoch."""
    begin, took = fields.pop("begin", 0.0), fields.pop("took", 1.0)
    return {
        "trace_id": 1,
        "span_id": number,
        "parent_id": parent,
        "name": name,
        "service": "matchmaker",
        "resource": name,
        "start": round(begin * MILLISECOND),
        "duration": round(took * MILLISECOND),
        "error": 0,
        "meta": {},
        "metrics": {},
        "type": "",
        **fields,
    }


def pairing(
    number: int, *, tastings: int = 4, error: str = "", begin: float = 0.0, beer: str = "ipa"
) -> list[RawSpan]:
    """The spans of one pairing, all of one process, as the tracer names and nests them."""
    begin = begin or time.time() * 1000
    first = number * 1000
    took = 10 + 50.0 * tastings
    root = span(
        first,
        0,
        "flask.request",
        resource="GET /pair/beer",
        begin=begin,
        took=took,
        error=int(bool(error)),
        meta={
            "_dd.p.tid": UPPER,
            "http.status_code": "500" if error else "200",
            "http.url": f"http://127.0.0.1:5000/pair/beer?name={beer}",
            "version": "step-8",
            "beer": beer,
            **failure(error),
        },
    )
    spans = [
        root,
        span(first + 1, first, "flask.dispatch_request", begin=begin + 1, took=took - 2),
        span(first + 2, first + 1, "__main__.pair", begin=begin + 2, took=took - 4),
        span(
            first + 3,
            first + 2,
            "sqlite.query",
            service="sqlite",
            resource="SELECT beer.name \nFROM beer",
            begin=begin + 3,
        ),
    ]
    for tasting in range(tastings):
        start = begin + 5 + 50 * tasting
        above = first + 10 + 2 * tasting
        url = "http://127.0.0.1:5001/taste"
        spans += [
            span(
                above,
                first + 2,
                "requests.request",
                service="requests",
                resource="GET /taste",
                begin=start,
                took=49,
            ),
            span(
                above + 1,
                above,
                "flask.request",
                service="taster",
                resource="GET /taste",
                begin=start + 1,
                took=47,
                meta={"http.url": url},
            ),
        ]
    if error:
        spans[2] |= {"error": 1, "meta": failure(error)}
    for one in spans:
        one["trace_id"] = number
    return spans


def large(spans: int) -> list[RawSpan]:
    """One trace of that many spans, as a tree with four branches at each."""
    begin = time.time() * 1000
    found = [span(1, 0, "flask.request", resource="GET /large", begin=begin, took=2.0 * spans)]
    for number in range(2, spans + 1):
        took = 2.0 * spans - number
        found.append(span(number, (number + 2) // 4, "work", begin=begin + number, took=took))
    for one in found:
        one |= {"trace_id": 999_999, "meta": {"_dd.p.tid": UPPER}}
    return found


def failure(message: str) -> dict[str, str]:
    """The tags of an error."""
    if not message:
        return {}
    return {
        "error.type": "builtins.ValueError",
        "error.message": message,
        "error.stack": f'Traceback:\n  File "app.py", line 1, in pair\nValueError: {message}',
    }


def key(number: int) -> str:
    """How the console calls the pairing of that number."""
    return f"{UPPER}{number:016x}"
