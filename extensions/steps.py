"""The steps, and which of them the code already has.

Copier loads this file separately, so it can't import its siblings. It loads what it shares with the
trainee's tool by path.
"""

import runpy
import tomllib
from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from copier_template_extensions import ContextHook

DATA = Path(__file__).parent.parent / "template" / "workshop"
CATALOGUE = DATA / "steps.toml"


if TYPE_CHECKING:
    from workshop.catalog import Step as Step
    from workshop.catalog import steps_in
else:
    _CATALOG = runpy.run_path(str(DATA / "catalog.py"))
    Step, steps_in = _CATALOG["Step"], _CATALOG["steps_in"]


def read_catalogue(path: Path = CATALOGUE) -> tuple[Step, ...]:
    """Read the steps in order."""
    return tuple(steps_in(tomllib.loads(path.read_text(encoding="utf-8"))))


STEPS = read_catalogue()
BY_KEY = SimpleNamespace(**{entry.key: entry for entry in STEPS})
TROUBLES = tomllib.loads((DATA / "troubles.toml").read_text(encoding="utf-8"))["trouble"]


@cache  # each text that Copier renders needs it again
def done_before(step: int) -> SimpleNamespace:
    """Whether the code at `step` already has the change, for every step."""
    return SimpleNamespace(**{entry.key: entry.number < step for entry in STEPS})


def parse_step(answer: Any) -> int:
    """The step of a raw answer, which can be text, or missing while Copier asks the questions."""
    text = str(answer)
    return int(text) if text.isdecimal() and 1 <= int(text) <= len(STEPS) else 1


class StepsHook(ContextHook):
    """Gives every template the steps, and which of them the trainee has done.

    `catalogue` has them in order, and `steps` by name (`steps.drill_down`). `current` is the step
    in the answers. `done` says for each step whether the code has its change. `troubles` lists
    what `workshop doctor` can diagnose.
    """

    keeps_nothing = True  # between trainees, so matchmaker can compile texts once

    def hook(self, context: MutableMapping[str, Any]) -> None:
        """Add these names to `context`, in place."""
        step = parse_step(context.get("step"))
        context["catalogue"] = STEPS
        context["steps"] = BY_KEY
        context["current"] = STEPS[step - 1]
        context["done"] = done_before(step)
        context["troubles"] = TROUBLES
