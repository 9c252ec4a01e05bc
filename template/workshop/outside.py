"""Reads from variables what is outside of this machine: the trainee's browser, and an Agent.

A forwarded port or a proxy gives a service another address than this machine does. Only the
trainee, or the platform that forwards the ports, can say which one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from workshop.problem import Problem

ORIGIN = "CONSOLE_ORIGIN"
"""The variable with the console's address in the browser. It can be in `.env` or in the shell."""
TARGET = "TRACES_TO"
"""The variable with the address of the Agent that the test agent hands traces on to. As ORIGIN."""
EDITOR = "WORKSHOP_DEV_CONTAINER"
"""The variable that only the dev container sets. There, the editor forwards ports as it likes."""
PLATFORMS = (
    *("CODESPACES", "CODESPACE_NAME", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"),
    *("JUPYTERHUB_PUBLIC_URL", "VSCODE_PROXY_URI"),
)
"""Variables in which a platform says where it forwards ports to."""

DEFAULT_PORTS = {"http": 80, "https": 443}
CODESPACES_DOMAIN = "app.github.dev"
_HOST = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]"
_IN_PATH = "/%@:~!$&'()*+,;=-._"


@dataclass(frozen=True)
class Address:
    """Where a browser finds something."""

    scheme: str
    host: str
    """As browsers send it: in lower case, with the port unless it's the scheme's default."""
    prefix: str = ""
    """The path in front of all its paths, without the last slash. Empty at the top."""

    @property
    def origin(self) -> str:
        """What a browser sends as Origin."""
        return f"{self.scheme}://{self.host}"

    def __str__(self) -> str:
        return f"{self.origin}{self.prefix}"


def address(text: str) -> Address | None:
    """Read the address of a page. None if it isn't one, or says more than where the page is."""
    if not text.isprintable() or re.search(r"[\s\\*]", text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().lower()
    except ValueError:
        return None
    if ":" in host:
        host = f"[{host}]"
    is_more = parts.query or parts.fragment or "@" in parts.netloc or "#" in text or "?" in text
    segments = parts.path.rstrip("/").split("/")[1:]
    is_odd = port == 0 or any(unquote(segment) in ("", ".", "..") for segment in segments)
    if parts.scheme not in DEFAULT_PORTS or is_more or is_odd or not re.fullmatch(_HOST, host):
        return None
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    return Address(parts.scheme, host, quote(parts.path.rstrip("/"), safe=_IN_PATH))


def target(variables: Mapping[str, str]) -> str:
    """The Agent's address, or nothing. Raises Problem if the variable has anything else."""
    told = variables.get(TARGET, "").strip()
    if not told:
        return ""
    found = address(told)
    if found and not found.prefix:
        return str(found)
    raise Problem(
        f"{TARGET} is {told!r}, which is not the address of an Agent.",
        "Set it to an address such as http://datadog-agent:8126, or delete it. It can be in .env "
        "or in your shell.",
    )


def origin(variables: Mapping[str, str]) -> str:
    """The console's address, if a variable says it. Raises Problem if that isn't an address."""
    told = variables.get(ORIGIN, "").strip()
    if not told:
        return ""
    if found := address(told):
        return str(found)
    raise Problem(
        f"{ORIGIN} is {told!r}, which is not the address of a page.",
        "Set it to what your browser shows when it opens the console, such as "
        "https://hub.example.com/user/zoe/proxy/8000/, or delete it. It can be in .env or in your "
        "shell.",
    )


def template(variables: Mapping[str, str]) -> str:
    """Where the platform forwards ports to: an address with `{port}`. Empty if none says it."""
    domain = variables.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or CODESPACES_DOMAIN
    name = variables.get("CODESPACE_NAME", "")
    public = variables.get("JUPYTERHUB_PUBLIC_URL", "").rstrip("/")
    for found in (
        name and f"https://{name}-{{port}}.{domain}",
        public and f"{public}/proxy/{{port}}",
        variables.get("VSCODE_PROXY_URI", "").replace("{{port}}", "{port}"),
    ):
        filled = address(found.replace("{port}", "1")) if found else None
        if filled and found.count("{port}") == 1:
            return found.rstrip("/")
    return ""
