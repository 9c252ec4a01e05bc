"""Decides which of the shell's variables reach the processes that this command starts.

A shell has variables for everything that its owner does: a `DATABASE_URL`, a proxy, a tracer's
settings from another project. None of them are meant for the workshop. Those that are have the
workshop's own names, in OURS.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from workshop import outside
from workshop.settings import SHARE_PROGRESS, port_variable

PREFIX = "MATCHMAKER_"
OURS = (
    "MATCHMAKER_ERROR_RATE",
    "MATCHMAKER_TASTING_SECONDS",
    "MATCHMAKER_DATABASE_URL",
    "MATCHMAKER_TRACE_DEBUG",
)
"""What a trainee may set for `web` and `taster` in `.env` or the shell. .env.example lists them."""
PORTS = ("web", "taster", "redis", "agent", "console")
"""The services whose port a trainee may move, with a variable that `port_variable` names."""
UNNEEDED = ("MATCHMAKER_UID", "MATCHMAKER_GID", "UID", "GID")
"""What older versions needed. The containers find out who owns the files."""
FORMER = {
    "DATABASE_URL": "MATCHMAKER_DATABASE_URL",
    "DD_TRACE_DEBUG": "MATCHMAKER_TRACE_DEBUG",
    "ERROR_RATE": "MATCHMAKER_ERROR_RATE",
    "TASTING_SECONDS": "MATCHMAKER_TASTING_SECONDS",
}
"""The current names of variables, by their former names."""

# What a program needs to start, to write a file, and to use its user's language. With the last
# three, systems such as NixOS make it find its libraries.
_BASE = {
    *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TEMP"),
    *("TERM", "TMP", "TMPDIR", "TZ", "USER", "LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
}
_BASE_PREFIX = "LC_"

# What the commands that the console runs also need: for git and Copier, and to reach a server.
_CONSOLE = {
    *("ALL_PROXY", "CURL_CA_BUNDLE", "DBUS_SESSION_BUS_ADDRESS", "HTTP_PROXY", "HTTPS_PROXY"),
    *("NO_PROXY", "PYTHONIOENCODING", "REQUESTS_CA_BUNDLE", "SSH_AUTH_SOCK", SHARE_PROGRESS),
}
_CONSOLE_PREFIXES = ("COPIER_", "GIT_", "VSCODE_GIT_", "XDG_")
# In a codespace, git's credential helper reads the trainee's token from its environment.
_CODESPACE = ("GITHUB_SERVER_URL", "GITHUB_TOKEN", "GITHUB_USER")
# Where the services are: their ports for people and, in a container, who it is and the addresses.
_URL = re.compile(r"WORKSHOP_[A-Z]+_URL")
_WHERE = re.compile(r"MATCHMAKER_[A-Z]+_PORT|WORKSHOP_(?:CONTAINER|[A-Z]+_URL)")

# What makes Compose read other files, and what makes Python and its programs behave differently.
_BENDING = (
    *("COMPOSE_", "CONSOLE_", "DATADOG_", "DD_", "_DD_", "FLASK_", "OTEL_", "PYTEST_", "PYTHON"),
    "WERKZEUG_",
)
_OWN = ("CONSOLE_", "FLASK_", "PYTHON", "WERKZEUG_")
"""The ones that change how this command behaves. It also serves the console."""
_STAYS = {
    outside.ORIGIN,
    *("PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONNOUSERSITE"),
    *("PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED", "PYTHONUTF8"),
}

# What libraries in the services also read: requests, PostgreSQL's client, SQLite, and the agent.
_FOREIGN = {
    *("ALL_PROXY", "CURL_CA_BUNDLE", "HOST", "HTTP_PROXY", "HTTPS_PROXY", "NETRC", "PORT"),
    *("PGDATABASE", "PGHOST", "PGHOSTADDR", "PGOPTIONS", "PGPASSWORD", "PGPORT", "PGSERVICE"),
    *("PGSSLMODE", "PGUSER", "REDIS_URL", "REQUESTS_CA_BUNDLE", "SQLITE_TMPDIR", "TASTER_URL"),
}
_LEFT_OUT = "_MATCHMAKER_LEFT_OUT"


def base() -> dict[str, str]:
    """What every process needs, and nothing that changes how a service or a tracer behaves."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _BASE or name.startswith(_BASE_PREFIX)
    }


