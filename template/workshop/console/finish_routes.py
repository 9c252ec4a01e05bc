"""The route of the last page: what the trainee built, as a sheet to keep or print."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask, Response, make_response, redirect, render_template, send_file
from werkzeug.exceptions import Conflict
from werkzeug.wrappers import Response as Redirect

from workshop.console.context import Context
from workshop.finish import sheet
from workshop.finish.make import make, still_open
from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.record import form as record
from workshop.settings import Settings, load


def add(app: Flask, context: Context, code: Callable[[], AbstractContextManager[Settings]]) -> None:
    """Add the page. `code` keeps other commands away from the trainee's code meanwhile."""

    def page(problem: str = "") -> Response:
        settings = load(context.settings.root)
        found = record.read(settings.run_dir)
        if found and not found.finished:
            found = None
        shown = found and sheet.body(sheet.Sheet(settings.trainee, settings.session, found))
        left = still_open(settings)
        answer = make_response(
            render_template(
                "finish.html", settings=settings, sheet=shown or "", left=left, problem=problem
            )
        )
        # With the console's usual policy, a browser hides the origin of a form, too.
        answer.headers["Referrer-Policy"] = "strict-origin"
        return answer

    @app.get("/finish")
    def finish() -> Response:
        return page()

    @app.get("/finish/sheet.css")
    def styles() -> Response:
        return send_file(sheet.STYLES)

    @app.post("/finish")
    def finish_again() -> Response | Redirect:
        try:
            with code() as settings:
                made = make(settings)
        except Conflict as error:
            return page(error.description or "")
        except Problem as error:
            return page(said(f"{error.what} {error.remedy}".strip()))
        if made.problem:
            return page(said(made.shortcoming))
        return redirect("./finish", 303)
