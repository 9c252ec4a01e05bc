"""Runs the board until Ctrl-C."""

import errno
import logging
import secrets
import signal
import socket
import sys
import threading
import tomllib
from collections.abc import Callable

from werkzeug.serving import WSGIRequestHandler, make_server
from workshop.catalog import Step, steps_in
from workshop.stack.blocked_ports import BLOCKED_PORTS

from matchmaker import tool
from matchmaker.board.feed import Feed, Source
from matchmaker.board.server import create_app
from matchmaker.problem import Problem, Problems

HOST = "127.0.0.1"
LAST_PORT = 65535


class _Discreet(WSGIRequestHandler):
    """Logs no request, because the URL might contain the token."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def serve(source: Source, session: str, port: int, say: Callable[[str], None]) -> None:
    """Show the board of a session until Ctrl-C or SIGTERM. `say` gets the link.

    Raises Problems if the port can't be used.
    """
    with _listening(port) as listening:
        token = secrets.token_urlsafe(24)
        feed = Feed(source, catalog(), session)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = make_server(
            HOST,
            port,
            create_app(feed, port, token),
            threaded=True,
            request_handler=_Discreet,
            fd=listening.fileno(),
        )
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        threading.Thread(target=feed.run, daemon=True).start()
        # Not localhost: that can also be ::1, where somebody else may listen for the token.
        say(f"http://{HOST}:{port}/?token={token}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            feed.stop()


def catalog() -> list[Step]:
    """The steps of this version's workshop."""
    return steps_in(tomllib.loads((tool.folder() / "steps.toml").read_text(encoding="utf-8")))


def _listening(port: int) -> socket.socket:
    remedy = f"Choose another port, such as --port {port + 1 if port < LAST_PORT else port - 1}."
    if port in BLOCKED_PORTS:
        raise Problems([Problem(f"Browsers refuse port {port}.", remedy)])
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        what = f"Port {port} cannot be used: {error.strerror}."
        if error.errno == errno.EADDRINUSE:
            what = f"Port {port} is taken, maybe by another board."
        raise Problems([Problem(what, remedy)]) from error
