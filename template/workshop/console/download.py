"""Hands out a whole trace as a file, in the formats that other tools open."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from workshop.console.context import Context
from workshop.console.trace_json import HANDMADE_LINE, HANDMADE_SERVICE
from workshop.traces.jaeger import jaeger
from workshop.traces.otlp import otlp
from workshop.traces.span import MOST_ID, RawSpan, upper_half, whole_number
from workshop.traces.tree import Trace

FORMATS: dict[str, Callable[[Trace], dict[str, Any]]] = {"otlp": otlp, "jaeger": jaeger}


def add(app: Flask, context: Context) -> None:
    """Add the route to `app`."""
    store = context.collector.store

    @app.get("/api/traces/<key>/download")
    def download(key: str) -> Response:
        wanted = request.args.get("as", "agent")
        trace = store.get(key)
        if trace is None:
            raise NotFound("The console doesn't have this trace: it's too new, or too old to keep.")
        if trace.roots[0].service == HANDMADE_SERVICE:
            if wanted != "lines":
                raise NotFound(
                    "This isn't a real trace: it's made of lines in timing.log, and its order is a "
                    "guess. Only the lines can be downloaded: as=lines."
                )
            return _file(_lines(trace), f"{key}.log", "text/plain")
        if wanted == "agent":
            texts = own_texts(trace, store.texts(trace.hex_id))
            content = f"[[{','.join(_valid(text) for text in texts)}]]"
        elif wanted in FORMATS:
            content = json.dumps(FORMATS[wanted](trace), separators=(",", ":"))
        else:
            raise BadRequest("Ask for one of these formats: as=agent, as=otlp, or as=jaeger.")
        return _file(content, f"trace-{trace.hex_id}.{wanted}.json", "application/json")


def own_texts(trace: Trace, texts: list[str]) -> list[str]:
    """The spans of one trace, among all those with the same lower half of the trace ID.

    If that's only one trace, includes what it leaves out.
    """
    upper = trace.id >> 64
    raws = [json.loads(text) for text in texts]
    if all(upper_half(raw) in (None, upper) for raw in raws):
        return texts
    ids = {span.id for span in trace.spans()}

    def is_own(raw: RawSpan) -> bool:
        span_id = whole_number(raw.get("span_id")) or 0
        return upper_half(raw) in (None, upper) and span_id & MOST_ID in ids

    return [text for text, raw in zip(texts, raws, strict=True) if is_own(raw)]


def _file(content: str, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _lines(trace: Trace) -> str:
    """The lines of a hand-timed request, in their order in timing.log."""
    spans = sorted(trace.spans(), key=lambda span: span.id)
    return "".join(f"{span.meta.get(HANDMADE_LINE, '')}\n" for span in spans)


def _valid(text: str) -> str:
    """A span's JSON as the standard allows it, which has no NaN and no Infinity."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=str), sort_keys=True)
