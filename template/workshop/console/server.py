"""The routes of the console: the page, its data, and its actions."""

from __future__ import annotations

import contextlib
import json
import math
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request, send_from_directory
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from workshop import outside
from workshop.console import (
    actions,
    compare,
    download,
    finish_routes,
    map_routes,
    search_routes,
    steps,
    trace_routes,
)
from workshop.console.context import Context
from workshop.console.guard import protect
from workshop.console.login import PING, require_token
from workshop.console.proxied import WithoutPrefix, add_slash, root
from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.record import pace
from workshop.settings import Settings, load, timing_step, tracing_step

BEAT_SECONDS = 10.0
"""How often an idle stream sends a sign of life, so that the server notices a closed one."""
SHORTEST_SECONDS, LONGEST_SECONDS = 10.0, 3600.0
LARGEST_BODY = 10_000
"""Of a request body, in bytes."""


def create_app(context: Context) -> Flask:
    """The console as a Flask application."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.jinja_env.filters["said"] = said
    app.jinja_env.globals["root"] = root
    settings = context.settings
    port, origin = settings.ports.console, settings.address("console")
    protect(app, port, origin=origin, any_local_port=settings.any_local_port)
    if (public := outside.address(origin)) and public.prefix:
        app.wsgi_app = WithoutPrefix(app.wsgi_app, public.prefix)  # type: ignore[method-assign]
        app.before_request(add_slash)
    if context.token:
        require_token(app, port, context.token, origin=origin)
    app.before_request(_read_body)
    app.before_request(partial(_note, context))
    _pages(app, context)
    _data(app, context)
    trace_routes.add(app, context)
    search_routes.add(app, context)
    download.add(app, context)
    compare.add(app, context)
    map_routes.add(app, context)
    _actions(app, context)
    _code(app, context)

    @app.errorhandler(Problem)
    def problem(error: Problem) -> tuple[Response, int]:
        return jsonify(error=said(error.what), remedy=said(error.remedy)), 409

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response | str, int]:
        code = error.code or 500
        if "text/html" in request.headers.get("Accept", "") and request.method == "GET":
            told = "There is no such page." if code == NotFound.code else error.description
            what, _, remedy = said(told or "").partition("\n")
            return render_template("refused.html", what=what, remedy=remedy, port=port), code
        return jsonify(error=(error.description or "").replace("\n", " ")), code

    return app


def _pages(app: Flask, context: Context) -> None:
    @app.get("/")
    @app.get("/<any(traces, compare, latency, map, steps, try):view>")
    @app.get("/<any(traces, steps):view>/<key>")
    def page(**_: str) -> str:
        settings = context.settings
        return render_template(
            "console.html",
            settings=settings,
            timing_step=timing_step(settings.root).number,
            tracing_step=tracing_step(settings.root).number,
        )

    @app.get(PING)
    def ping() -> Response:
        return jsonify(status="ok")

    @app.get("/steps/<any('cost.svg', 'pairing.svg'):name>")
    def picture(name: str) -> Response:
        """A picture that the last `workshop cost` drew, for the page that shows it."""
        return send_from_directory(context.settings.root / "steps", name)


def _data(app: Flask, context: Context) -> None:
    store, latency = context.collector.store, context.collector.latency

    @app.get("/api/events")
    def events() -> Response:
        def stream() -> Iterator[str]:
            seen = 0
            event = "begin"
            while True:
                news = store.news(seen, BEAT_SECONDS)
                if news.number == seen and event != "begin":
                    yield ": still here\n\n"
                    continue
                seen = news.number
                data = {"traces": news.summaries, "state": news.state}
                yield f"event: {event}\ndata: {json.dumps(data)}\n\n"
                event = "news"
                time.sleep(0.1)  # send what arrives within a moment together

        # Otherwise nginx, which is in front of many proxies, keeps the news until it has a lot.
        unkept = {"X-Accel-Buffering": "no"}
        return Response(stream(), mimetype="text/event-stream", headers=unkept)

    @app.get("/api/latency")
    def latencies() -> Response:
        asked = request.args.get("seconds", 300.0, type=float)
        seconds = min(asked, LONGEST_SECONDS) if asked >= SHORTEST_SECONDS else SHORTEST_SECONDS
        return jsonify(latency.document(time.time(), seconds))

    @app.get("/api/steps")
    def overview() -> Response:
        return jsonify(steps.overview(load(context.settings.root)))

    @app.get("/api/steps/<int:number>")
    def step(number: int) -> Response:
        settings = load(context.settings.root)
        return jsonify(steps.page(settings, number))

    @app.get("/api/at-work")
    def at_work() -> Response:
        return jsonify(steps.at_work(load(context.settings.root)))

    @app.get("/api/names")
    def names() -> Response:
        return jsonify(actions.names(context.web_url, context.settings.address("web")))


def _actions(app: Flask, context: Context) -> None:
    @app.post("/api/try")
    def send() -> Response:
        path = _body("path", str)
        if not path.startswith("/") or not path.isprintable() or " " in path:
            raise BadRequest("A path, such as /beers, begins with a slash and has no spaces.")
        address = context.settings.address("web")
        return jsonify(actions.send(context.web_url, address, path, context.collector.measured))

    @app.post("/api/load")
    def set_load() -> Response:
        rate = _body("rate", float)
        if not 0 <= rate <= actions.FASTEST:
            raise BadRequest(f"The rate must be 0 to {actions.FASTEST} requests per second.")
        context.load.set_rate(context.settings, rate)
        return jsonify(rate=rate)

    @app.post("/api/error-rate")
    def error_rate() -> Response:
        rate = _body("rate", float)
        if not 0 <= rate <= 1:
            raise BadRequest("The error rate must be 0 to 1.")
        actions.set_error_rate(context.settings, rate)
        return jsonify(rate=rate)

    @app.post("/api/hint")
    def hint() -> Response:
        return jsonify(steps.hint(load(context.settings.root)))


def _code(app: Flask, context: Context) -> None:
    """Actions that need the trainee's code: one at a time."""
    busy = threading.Lock()

    @contextlib.contextmanager
    def code() -> Iterator[Settings]:
        if not busy.acquire(blocking=False):
            raise Conflict(
                "Another command is using your code, maybe in another tab. Wait until it ends."
            )
        try:
            yield load(context.settings.root)
        finally:
            busy.release()

    finish_routes.add(app, context, code)

    @app.post("/api/steps/<int:number>/check")
    def check(number: int) -> Response:
        with code() as settings:
            return jsonify(steps.check(settings, number, g.body))

    @app.post("/api/measure")
    def measure() -> Response:
        guess = _body("guess", float)
        if not 0 <= guess < math.inf:
            raise BadRequest("The guess must be 0 or more.")

        def stream() -> Iterator[str]:
            try:
                with code() as settings:
                    yield from (f"{json.dumps(one)}\n" for one in steps.measure(settings, guess))
            except (Problem, Conflict) as error:
                what = error.what if isinstance(error, Problem) else error.description
                yield f"{json.dumps({'error': said(what or '')})}\n"

        return Response(stream(), mimetype="application/x-ndjson")

    @app.post("/api/next")
    def move_on() -> Response:
        with code() as settings:
            return jsonify(steps.move_on(settings))

    @app.post("/api/diff")
    def diff() -> Response:
        with code() as settings:
            return jsonify(steps.difference(settings))


