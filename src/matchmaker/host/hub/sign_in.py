"""Signs trainees in with a password of their own.

Runs inside the hub, as `workshop.sign_in.PerTraineeAuthenticator`. See servers.py for where.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from jupyterhub.auth import Authenticator

from .servers import trainees

MEMORY = 64 * 1024 * 1024
"""The most that one hash may take, in bytes."""


class PerTraineeAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Checks a trainee's password against its hash. There is no password for all."""

    # One at a time, and not in the hub's own thread: who guesses can't keep the hub from its work.
    _hashing = ThreadPoolExecutor(1)

    async def authenticate(self, _handler: Any, data: Mapping[str, str]) -> str | None:
        """The trainee's name, or None if there is no such trainee, or the password is another."""
        name = self.normalize_username(data.get("username", ""))
        password = data.get("password", "").strip()  # as people paste it
        hashes = {known: one["hash"] for known, one in trainees().items() if "hash" in one}
        # A name that nobody has takes as long as any other, so nobody learns who takes part.
        against = hashes.get(name) or next(iter(hashes.values()), "")
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._hashing, is_right, password, against)
        return name if right and name in hashes else None


def is_right(password: str, hashed: str) -> bool:
    """Whether this is the password with that hash, `scrypt$N$r$p$salt$hash`."""
    try:
        kind, n, r, p, salt, expected = hashed.split("$")
        found = hashlib.scrypt(
            password.encode(),
            salt=base64.b64decode(salt, validate=True),
            n=int(n),
            r=int(r),
            p=int(p),
            maxmem=MEMORY,
            dklen=len(base64.b64decode(expected, validate=True)),
        )
    except (ValueError, binascii.Error):
        return False
    return kind == "scrypt" and hmac.compare_digest(base64.b64encode(found), expected.encode())
