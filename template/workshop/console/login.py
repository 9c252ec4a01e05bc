"""Asks for the token: without it, nobody on a shared machine sees or drives another's console.

The link that `workshop up` prints has the token. It is exchanged for a cookie at once, and taken
out of the address, so that neither the browser's history nor a picture of the screen shows it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from urllib.parse import quote, urlencode

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request

from workshop.console.guard import POLICY, SAFE

PING = "/ping"
"""Answered without the token: whether the console is up is no secret."""
ONWARD = "workshop-console-onward"
"""A cookie of two seconds: who was led on to an address already is not to go round in a circle."""
STYLE = Path(__file__).with_name("templates").joinpath("locked.css").read_text(encoding="utf-8")
"""Of the page that asks; in the page itself, since the other files wait for the token."""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": POLICY.replace("style-src 'self'", f"style-src 'sha256-{_HASH}'"),
    # With `no-referrer` a browser hides the origin of what the form sends; this one has no path.
    "Referrer-Policy": "strict-origin",
}


def require_token(app: Flask, port: int, token: str) -> None:
    """Have `app` answer only to who has opened it with `token`, on whatever address."""
    cookie = f"workshop-console-{port}"  # cookies are for all ports of a host

    def is_right(given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())

    def with_cookie(response: Response) -> Response:
        response.set_cookie(cookie, token, httponly=True, samesite="Strict")
        return response

    def ask() -> Response | None:
        if request.path == PING or (request.method, request.path) == ("POST", "/token"):
            return None
        is_known = any(is_right(value) for value in request.cookies.getlist(cookie))
        given = request.args.get("token") if request.method in SAFE else None
        if given is not None and is_right(given):
            return with_cookie(_leave(_without_token()))
        if is_known:
            return None if given is None else _leave(_without_token())
        return _locked(port, is_wrong=given is not None)

    app.before_request(ask)

    @app.post("/token")
    def enter() -> Response:
        pasted = request.form.get("token", "").strip()
        given = pasted.rpartition("token=")[2].partition("&")[0]
        if is_right(given):
            return with_cookie(make_response(redirect("/", 303)))
        return _locked(port, is_wrong=True)


def _locked(port: int, *, is_wrong: bool) -> Response:
    if "text/html" not in request.headers.get("Accept", ""):
        answer = jsonify(
            error="This console asks for its token.",
            remedy="`workshop status` prints the link that has it: open that once.",
        )
    elif _comes_from_elsewhere() and request.cookies.get(ONWARD) != quote(request.path):
        answer = _leave(_without_token())
        answer.set_cookie(ONWARD, quote(request.path), 2, httponly=True, samesite="Lax")
    else:
        page = render_template("locked.html", style=STYLE, port=port, is_wrong=is_wrong)
        answer = make_response(page)
        answer.headers.update(_HEADERS)
    answer.status_code = 403
    return answer


def _leave(address: str) -> Response:
    """Lead on to another address of the console's own.

    Who came here by a link on a page of another site is led on by a page: a browser counts what a
    redirect leads to as that site's request still, and keeps the cookie back.
    """
    if _comes_from_elsewhere():
        return make_response(render_template("onward.html", address=address))
    return make_response(redirect(address, 303))


def _comes_from_elsewhere() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _without_token() -> str:
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    path = "/" + quote(request.path.lstrip("/"))  # two slashes would lead to another host
    return f"{path}?{urlencode(rest)}" if rest else path
