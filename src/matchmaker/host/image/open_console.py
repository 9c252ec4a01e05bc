"""Where JupyterLab's tile leads: on to the console, wherever the workshop says it is.

The workshop knows its port, the address that a browser needs, and the token if it asks for one. If
the console doesn't answer, a page says so, and tries again by itself.
"""

import asyncio
import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

HOME = Path.home()
ASK = """
import json
from workshop.settings import load
from workshop.stack.console_token import link
settings = load()
print(json.dumps({"link": link(settings), "port": settings.ports.console}))
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="3">
<title>Console</title>
<h1>The console doesn't answer yet</h1>
<p>It takes some seconds to start. This page tries again by itself. If it takes longer, run this
in a terminal of JupyterLab:
<pre>cd ~/workshop; uv run workshop up --detach</pre>
<p>If that fails, too, <code>uv run workshop doctor</code> finds the cause.
<pre>{trouble}</pre>
"""


class OpenConsole(JupyterHandler):
    """Sends a browser to the console."""

    @web.authenticated
    async def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        place = await find()
        if place and await answers(place["port"]):
            link = place["link"]
            if urlsplit(link).hostname == "localhost":  # the hub didn't tell its own address
                own = url_path_join(self.base_url, "proxy", str(place["port"]), "/")
                link = own + link.partition("?")[1] + link.partition("?")[2]
            self.redirect(link)
            return
        try:
            trouble = (HOME / "workshop-trouble.md").read_text(encoding="utf-8", errors="replace")
        except OSError:
            trouble = ""
        self.set_status(503)
        self.finish(PAGE.format(trouble=html.escape(trouble)))


async def find() -> dict[str, Any] | None:
    """The console's address and port. None if the workshop can't say them."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("python", "-c", ASK),
            cwd=HOME / "workshop",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        said, _ = await process.communicate()
        found = json.loads(said)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


async def answers(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "open_console"}]


def _load_jupyter_server_extension(server: Any) -> None:
    place = url_path_join(server.web_app.settings["base_url"], "workshop", "console")
    server.web_app.add_handlers(".*$", [(place, OpenConsole)])
