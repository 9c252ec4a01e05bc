"""The token that opens the console where other people have accounts on the machine.

It is in `.workshop/console-token`, which only its owner can read: never in a process's arguments or
environment, nor in a log. Each `workshop up` makes a new one; it stays while the services run, so
that a console that starts again knows who was there already.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from workshop.problem import Problem
from workshop.settings import Settings

FILE = "console-token"
BYTES = 24
"""Of randomness. As text it is longer than an API key, so that nobody takes it for one."""


def renew(settings: Settings) -> None:
    """Make a new token, where this workshop's console asks for one. Raises Problem."""
    if settings.shared_host:
        _write(settings.run_dir / FILE)


def required(settings: Settings) -> str:
    """The token that the console has to ask for; empty where it asks for none.

    Makes one where there is none yet, as when Compose started the console. Raises Problem.
    """
    if not settings.shared_host:
        return ""
    path = settings.run_dir / FILE
    return _read(path) or _write(path)


def link(settings: Settings) -> str:
    """The console's address, with the token that opens it where it asks for one."""
    url = f"http://localhost:{settings.ports.console}"
    token = _read(settings.run_dir / FILE) if settings.shared_host else ""
    return f"{url}/?token={token}" if token else url


def _read(path: Path) -> str:
    """What the file holds; empty unless it is a token.

    The file has to be one's own, or the folder owner's: root reads it, or a container made it.
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
    token = secrets.token_hex(BYTES)
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        # Nobody else can read it at any moment, and no link leads it elsewhere.
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{token}\n")
        draft.replace(path)
    except OSError as error:
        raise Problem(
            f"The console's token cannot be written to {path}: {error.strerror}.",
            f"Whose folder is it? Look at `ls -ld {path.parent}`.",
        ) from error
    return token
