"""The exceptions with which a check's test reports an unmet requirement."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Unmet(AssertionError):
    """An unmet requirement, in words for the person who has to meet it."""

    def __init__(self, *, expected: str, seen: str, hint: str) -> None:
        super().__init__(f"expected {expected}; seen {seen}; {hint}")
        self.expected = expected
        self.seen = seen
        self.hint = hint
        """Points to the place, usually as "Did you forget …?", without giving the solution."""


def require(met: object, *, expected: str, seen: str, hint: str) -> None:
    """Raise Unmet unless `met` is true."""
    if not met:
        raise Unmet(expected=expected, seen=seen, hint=hint)


class Unjudged(AssertionError):
    """A requirement that can't be tested while another one is unmet."""


def after(requirement: Callable[P, None], *arguments: P.args, **options: P.kwargs) -> None:
    """Raise Unjudged unless another requirement (a test) is met. Its own line explains why."""
    try:
        requirement(*arguments, **options)
    except Unmet as error:
        raise Unjudged(str(error)) from error
