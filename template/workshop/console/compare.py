"""The routes that compare two traces."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from workshop.console.before_after import before_and_after
from workshop.console.context import Context
from workshop.console.trace_json import HANDMADE_SERVICE, MOST_SPANS, Document, summary
from workshop.traces.comparison import NOISE, Figures, Row, compare, sentences
from workshop.traces.critical_path import Operation, operation
from workshop.traces.tree import Trace, fold, weightiest

MOST_ROWS = 100
"""Of each waterfall. The rest counts in the table."""
MOST_OPERATIONS = 200
LONGEST_RESOURCE = 300
"""In characters."""
GUESSED = (
    "At least one of the two is made of lines in timing.log. Its order is a guess, so neither has "
    "a critical path here."
)


def add(app: Flask, context: Context) -> None:
    """Add the routes to `app`."""
    store = context.collector.store

    @app.get("/api/compare")
    def comparison() -> Response:
        keys = request.args.get("a", ""), request.args.get("b", "")
        if not all(keys):
            raise BadRequest("Choose two traces: a and b.")
        listed = [store.listed(key) for key in keys]
        sizes = {
            name: one["spans"]
            for name, one in zip("AB", listed, strict=True)
            if one and one["spans"] > MOST_SPANS
        }
        if sizes:
            which = " and ".join(f"trace {name} has {size:,}" for name, size in sizes.items())
            raise BadRequest(
                f"This page compares traces of up to {MOST_SPANS:,} spans, and {which}. Choose "
                "smaller ones."
            )
        found = [store.get(key) for key in keys]
        before, after = found
        if before is None or after is None:
            which = " and ".join(
                name for name, trace in zip("AB", found, strict=True) if trace is None
            )
            raise NotFound(
                f"The console doesn't have trace {which}: it's too new, or too old to keep. "
                "Choose another one."
                if len(which) == 1
                else f"The console doesn't have traces {which}: they're too new, or too old to "
                "keep. Choose others."
            )
        return jsonify(document(keys, (before, after), everything="framework" in request.args))

    @app.get("/api/before-and-after")
    def pair() -> Response:
        found = before_and_after(store.news(0, 0).summaries, request.args.get("b", ""))
        if found is None:
            raise NotFound(
                "There is nothing to compare yet. Send a request, change your code, wait until web "
                "has restarted, and send the same request again."
            )
        return jsonify(a=found.before, b=found.after, text=found.text)


def document(keys: tuple[str, str], traces: tuple[Trace, Trace], *, everything: bool) -> Document:
    """Two traces side by side. Times are in milliseconds; those of spans count from the start."""
    guessed = any(trace.roots[0].service == HANDMADE_SERVICE for trace in traces)
    folded = fold(traces[0]), fold(traces[1])
    before, after = traces if everything else folded
    rows = compare(before, after, guessed=guessed)
    return {
        "a": _side(keys[0], traces[0], folded[0], before),
        "b": _side(keys[1], traces[1], folded[1], after),
        "operations": [_operation(row) for row in rows[:MOST_OPERATIONS]],
        "more_operations": max(0, len(rows) - MOST_OPERATIONS),
        "texts": [*sentences(before, after, rows), *([GUESSED] if guessed else [])],
        "noise": NOISE,
        "guessed": guessed,
        "framework": sum(len(trace.spans()) for trace in traces)
        - sum(len(trace.spans()) for trace in folded),
    }


def _side(key: str, whole: Trace, folded: Trace, shown: Trace) -> Document:
    start = whole.start
    drawn = weightiest(shown, MOST_ROWS)
    depths: dict[int, int] = {}
    rows = []
    for span, parent in shown.with_parents():
        depths[id(span)] = depths[id(parent)] + 1 if parent else 0
        if id(span) in drawn:
            rows.append(
                {
                    "id": span.key,
                    "name": span.name,
                    "service": span.service,
                    "resource": _short(span.resource),
                    "start": (span.start - start) / 1e6,
                    "duration": span.duration / 1e6,
                    "depth": depths[id(span)],
                    "error": span.error,
                    "op": _key(operation(span)),
                }
            )
    told = summary(key, whole, folded)
    names = ("resource", "duration", "root_start", "version", "error", "handmade")
    return {
        "id": key,
        **{name: told[name] for name in names},
        "rows": rows,
        "spans": len(whole.spans()),
        "shown": len(depths),
    }


def _operation(row: Row) -> Document:
    service, name, resource = row.operation
    return {
        "op": _key(row.operation),
        "service": service,
        "name": name,
        "resource": _short(resource),
        "verdict": row.verdict,
        "a": _figures(row.before),
        "b": _figures(row.after),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "count": figures.count,
        "total": figures.total / 1e6,
        "self": figures.own / 1e6,
        "critical": figures.critical / 1e6,
    }


def _key(what: Operation) -> str:
    """A short name for an operation, to refer to it in an address."""
    return hashlib.sha256("\0".join(what).encode(errors="replace")).hexdigest()[:10]


def _short(resource: str) -> str:
    text = " ".join(resource.split())
    return text if len(text) <= LONGEST_RESOURCE else f"{text[: LONGEST_RESOURCE - 1]}…"
