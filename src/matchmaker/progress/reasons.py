"""Lists what is unusual without a line for everyone."""

from collections.abc import Iterable, Iterator

from rich.text import Text

SEEN = "; last seen at "
"""What comes before the time, in a reason of which only the time differs."""
_NAMED = 8
"""How many names to list for one reason."""


def by_reason(found: Iterable[tuple[str, str]]) -> Iterator[Text]:
    """What is unusual: each reason once, with the names of those whom it's about."""
    reasons: dict[str, list[str]] = {}
    for name, trouble in found:
        if trouble:
            reason, _, seen = trouble.partition(SEEN)
            reasons.setdefault(reason, []).append(f"{name}{seen and f' ({seen})'}")
    for reason, names in reasons.items():
        others = len(names) - _NAMED
        listed = ", ".join(names[:_NAMED]) + (f", and {others} more" if others > 0 else "")
        yield Text(f"{listed}: {reason}")
