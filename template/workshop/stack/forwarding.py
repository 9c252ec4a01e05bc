"""Looks at the Agent that the test agent hands traces on to, if TRACES_TO names one."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import asdict
from urllib.parse import urlsplit

from workshop import outside
from workshop.outside import TARGET
from workshop.problem import Problem
from workshop.settings import Settings

SECONDS = 1.0


def require_other(settings: Settings) -> None:
    """Raise Problem if the address belongs to a service of this stack, such as the test agent."""
    url = settings.traces_to
    if not url:
        return
    parts = urlsplit(url)
    port = parts.port or outside.DEFAULT_PORTS[parts.scheme]
    own = next((name for name, one in asdict(settings.ports).items() if one == port), "")
    if own and _is_this_machine(parts.hostname or ""):
        which = "itself" if own == "agent" else f"this workshop's {own}"
        raise Problem(
            f"{TARGET} is {url}, so this workshop's agent would hand its traces on to {which}.",
            "Set it to the address of Datadog's Agent, or delete it. It can be in .env or in your "
            "shell.",
        )


def trouble(settings: Settings) -> str:
    """Why traces don't reach that Agent, in sentences. Empty if they do, or if there is none.

    Asks it, and waits for a second at most.
    """
    url = settings.traces_to
    if not url:
        return ""
    import requests  # `workshop status` has no use for it otherwise, and waits for it

    try:
        with requests.Session() as session:
            # The test agent uses no proxy, and has no password for anybody.
            session.trust_env = False
            answer = session.get(f"{url}/info", timeout=SECONDS, allow_redirects=False)
        if answer.ok and isinstance(answer.json(), dict):
            return ""
        what = "what answers there is not an Agent"
    except requests.JSONDecodeError:
        what = "what answers there is not an Agent"
    except requests.RequestException:
        what = "nothing answers there"
    return (
        f"Traces stay on this machine: {TARGET} is {url}, and {what}. The workshop works all the "
        "same."
    )


def _is_this_machine(host: str) -> bool:
    import psutil

    own = {one.address for each in psutil.net_if_addrs().values() for one in each}
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return any(one in own or _is_local(one) for one in found)


def _is_local(text: str) -> bool:
    one = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address):
        one = one.ipv4_mapped or one
    return one.is_loopback or one.is_unspecified