def _read_body() -> None:
    """Read the JSON of a POST to the API into `g.body`. An empty body is an empty object."""
    g.body = {}
    if request.method != "POST" or not request.path.startswith("/api/"):
        return  # the page that asks for the token sends a form
    try:
        text = request.get_data()
    except RequestEntityTooLarge as error:
        what = f"The request is too large. Send at most {LARGEST_BODY:,} bytes."
        raise RequestEntityTooLarge(what) from error
    if not text.strip():
        return
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON with the header Content-Type: application/json.")
    try:
        body = json.loads(text)
    except RecursionError as error:
        raise BadRequest("This JSON is nested too deeply.") from error
    except ValueError as error:
        raise BadRequest(f"This isn't JSON: {error}.") from error
    if not isinstance(body, dict):
        raise BadRequest('Send a JSON object, such as {"path": "/beers"}.')
    g.body = body


def _note(context: Context) -> None:
    """Note a page that the trainee opens, or a button that they press."""
    opens = request.headers.get("Sec-Fetch-Mode") == "navigate"
    reads = request.endpoint == "step"
    if opens or reads or request.method == "POST":
        with contextlib.suppress(Problem):
            pace.note(load(context.settings.root))


def _body(name: str, kind: type) -> Any:
    value = g.body.get(name)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 2**53 else math.inf
    if not isinstance(value, kind):
        expected = "a number" if kind is float else "a string"
        raise BadRequest(f"Send JSON with {name}, {expected}.")
    return value
