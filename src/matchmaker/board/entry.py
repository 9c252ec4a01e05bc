"""Asks for the token, because everybody with an account on this machine can reach a port.

The link that the command prints has the token. The board exchanges it for a cookie and removes it
from the address, so that neither the browser's history nor a projector shows it.
"""

import hmac

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request

OPEN = ("static", "console_file")
"""The endpoints of files that everybody can read anyway: the code of this page."""


def require_token(app: Flask, port: int, token: str) -> None:
    """Make `app` answer only to a browser that opened a page of it with `token`."""
    cookie = f"matchmaker-board-{port}"  # all ports of a host share their cookies

    def is_right(given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())

    def ask() -> Response | None:
        if request.endpoint in OPEN:
            return None
        given = request.args.get("token")
        if given is not None and is_right(given):
            answer = make_response(redirect(request.path, 303))
            # With `Lax`, a link in a chat works, too. Nothing here changes anything, and the guard
            # refuses other sites' requests.
            answer.set_cookie(cookie, token, httponly=True, samesite="Lax")
            return answer
        if any(is_right(value) for value in request.cookies.getlist(cookie)):
            return None
        return _locked()

    app.before_request(ask)


def _locked() -> Response:
    if request.path.startswith("/api/"):
        answer = jsonify(error="Open the link that `matchmaker board` printed.")
    else:
        answer = make_response(render_template("refused.html", is_locked=True))
    answer.status_code = 403
    return answer
