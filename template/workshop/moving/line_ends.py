"""Line ends: the template has LF, and a checkout or an editor on Windows can make CRLF of it.

A difference in nothing else is no change of the trainee's, so no comparison and no merge counts it.
"""

from __future__ import annotations

LONGEST = 1 << 22
"""In bytes. No text of the template or of a trainee is longer."""


def with_lf(content: bytes) -> bytes:
    """A text with LF at the end of each line. Anything else as it is."""
    # The test for text is git's own, for `text=auto`.
    if b"\r\n" not in content or b"\0" in content or len(content) > LONGEST:
        return content
    return content.replace(b"\r\n", b"\n")


def is_same(one: bytes | None, other: bytes | None) -> bool:
    """Whether two files differ in nothing but line ends. None is a missing file."""
    if one is None or other is None:
        return one is other
    return one == other or with_lf(one) == with_lf(other)
