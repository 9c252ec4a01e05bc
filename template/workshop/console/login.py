"""Asks for the token, so that nobody on a shared machine can use another person's console.

The link that `workshop up` prints contains the token. The console exchanges the token for a cookie
and removes it from the URL, so that neither the browser history nor a screenshot shows it.

The cookie names no path, so the browser sends it only to the folder where it got it. Behind a
proxy, that's the console's own folder, whatever the proxy calls it. Nobody else's pages on the same
host get it. So only the console's first page and those next to it give it.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request

from workshop import outside
from workshop.console.guard import POLICY, SAFE, inline
from workshop.console.proxied import depth, here, root
from workshop.how_to_run import said

PING = "/ping"
"""Answered without the token, because it isn't a secret whether the console is running."""
ONWARD = "workshop-console-onward"
"""A cookie that lives for two seconds and prevents a redirect loop."""
STYLE = Path(__file__).with_name("templates").joinpath("locked.css").read_text(encoding="utf-8")
"""The style of the page that asks. It is inline, because all other files need the token."""

_HEADERS = {
    "Content-Security-Policy": POLICY.replace("style-src 'self'", f"style-src {inline(STYLE)}"),
    # With `no-referrer`, a browser hides the origin of a form. `strict-origin` sends no path.
    "Referrer-Policy": "strict-origin",
}


def require_token(app: Flask, port: int, token: str, *, origin: str = "") -> None:
    """Make `app` answer only to a browser that opened some page of it with `token`.

    `origin` is as in `protect`.
    """
    public = outside.address(origin)
    cookie = f"workshop-console-{port}"  # all ports of a host share their cookies

    def is_right(given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())

    def with_cookie(response: Response) -> Response:
        # Each of several proxies adds how it was asked. The first one was asked by the browser.
        asked = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
        is_https = asked == "https" or (
            public is not None
            and public.scheme == "https"
            and request.host.removesuffix(":443") == public.host
        )
        response.set_cookie(
            cookie, token, path=None, secure=is_https, httponly=True, samesite="Strict"
        )
        return response

    def ask() -> Response | None:
        if request.path == PING or (request.method, request.path) == ("POST", "/token"):
            return None
        is_known = any(is_right(value) for value in request.cookies.getlist(cookie))
        given = request.args.get("token") if request.method in SAFE else None
        if given is not None and is_right(given):
            if depth():  # let the first page give the cookie
                query = urlencode({"token": given, "to": _path_and_query()})
                return _leave(f"{root()}?{query}")
            return with_cookie(_leave(_wanted() or _without_token()))
        if is_known:
            return None if given is None else _leave(_without_token())
        return _locked(port, is_wrong=given is not None)

    app.before_request(ask)

    @app.post("/token")
    def enter() -> Response:
        pasted = request.form.get("token", "").strip()
        given = pasted.rpartition("token=")[2].partition("&")[0]
        if is_right(given):
            return with_cookie(make_response(redirect(root(), 303)))
        return _locked(port, is_wrong=True)


def _locked(port: int, *, is_wrong: bool) -> Response:
    if "text/html" not in request.headers.get("Accept", ""):
        answer = jsonify(
            error="This console asks for its token.",
            remedy=said("Run `workshop status`, and open the link that it prints."),
        )
    elif _comes_from_elsewhere() and request.cookies.get(ONWARD) != quote(request.path):
        answer = _leave(_without_token())
        value = quote(request.path)
        answer.set_cookie(ONWARD, value, 2, path=None, httponly=True, samesite="Lax")
    else:
        page = render_template("locked.html", style=STYLE, port=port, is_wrong=is_wrong)
        answer = make_response(page)
        answer.headers.update(_HEADERS)
    answer.status_code = 403
    return answer


def _leave(address: str) -> Response:
    """Redirect to another URL of the console.

    After a link on another site, a page does the redirect: a browser would treat an HTTP redirect
    as a request of that site, and wouldn't send the cookie.
    """
    if _comes_from_elsewhere():
        return make_response(render_template("onward.html", address=address))
    return make_response(redirect(address, 303))


def _comes_from_elsewhere() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _without_token() -> str:
    """This page, relative to itself, which can't mean another host."""
    return here() + _query()


def _query() -> str:
    every = request.args.items(multi=True)
    rest = [(name, value) for name, value in every if name not in ("token", "to")]
    return f"?{urlencode(rest)}" if rest else ""


def _path_and_query() -> str:
    return quote(request.path.lstrip("/")) + _query()


def _wanted() -> str:
    """The page below this one that `to` names, if it names one."""
    path, _, query = request.args.get("to", "").partition("?")
    names = unquote(path).split("/")
    if "to" not in request.args or any(name in ("", ".", "..") for name in names):
        return ""
    return f"./{quote(unquote(path))}" + (f"?{quote(query, safe='=&%+')}" if query else "")
