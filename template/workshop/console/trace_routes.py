"""The routes about single traces."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import NotFound

from workshop.console import logs
from workshop.console.context import Context
from workshop.console.trace_json import (
    LARGEST_DOCUMENT,
    MOST_SPANS,
    least_size,
    summary,
    too_large,
    whole,
)


def add(app: Flask, context: Context) -> None:
    """Add the routes to `app`."""
    store = context.collector.store

    @app.get("/api/traces/<key>")
    def trace(key: str) -> Response:
        shown = store.listed(key)
        if shown and shown["spans"] > MOST_SPANS:
            return jsonify(too_large(shown))
        found = store.get(key)
        if found is None:
            raise NotFound("The console doesn't have this trace: it's too new, or too old to keep.")
        if least_size(found) > LARGEST_DOCUMENT:
            return jsonify(too_large(summary(shown["id"] if shown else found.hex_id, found)))
        document = whole(key, found)
        if document["handmade"]:
            request_id = found.roots[0].meta.get("req", "")
            document["logs"] = (
                logs.lines_with(request_id, context.settings.run_dir) if request_id else []
            )
        else:
            document["id"] = found.hex_id
            document["logs"] = logs.lines_of(found, context.settings.run_dir)
            document["crowded"] = store.is_crowded(found.hex_id)
            if pages := context.collector.datadog():
                document["datadog"] = f"{pages}/apm/trace/{found.hex_id}"
        response = jsonify(document)
        if len(response.data) > LARGEST_DOCUMENT:
            return jsonify(too_large(summary(document["id"], found)))
        return response