def ours() -> dict[str, str]:
    """What the shell sets for `web` and `taster`, under names that nobody else uses."""
    return {name: os.environ[name] for name in OURS if os.environ.get(name)}


def of_container() -> dict[str, str]:
    """What compose.yaml sets for the service of this container."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WATCHFILES_", "WORKSHOP_")) and name.upper() != "NO_PROXY"
    }


def for_console() -> dict[str, str]:
    """The environment of the console, and of the commands that its page runs."""
    needed = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _CONSOLE or name.startswith(_CONSOLE_PREFIXES) or _says_where(name)
    }
    if os.environ.get("CODESPACES") == "true":
        needed |= {name: os.environ[name] for name in _CODESPACE if name in os.environ}
    return {**base(), **needed, **ours()}


def for_docker() -> dict[str, str]:
    """The environment of Docker's command: the user's, except what changes how Compose behaves.

    compose.yaml reads only our names, but a registry's credential helper may need any variable.
    """
    return {name: value for name, value in os.environ.items() if not _bends(name)}


def begin_anew() -> None:
    """Start this program again without the shell's variables for Python, Flask, and the console.

    Python reads its variables before it runs any of our code: PYTHONPATH puts another project's
    packages before the pinned ones, and PYTHONOPTIMIZE removes assertions.
    """
    wrong = [name for name in os.environ if name.startswith(_OWN) and _bends(name)]
    if wrong:
        clean = {name: value for name, value in os.environ.items() if name not in wrong}
        clean[_LEFT_OUT] = ",".join(sorted(wrong))
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], clean)


def unused() -> list[str]:
    """The shell's variables that somebody might expect to have an effect here, but don't."""
    left_out = [name for name in os.environ.get(_LEFT_OUT, "").split(",") if name]
    return sorted({*left_out, *(name for name in os.environ if _matters(name))})


def wrong_names() -> dict[str, str]:
    """Mistakes in names in the shell that look like the workshop's, each with its remedy."""
    told = {
        f"{name} in your shell is not used.": f"The workshop's variable is {FORMER[name]}."
        for name in sorted(os.environ.keys() & FORMER.keys())
    }
    return told | _unknown(os.environ, "your shell")


def wrong_names_in_dotenv(names: Collection[str]) -> dict[str, str]:
    """The same for `.env`, whose variables have these names."""
    told = {
        f"{name} in .env is called {FORMER[name]} now.": "Change its name there."
        for name in sorted(FORMER.keys() & set(names))
    }
    told |= {
        f"{name} in .env has no effect anymore.": "You can delete that line."
        for name in UNNEEDED
        if name in names
    }
    return told | _unknown(names, ".env")


def _unknown(names: Iterable[str], place: str) -> dict[str, str]:
    movable = map(port_variable, PORTS)
    known = {
        name.removeprefix(PREFIX): name for name in (*OURS, *movable, SHARE_PROGRESS, *UNNEEDED)
    }
    told = {}
    for name in sorted(names):
        word = name.removeprefix(PREFIX)
        if word != name and word not in known:
            import difflib

            like = difflib.get_close_matches(word, known, 1)
            guess = f"Is it {known[like[0]]}? " if like else ""
            told[f"{name} in {place} is not known."] = f"{guess}.env.example lists the known names."
    return told


def no_proxy() -> str:
    """The shell's list of hosts that don't need a proxy, with this machine and other containers."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name.strip() for name in named.split(",") if name.strip()]
    hosts = [urlsplit(url).hostname for name, url in os.environ.items() if _URL.fullmatch(name)]
    ours = ["127.0.0.1", "localhost", *(host for host in hosts if host)]
    return named if "*" in names else ",".join(dict.fromkeys([*names, *ours]))


def keep_from_proxies() -> None:
    """Make this process and its children reach this machine without the shell's proxy."""
    os.environ |= {"no_proxy": no_proxy(), "NO_PROXY": no_proxy()}


def _says_where(name: str) -> bool:
    outer = (outside.ORIGIN, outside.TARGET, outside.EDITOR, *outside.PLATFORMS)
    return name in outer or bool(_WHERE.fullmatch(name))


def _bends(name: str) -> bool:
    return name.startswith(_BENDING) and name not in _STAYS


def _matters(name: str) -> bool:
    return name in FORMER or _bends(name) or name.upper() in _FOREIGN
