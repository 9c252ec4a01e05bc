"""What a check's test says when a requirement is not met."""

from __future__ import annotations


class Unmet(AssertionError):
    """A requirement that is not met, in the words of the person who is to meet it."""

    def __init__(self, *, expected: str, seen: str, hint: str) -> None:
        super().__init__(f"expected {expected}; seen {seen}; {hint}")
        self.expected = expected
        self.seen = seen
        self.hint = hint
        """Points at the place, usually as "Did you forget …?", and does not solve it."""


def require(met: object, *, expected: str, seen: str, hint: str) -> None:
    """Raise Unmet unless `met` is true."""
    if not met:
        raise Unmet(expected=expected, seen=seen, hint=hint)
