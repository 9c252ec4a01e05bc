"""Makes the console work below any path of a proxy, which may remove that path or leave it.

All addresses in its pages are relative to where the page is, so the console needs to know the path
only if the proxy leaves it in the requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

_KEPT = "workshop.kept"
"""How many slashes of the request's path belong to the proxy."""
_IS_BARE = "workshop.bare"
"""Whether the request's path is the proxy's, without a slash at its end."""

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class WithoutPrefix:
    """Removes the proxy's path from each request that still has it."""

    def __init__(self, app: Wsgi, prefix: str) -> None:
        self._app = app
        self._slashes = prefix.count("/")
        self._prefix = unquote_to_bytes(prefix).decode("latin1")  # as WSGI has paths

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if f"{path}/".startswith(f"{self._prefix}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._prefix
            environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
            environ[_KEPT] = self._slashes
            environ[_IS_BARE] = path == self._prefix
        return self._app(environ, start_response)


def add_slash() -> Response | None:
    """Redirect from the proxy's path to the folder: from the path, relative addresses leave it."""
    if not request.environ.get(_IS_BARE):
        return None
    return redirect(f"{here()}/", 303)


def root() -> str:
    """The console's first page, relative to the page of this request: `./` or `../`, for example.

    Counts as the browser does, for which %2F is no slash.
    """
    return "../" * depth() or "./"


def depth() -> int:
    """How many folders the address of this request is below the console's first page."""
    kept: int = request.environ.get(_KEPT, 0)
    return max(_raw(request.environ).count("/") - kept - 1, 0)


def here() -> str:
    """The page of this request without its query, relative to itself."""
    return f"./{_raw(request.environ).rpartition('/')[2]}"


def _raw(environ: dict[str, Any]) -> str:
    """The path of a request as the browser has it."""
    path: str = (environ.get("REQUEST_URI") or environ.get("PATH_INFO") or "/").partition("?")[0]
    if not path.startswith("/"):  # a proxy may send a whole URL
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path.replace("\\", "/")
