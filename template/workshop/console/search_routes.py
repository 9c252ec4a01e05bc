"""The routes that search the traces."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from workshop.console.context import Context
from workshop.traces.query import UnreadableQueryError
from workshop.traces.search import Search, Searchable
from workshop.traces.tree import MOST_DRAWN, weightiest


def add(app: Flask, context: Context) -> None:
    """Add the routes to `app`."""
    store = context.collector.store

    @app.get("/api/traces/<key>/matches")
    def matches(key: str) -> Response:
        """The spans of one trace that match, in the order of the page, as the page calls them."""
        found = store.get(key)
        if found is None:
            raise NotFound("The console doesn't have this trace: it's too new, or too old to keep.")
        try:
            search = Search(request.args.get("q", ""))
        except UnreadableQueryError as error:
            return jsonify(spans=[], problem=str(error))
        drawn = weightiest(found, MOST_DRAWN)
        spans = found.spans()
        numbers = search.inside(Searchable(found)).numbers
        keys = [spans[number].key for number in numbers if id(spans[number]) in drawn]
        return jsonify(spans=keys, problem="")
