"""How many trainees one hub can have: Kubernetes limits what the chart keeps in a Secret."""

from collections.abc import Mapping
from math import ceil

from matchmaker.problem import Problem

LARGEST = 2**20
"""In bytes, of a Secret: https://kubernetes.io/docs/concepts/configuration/secret/"""
_CHART = 40_000
"""At most, of the chart's own values and tokens. Its values.yaml has 22,000."""
_FOR_ALL = 2 * _CHART
"""At most, of everything that is the same for one trainee as for many."""


def secret_problem(texts: Mapping[str, str], trainees: str, count: int) -> Problem | None:
    """A problem if the hub's Secret would be too large; None if it isn't.

    The chart keeps all values in it, and once more each file that the hub reads. `texts` are the
    files for the chart. `trainees` is the file about the trainees, and `count` says how many.
    """
    values = sum(len(texts[name].encode()) for name in ("values.yaml", "hub.yaml"))
    size = values + len(trainees.encode()) + _CHART
    if size <= LARGEST:
        return None
    sessions = ceil((size - _FOR_ALL) / (LARGEST - _FOR_ALL))
    what = (
        f"The hub's settings for {count:,} trainees have {size:,} bytes, and a cluster keeps at "
        f"most {LARGEST:,} of them."
    )
    remedy = f"Make {sessions} sessions of it, each with a name, a domain, and a hub of its own."
    return Problem(what, remedy)
