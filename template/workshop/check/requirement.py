"""What a check's test says when a requirement is not met."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


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


class Unjudged(AssertionError):
    """A requirement of which nothing can be said while another one is not met."""


def after(requirement: Callable[P, None], *arguments: P.args, **options: P.kwargs) -> None:
    """Raise Unjudged unless another requirement, that test, is met: its own line says why."""
    try:
        requirement(*arguments, **options)
    except Unmet as error:
        raise Unjudged(str(error)) from error
