"""What of the shell's environment reaches the processes that this command starts.

A shell has been set up for all that its owner does: a `DATABASE_URL`, a proxy, a tracer's settings
of another project. None of it is meant for the workshop. What is has a name of its own, in OURS.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Collection, Iterable

PREFIX = "MATCHMAKER_"
OURS = (
    "MATCHMAKER_ERROR_RATE",
    "MATCHMAKER_TASTING_SECONDS",
    "MATCHMAKER_DATABASE_URL",
    "MATCHMAKER_TRACE_DEBUG",
)
"""What a trainee may set for `web` and `taster`, in `.env` or in the shell; .env.example tells."""
FOR_COMPOSE = ("MATCHMAKER_UID", "MATCHMAKER_GID")
"""What Compose takes besides."""
FORMER = {
    "DATABASE_URL": "MATCHMAKER_DATABASE_URL",
    "DD_TRACE_DEBUG": "MATCHMAKER_TRACE_DEBUG",
    "ERROR_RATE": "MATCHMAKER_ERROR_RATE",
    "GID": "MATCHMAKER_GID",
    "TASTING_SECONDS": "MATCHMAKER_TASTING_SECONDS",
    "UID": "MATCHMAKER_UID",
}
"""What these were called once, by the name of then."""

# What a program needs to start, to write a file, and to speak its user's language. The last three
# are how NixOS and others have it find its libraries.
_BASE = {
    *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TEMP"),
    *("TERM", "TMP", "TMPDIR", "TZ", "USER", "LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
}
_BASE_PREFIX = "LC_"

# What the commands need besides that the console runs: git and Copier, and their way to a server.
_CONSOLE = {
    *("ALL_PROXY", "CURL_CA_BUNDLE", "DBUS_SESSION_BUS_ADDRESS", "HTTP_PROXY", "HTTPS_PROXY"),
    *("NO_PROXY", "PYTHONIOENCODING", "REQUESTS_CA_BUNDLE", "SSH_AUTH_SOCK"),
}
_CONSOLE_PREFIXES = ("COPIER_", "GIT_", "VSCODE_GIT_", "XDG_")

# What has Compose go by other files, and what has Python and its programs do another thing.
_BENDING = (
    *("COMPOSE_", "CONSOLE_", "DATADOG_", "DD_", "_DD_", "FLASK_", "OTEL_", "PYTEST_", "PYTHON"),
    "WERKZEUG_",
)
_OWN = ("CONSOLE_", "FLASK_", "PYTHON", "WERKZEUG_")
"""Those of them that bend the command itself; the console is served by it."""
_PYTHON_STAYS = {
    *("PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONNOUSERSITE"),
    *("PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED", "PYTHONUTF8"),
}

# What libraries of the services go by besides: requests, PostgreSQL's client, SQLite, the agent.
_FOREIGN = {
    *("ALL_PROXY", "CURL_CA_BUNDLE", "HOST", "HTTP_PROXY", "HTTPS_PROXY", "NETRC", "PORT"),
    *("PGDATABASE", "PGHOST", "PGHOSTADDR", "PGOPTIONS", "PGPASSWORD", "PGPORT", "PGSERVICE"),
    *("PGSSLMODE", "PGUSER", "REDIS_URL", "REQUESTS_CA_BUNDLE", "SQLITE_TMPDIR", "TASTER_URL"),
}
_SHELLS_OWN = {"UID", "GID"}
"""Names of FORMER that many a shell has set for itself."""

_LEFT_OUT = "_MATCHMAKER_LEFT_OUT"


def base() -> dict[str, str]:
    """What every process needs, and nothing that tells a service or a tracer how to behave."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _BASE or name.startswith(_BASE_PREFIX)
    }


def ours() -> dict[str, str]:
    """What the shell says to `web` and `taster`, by the names that nobody else uses."""
    return {name: os.environ[name] for name in OURS if os.environ.get(name)}


def for_console() -> dict[str, str]:
    """The environment of the console, and so of the commands that its page runs."""
    needed = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _CONSOLE or name.startswith(_CONSOLE_PREFIXES)
    }
    return {**base(), **needed, **ours()}


def for_docker() -> dict[str, str]:
    """The environment of Docker's command: all that is the user's, but what bends Compose.

    compose.yaml asks for nothing but names of ours, and the registries' helpers for any.
    """
    return {name: value for name, value in os.environ.items() if not _bends(name)}


def begin_anew() -> None:
    """Start this program once more without what the shell says to Python, Flask or the console.

    Python's variables count before any line of ours does: PYTHONPATH puts another project's
    packages before the pinned ones, PYTHONOPTIMIZE takes the assertions out.
    """
    wrong = [name for name in os.environ if name.startswith(_OWN) and _bends(name)]
    if wrong:
        clean = {name: value for name, value in os.environ.items() if name not in wrong}
        clean[_LEFT_OUT] = ",".join(sorted(wrong))
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], clean)


def unused() -> list[str]:
    """The names of what the shell says that somebody might expect to count here, and does not."""
    left_out = [name for name in os.environ.get(_LEFT_OUT, "").split(",") if name]
    return sorted({*left_out, *(name for name in os.environ if _matters(name))})


def wrong_names() -> dict[str, str]:
    """What is wrong with names in the shell that look like the workshop's, each with a remedy."""
    told = {
        f"{name} in your shell is not used.": f"The workshop's variable is {FORMER[name]}."
        for name in sorted(os.environ.keys() & FORMER.keys() - _SHELLS_OWN)
    }
    return told | _unknown(os.environ, "your shell")


def wrong_names_in_dotenv(names: Collection[str]) -> dict[str, str]:
    """The same for `.env`, of whose variables these are the names."""
    told = {
        f"{name} in .env is called {FORMER[name]} now.": "Change its name there."
        for name in sorted(FORMER.keys() & set(names))
    }
    return told | _unknown(names, ".env")


def _unknown(names: Iterable[str], place: str) -> dict[str, str]:
    known = {name.removeprefix(PREFIX): name for name in (*OURS, *FOR_COMPOSE)}
    told = {}
    for name in sorted(names):
        word = name.removeprefix(PREFIX)
        if word != name and word not in known:
            like = difflib.get_close_matches(word, known, 1)
            guess = f"Is it {known[like[0]]}? " if like else ""
            told[f"{name} in {place} is not known."] = f"{guess}.env.example lists what is."
    return told


def no_proxy() -> str:
    """The shell's list of hosts that are reached without a proxy, with this machine on it."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name.strip() for name in named.split(",") if name.strip()]
    return named if "*" in names else ",".join(dict.fromkeys([*names, "127.0.0.1", "localhost"]))


def _bends(name: str) -> bool:
    return name.startswith(_BENDING) and name not in _PYTHON_STAYS


def _matters(name: str) -> bool:
    is_former = name in FORMER and name not in _SHELLS_OWN
    return is_former or _bends(name) or name.upper() in _FOREIGN
