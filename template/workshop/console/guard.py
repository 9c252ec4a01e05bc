"""Keeps other origins out: they can neither read nor control the console.

A page of another site can make a browser send requests here, and can make its own host name resolve
to 127.0.0.1 (DNS rebinding). So each request must name this console as its host. A request that
changes something must come from one of the console's own pages. These pages load nothing from
other origins.
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE = ("GET", "HEAD")


def protect(app: Flask, port: int) -> None:
    """Make `app` answer only requests to localhost:`port` or 127.0.0.1:`port`."""
    hosts = {f"localhost:{port}", f"127.0.0.1:{port}"}
    origins = {f"http://{host}" for host in hosts}

    def refuse_others() -> None:
        if request.headers.get("Host", "").lower() not in hosts:
            raise Forbidden(f"Open this page as http://localhost:{port}.")
        if request.method not in SAFE and request.headers.get("Origin") not in origins:
            raise Forbidden("Only the console's own pages may do that.")
        # Browsers say where a request comes from. Other sites may only link to a page.
        site = request.headers.get("Sec-Fetch-Site", "none")
        is_page = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method in SAFE
        if site not in ("same-origin", "none") and not is_page:
            raise Forbidden("Only the console's own pages may read that.")

    def add_headers(response: Response) -> Response:
        for name, value in {**HEADERS, "Cache-Control": "no-store"}.items():
            response.headers.setdefault(name, value)
        return response

    app.before_request(refuse_others)
    app.after_request(add_headers)
