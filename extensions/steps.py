"""The steps, and which of them the code already has.

Copier loads this file separately, so it can't import its siblings.
"""

import tomllib
from collections.abc import MutableMapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from copier_template_extensions import ContextHook

DATA = Path(__file__).parent.parent / "template" / "workshop"
CATALOGUE = DATA / "steps.toml"


@dataclass(frozen=True)
class Step:
    """One entry of the catalogue. `minutes` is how long it takes a trainee."""

    number: int
    slug: str
    title: str
    minutes: int
    files: tuple[str, ...]
    replaced_by: str = ""

    @property
    def key(self) -> str:
        """The slug as the name of an attribute, as in `done`."""
        return self.slug.replace("-", "_")

    @property
    def version(self) -> str:
        """The version of the code at this step, so that deployment tracking compares the steps."""
        return f"step-{self.number}"

    @property
    def page(self) -> str:
        """The path of the step's page in a trainee's repository."""
        return f"steps/{self.number:02}-{self.slug}.md"


def read_catalogue(path: Path = CATALOGUE) -> tuple[Step, ...]:
    """Read the steps in their order. The trainee's tool uses the other entries of the file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["step"]
    names = {field.name for field in fields(Step)}
    known = [{name: entry[name] for name in names & entry.keys()} for entry in entries]
    return tuple(Step(**{**entry, "files": tuple(entry["files"])}) for entry in known)


STEPS = read_catalogue()
TROUBLES = tomllib.loads((DATA / "troubles.toml").read_text(encoding="utf-8"))["trouble"]


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
        context["steps"] = SimpleNamespace(**{entry.key: entry for entry in STEPS})
        context["current"] = STEPS[step - 1]
        context["done"] = done_before(step)
        context["troubles"] = TROUBLES
