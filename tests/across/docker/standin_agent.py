"""Stands in for Datadog's Agent, and for Datadog: nothing but the way of the key and of the traces.

Where DD_API_KEY is set it is the Agent: it reads the key from the file that this names, takes
traces on port 8126 as the tracer sends them, and posts each payload to DD_APM_DD_URL with the key
in a header, as the Agent does. Where it is not set it is the intake: it notes what came, and tells
it on `GET /seen`.
"""

import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

NAMED = re.fullmatch(r"ENC\[(\w+)\]", os.environ.get("DD_API_KEY", ""))
# https://docs.datadoghq.com/agent/configuration/secrets-management/
IS_READ = os.environ.get("DD_SECRET_BACKEND_TYPE") == "docker.secrets"
FILE = Path("/run/secrets", NAMED[1]) if NAMED and IS_READ else None
KEY = FILE.read_text().strip() if FILE and FILE.exists() else ""
INTAKE = os.environ.get("DD_APM_DD_URL", "")
SEEN: list[dict[str, object]] = []


class Handler(BaseHTTPRequestHandler):
    """Both roles."""

    def do_GET(self) -> None:
        """Answer health checks, and questions about what came in; the Agent knows no others."""
        known = {"/seen": SEEN, "/info": {"endpoints": ["/v0.4/traces"]}}
        self.answer(known.get(self.path, {}), 200 if self.path in known else 404)

    def do_POST(self) -> None:
        """Take a payload."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not KEY:
            SEEN.append({"path": self.path, "key": self.headers["DD-API-KEY"], "bytes": len(body)})
        elif self.path.endswith("/traces"):
            print(f"UTC | TRACE | INFO | (stand-in) | {len(body)} bytes of traces", flush=True)
            headers = {"DD-API-KEY": KEY, "Content-Type": "application/octet-stream"}
            urlopen(Request(f"{INTAKE}/api/v0.2/traces", body, headers), timeout=5).read()
        self.answer({"rate_by_service": {}})

    do_PUT = do_POST

    def answer(self, what: object, status: int = 200) -> None:
        """Send JSON."""
        text = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


if __name__ == "__main__":
    if NAMED and not KEY:
        sys.exit('You must set an "DD_API_KEY" environment variable or include a DD_API_KEY secret')
    ThreadingHTTPServer(("", 8126), Handler).serve_forever()
