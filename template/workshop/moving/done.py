"""Whether a step is done, as its check sees it."""

from __future__ import annotations

import importlib

from workshop.problem import Problem
from workshop.settings import Settings


def is_done(settings: Settings, step: int) -> bool:
    """Run the check of `step`. Raises Problem when there is none."""
    try:
        check = importlib.import_module("workshop.check")
    except ModuleNotFoundError as error:
        raise Problem(
            "This workshop has no checks.", "Move on without: workshop next --force"
        ) from error
    return bool(check.run(settings, step).passed)
