"""Serves bare repositories to git over HTTP, to those who know the password.

It needs nothing but Python, so it also runs in a container: `python git_server.py FOLDER PORT`.
"""

import base64
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "trainee", "glpat-of-this-trainee"
_RIGHT = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers.get("Authorization") == _RIGHT:
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def server(folder: Path, host: str, port: int) -> ThreadingHTTPServer:
    """A server, bound and not yet serving. Git needs `update-server-info` in each repository."""
    return ThreadingHTTPServer((host, port), partial(_Handler, directory=str(folder)))


if __name__ == "__main__":
    server(Path(sys.argv[1]), "0.0.0.0", int(sys.argv[2])).serve_forever()
