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
from workshop.how_to_run import said
from workshop.problem import Problem
from workshop.settings import HOST, load, tool_mark
from workshop.stack import console_token

LOOK_SECONDS = 1.0


class _Discreet(WSGIRequestHandler):
    """Logs no request, not even a broken one, because the URL might contain the token."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def main() -> None:
    """Serve until SIGTERM or Ctrl-C. After an update, continue as the new version of the console.

    The output goes to a log, so it never has the token. Raises Problem when the token can't be
    saved.

    The environment says where to listen (CONSOLE_HOST, CONSOLE_PORT) and where the other services
    are (CONSOLE_WEB_URL, CONSOLE_AGENT_URL). The default is where the services of these settings
    are.
    """
    settings = load()
    web = os.environ.get("CONSOLE_WEB_URL", settings.url("web"))
    agent = os.environ.get("CONSOLE_AGENT_URL", settings.url("agent"))
    generator = Load(web)
    collector = Collector(settings, agent, generator)
    secret = console_token.required(settings)
    context = Context(settings, web, collector, generator, secret)
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
    threading.Thread(target=_heed_an_update, args=(generator,), daemon=True).start()
    print(f"The console is at {settings.address('console')}", flush=True)
    if secret:
        print(said("It asks for a token. `workshop status` prints a link with it."), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            server.serve_forever()
        finally:
            generator.set_rate(settings, 0)


def _heed_an_update(generator: Load) -> None:
    """Give way to the console of a new version, because the new pages need the new server."""
    begun_as = before = tool_mark()
    while (now := tool_mark()) == begun_as or now != before:  # not while files are still changing
        before = now
        time.sleep(LOOK_SECONDS)
    print("The workshop was updated. The console restarts.", flush=True)
    generator.set_rate(load(), 0)
    os.execv(sys.executable, [sys.executable, "-m", "workshop.console"])


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(said(f"{problem.what} {problem.remedy}"))
