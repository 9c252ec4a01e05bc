"""The routes that search the traces."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from workshop.console.context import Context
from workshop.console.trace_json import Document
from workshop.traces.offers import offers
from workshop.traces.query import UnreadableQueryError
from workshop.traces.search import Found, Search

LONGEST_TITLE = 120
"""Of a span, in characters."""


def add(app: Flask, context: Context) -> None:
    """Add the routes to `app`."""
    store = context.collector.store

    @app.get("/api/search")
    def search() -> Response:
        """The listed traces that match, among those that changed after `since`.

        `others` are those that don't match, because a trace may match until more of it comes in.
        `number` is the next `since`. If nothing matches, `hint` can say why.
        """
        since = request.args.get("since", 0, type=int)
        number, every = store.searched(since)
        try:
            wanted = Search(request.args.get("q", ""))
        except UnreadableQueryError as error:
            return jsonify(number=number, traces={}, others=[], problem=str(error), hint="")
        found = {key: wanted.find(searchable) for key, searchable in every}
        return jsonify(
            number=number,
            traces={key: _matched(one, wanted) for key, one in found.items() if one},
            others=[key for key, one in found.items() if not one],
            problem="",
            hint="" if since or any(found.values()) else wanted.hint(store.tags()),
        )

    @app.get("/api/search/offers")
    def completions() -> Response:
        """What to offer after `q`, the text before the cursor. It replaces the end `replaced`."""
        found = offers(store.tags(), request.args.get("q", ""))
        return jsonify(replaced=found.replaced, offers=[vars(offer) for offer in found.offers])

    @app.get("/api/traces/<key>/matches")
    def matches(key: str) -> Response:
        """The spans of one trace that match, in the order of the page, as the page calls them."""
        try:
            wanted = Search(request.args.get("q", ""))
        except UnreadableQueryError as error:
            return jsonify(spans=[], problem=str(error))
        searchable = store.searchable(key)
        if searchable is None:
            raise NotFound("The console doesn't have this trace: it's too new, or too old to keep.")
        return jsonify(spans=wanted.inside(searchable).keys, problem="")


def _matched(found: Found, wanted: Search) -> Document:
    """How many spans match, and the first of them. Its title is empty if it's the first of all.

    The framework's own spans count apart, as in the view of a trace, which folds them at first.
    """
    framework = found.searched.framework
    drawn = [number for number in found.numbers if number not in framework]
    numbers = (drawn or found.numbers) if wanted.wants else []
    title = found.searched.title(numbers[0]) if numbers and numbers[0] else ""
    if len(title) > LONGEST_TITLE:
        title = f"{title[: LONGEST_TITLE - 1]}…"
    return {
        "count": len(drawn),
        "framework": len(found.numbers) - len(drawn),
        "span": found.searched.key(numbers[0]) if numbers else "",
        "title": title,
    }
