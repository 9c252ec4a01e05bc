"""The token that opens the console on a machine where other people have accounts.

It is in `.workshop/console-token`, which only its owner can read, and never in a process's
arguments or environment, nor in a log. Each `workshop up` makes a new token. It stays valid while
the services run, so that browsers stay logged in when the console restarts.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

from workshop.problem import Problem
from workshop.settings import Settings

FILE = "console-token"
BYTES = 24
"""How many random bytes. As text they are longer than an API key, so nobody mistakes it for one."""


def renew(settings: Settings) -> None:
    """Make a new token if this workshop's console asks for one. Raises Problem."""
    if settings.shared_host:
        _write(settings.run_dir / FILE)


def required(settings: Settings) -> str:
    """The token that the console has to ask for. Empty if it asks for none.

    Makes one if there is none yet, for example when Compose started the console. Raises Problem.
    """
    if not settings.shared_host:
        return ""
    path = settings.run_dir / FILE
    return _read(path) or _write(path)


def link(settings: Settings) -> str:
    """The console's address, with the token if it asks for one."""
    url = settings.address("console")
    token = _read(settings.run_dir / FILE) if settings.shared_host else ""
    if token:
        return f"{url}/?token={token}"
    return f"{url}/" if urlsplit(url).path else url  # a proxy may need the slash


def _read(path: Path) -> str:
    """The token in the file. Empty if the file contains anything else.

    The file has to belong to this user or to the folder's owner, because root may read it, or a
    container may have made it.
    """
    try:
        status = path.lstat()
        owners = (os.getuid(), path.parent.stat().st_uid)
        if not stat.S_ISREG(status.st_mode) or status.st_uid not in owners:
            return ""
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if re.fullmatch(rf"[0-9a-f]{{{2 * BYTES}}}", text) else ""


def _write(path: Path) -> str:
    import secrets  # it loads OpenSSL, and nearly every command reads a token at most

    token = secrets.token_hex(BYTES)
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        # At no moment can anyone else read it, and no link redirects it.
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{token}\n")
        draft.replace(path)
    except OSError as error:
        raise Problem(
            f"Can't write the console's token to {path}: {error.strerror}.",
            f"Check who owns the folder: `ls -ld {path.parent}`.",
        ) from error
    return token
