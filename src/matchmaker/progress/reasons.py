"""Lists what is unusual without a line for everyone."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from matchmaker.progress.known import Known
from matchmaker.report.calm import without_slug

SEEN = "; last seen at "
"""What comes before the time, in a reason of which only the time differs."""
BEFORE = "the record at its remote is from before this repository was made, on "
"""What comes before the time, if somebody's repository took the place of an earlier one."""
_NAMED = 8
"""How many names to list for one reason."""


def by_reason(found: Iterable[tuple[Known, str]]) -> Iterator[Text]:
    """What is unusual: each reason once, with the names of those whom it's about.

    If it's about several, it has `{slug}` for the slug of each.
    """
    reasons: dict[str, list[tuple[str, str]]] = {}
    for known, trouble in found:
        if trouble:
            own, _, seen = trouble.partition(SEEN)
            name = f"{known.shown}{seen and f' ({seen})'}"
            reasons.setdefault(without_slug(own, known.slug), []).append((name, own))
    for general, same in reasons.items():
        names = [name for name, _ in same]
        reason = same[0][1] if len(same) == 1 else general
        others = len(names) - _NAMED
        listed = ", ".join(names[:_NAMED]) + (f", and {others} more" if others > 0 else "")
        yield Text(f"{listed}: {reason}")
