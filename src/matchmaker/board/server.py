"""The routes of the board: two pages, their data, and their files."""

from pathlib import Path

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask import send_from_directory as send_file
from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from workshop.console.guard import protect

from matchmaker import tool
from matchmaker.board.entry import require_token
from matchmaker.board.feed import Document, Feed

CONSOLE = "/template/workshop/console/static"
"""Where the board's modules find the console's. In a checkout, the paths lead there, too, so the
same imports work for a browser, for tsc, and for the tests."""

ELSEWHERE = "Open the link that `matchmaker board` printed."
"""For who comes by another name of this machine, or from another site."""


def create_app(feed: Feed, port: int, token: str) -> Flask:
    """The board as a Flask application that answers at a port of this machine."""
    app = Flask(__name__)
    app.jinja_env.globals["console"] = CONSOLE
    protect(app, port)
    require_token(app, port, token)

    @app.get("/")
    def board() -> str:
        return render_template("board.html")

    @app.get("/projector")
    def projector() -> str:
        return render_template("projector.html")

    @app.get("/api/board")
    def all_of_it() -> Response:
        return _answer(feed.board, feed)

    @app.get("/api/room")
    def for_the_room() -> Response:
        return _answer(feed.room, feed)

    @app.get("/api/people/<int:number>")
    def one_of_them(number: int) -> Response:
        found = feed.of(number)
        if found is None:
            raise NotFound("There is no such trainee.")
        return _answer(found, feed)

    @app.get(f"{CONSOLE}/<path:name>")
    def console_file(name: str) -> Response:
        return send_file(_console_files(), name)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response | str, int]:
        code = error.code or 500
        if request.path.startswith("/api/"):
            return jsonify(error=ELSEWHERE if code == Forbidden.code else error.description), code
        what = {NotFound.code: "There is no such page.", Forbidden.code: ELSEWHERE}.get(code)
        return render_template("refused.html", what=what or error.description), code

    return app


def _console_files() -> Path:
    return tool.folder() / "console" / "static"


def _answer(found: Document, feed: Feed) -> Response:
    """A document, or only the word that it's the same as before; and how old it is."""
    answer = make_response(found.body)
    answer.mimetype = "application/json"
    answer.set_etag(found.mark)
    age = feed.age()
    if age is not None:
        answer.headers["Board-Age"] = str(age)
    answer.make_conditional(request)
    return answer
