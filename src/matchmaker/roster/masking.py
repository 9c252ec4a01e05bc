"""Removes API keys from what we show to people."""

import re

# An API key, an application key, and the forms that newer ones have.
_KEY = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{28,}|dd[a-z]{0,4}_\w{16,})(?![0-9A-Za-z])")

# Long runs of letters and digits, and values that are called secrets. This matches more than keys,
# so that it misses none.
_SECRET = re.compile(
    r"(?i)(?<=key=)\S+|(?<=token=)\S+|(?<=secret=)\S+|(?<=password=)\S+|(?<=bearer )\S+"
    r"|(?<!\w)(?=\w*\d)(?=\w*[a-z])\w{20,}={0,2}"
)
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b.|[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def masked(text: str) -> str:
    """A text without anything that looks like a key."""
    return _KEY.sub("(a key)", text)


def tame(output: bytes, secrets: bytes = b"") -> str:
    """A program's output, without anything that looks like a secret, and no control characters.

    `secrets` is what it printed where a secret belongs. The result repeats no line of it.
    """
    text = _CONTROL.sub("", output.decode(errors="replace"))
    for line in secrets.decode(errors="replace").splitlines():
        if len(line.strip()) > 3:
            text = text.replace(line.strip(), "(a key)")
    return _SECRET.sub("(a key)", masked(text))
