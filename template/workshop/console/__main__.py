"""`python -m workshop.console` serves the console until you stop it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time

from werkzeug.serving import WSGIRequestHandler, make_server

from workshop.console.actions import Load
from workshop.console.collector import Collector
from workshop.console.context import Context
from workshop.console.server import create_app
from workshop.problem import Problem
from workshop.settings import HOST, load, tool_mark
from workshop.stack import console_token

LOOK_SECONDS = 1.0


class _Discreet(WSGIRequestHandler):
    """Logs no request, not even a broken one, because the URL might contain the token."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def main(*, with_token: bool = False, begins_anew: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C, or until an update installs another version of the console.

    Then the console ends or, with `begins_anew`, continues as the new version.

    The output goes to a log or to a person's own terminal. For a terminal, set `with_token` to
    print a link with the token. Raises Problem when the token can't be saved.

    The environment says where to listen (CONSOLE_HOST, CONSOLE_PORT) and where the other services
    are (CONSOLE_WEB_URL, CONSOLE_AGENT_URL). The default is where `workshop up` starts them. With
    CONSOLE_IN_CONTAINER, the console runs without the trainee's code.
    """
    settings = load()
    web = os.environ.get("CONSOLE_WEB_URL", f"http://{HOST}:{settings.ports.web}")
    agent = os.environ.get("CONSOLE_AGENT_URL", f"http://{HOST}:{settings.ports.agent}")
    generator = Load(web)
    collector = Collector(settings, agent, generator)
    secret = console_token.required(settings)
    context = Context(
        settings, web, collector, generator, "CONSOLE_IN_CONTAINER" in os.environ, secret
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        os.environ.get("CONSOLE_HOST", HOST),
        int(os.environ.get("CONSOLE_PORT", settings.ports.console)),
        create_app(context),
        threaded=True,
        request_handler=_Discreet,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=collector.run, daemon=True).start()
    threading.Thread(target=_heed_an_update, args=(generator, begins_anew), daemon=True).start()
    if with_token:
        print(f"The console is at {console_token.link(settings)}", flush=True)
    else:
        print(f"The console is at http://localhost:{settings.ports.console}", flush=True)
        if secret:
            print("It asks for a token. `workshop status` prints a link with it.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            server.serve_forever()
        finally:
            generator.set_rate(settings, 0)


def _heed_an_update(generator: Load, begins_anew: bool) -> None:
    """Give way to the console of a new version, because the new pages need the new server."""
    begun_as = before = tool_mark()
    while (now := tool_mark()) == begun_as or now != before:  # not while files are still changing
        before = now
        time.sleep(LOOK_SECONDS)
    if not begins_anew:
        print("The workshop was updated. Start the console again.", flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        return
    print("The workshop was updated. The console restarts.", flush=True)
    generator.set_rate(load(), 0)
    os.execv(sys.executable, [sys.executable, "-m", "workshop.console"])


if __name__ == "__main__":
    try:
        main(begins_anew=True)
    except Problem as problem:
        sys.exit(f"{problem.what} {problem.remedy}")
