"""Keeps other origins out: they can neither read nor control the console.

A page of another site can make a browser send requests here, and can make its own host name resolve
to 127.0.0.1 (DNS rebinding). So each request must name this console as its host. A request that
changes something must come from one of the console's own pages. These pages load nothing from
other origins.

A proxy adds one more name. Some proxies send that name on, some replace it by localhost, and some
do so with only one of the headers Host and Origin. So each of the two may have any of the names.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from workshop import outside

RELOAD = Path(__file__).with_name("static").joinpath("reload.js").read_text(encoding="utf-8")
"""The script that loads a page again. It is inline, because any other file can be what is lost."""


def inline(text: str) -> str:
    """How a policy allows this script or style in a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src 'self' {inline(RELOAD)}",
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
WRONG_HOST = (
    "Open this page as http://localhost:{port}.\nIf that isn't where your browser can reach it, "
    "because a proxy or a forwarded port is in between, add a line to .env, such as "
    "CONSOLE_ORIGIN=https://hub.example.com/user/zoe/proxy/{port}/, with the address that your "
    "browser shows. Then run `workshop down` and `workshop up`."
)


_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?")


def protect(app: Flask, port: int, *, origin: str = "", any_local_port: bool = False) -> None:
    """Make `app` answer only requests to localhost:`port` or 127.0.0.1:`port`.

    With `origin`, it also answers to that name, which may have a path. With `any_local_port`, it
    also answers to other ports of localhost, because an editor forwards them to this one.
    """
    hosts = {f"localhost:{port}", f"127.0.0.1:{port}"}
    origins = {f"http://{host}" for host in hosts}
    if public := outside.address(origin):
        hosts |= {public.host, _with_port(public)}
        origins.add(public.origin)

    def refuse_others() -> None:
        host = request.headers.get("Host", "").lower()
        is_forwarded = any_local_port and bool(_LOCAL.fullmatch(host))
        if host not in hosts and not is_forwarded:
            raise Forbidden(WRONG_HOST.format(port=port))
        own = origins | {f"http://{host}"} if is_forwarded else origins
        if request.method not in SAFE and request.headers.get("Origin") not in own:
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

    # Werkzeug would redirect to an absolute address, which can be wrong behind a proxy.
    app.url_map.merge_slashes = False
    app.jinja_env.globals["reload"] = RELOAD
    app.before_request(refuse_others)
    app.after_request(add_headers)


def _with_port(public: outside.Address) -> str:
    """The host with its port, even if that's the default: some proxies add it."""
    is_told = re.search(r":[0-9]+$", public.host)
    return public.host if is_told else f"{public.host}:{outside.DEFAULT_PORTS[public.scheme]}"
