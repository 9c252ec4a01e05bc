"""Which tags a search doesn't offer: what might be a secret, or an ID, which says as little."""

from __future__ import annotations

import re

from workshop.key_form import is_api_key, is_application_key
from workshop.traces.query import KEY

LONGEST = 80
"""Of a value to offer, in characters."""

_SECRET_KEY = re.compile(
    r"secret|passw|pwd|token|api.?key|app.?key|auth|cookie|credential|private|signature|\bdsn\b",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"://[^/\s]*:[^/\s]*@"  # a URL with a password
    r"|\b(bearer|basic)\s"
    r"|(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{20,}",  # random characters, or an ID
    re.IGNORECASE,
)


def may_be_offered(key: str, value: str) -> bool:
    """Whether a tag is short, can be written in a query, and isn't a secret."""
    return (
        0 < len(value) <= LONGEST
        and "\n" not in value
        and not key.startswith("_")
        and bool(KEY.fullmatch(f"{key}:"))
        and not is_secret(key, value)
    )


def is_secret(key: str, value: str) -> bool:
    """Whether a value might be a secret, or an ID, which says as little."""
    if _SECRET_KEY.search(key) or _SECRET_VALUE.search(value):
        return True
    return is_api_key(value) or is_application_key(value)
