"""The steps, as steps.toml lists them.

The template's extension loads this file by its path, so it imports nothing from the tool.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Step:
    """One entry of the catalog."""

    number: int
    slug: str
    title: str
    minutes: int
    """How long a trainee needs for it."""
    files: tuple[str, ...]
    """The files whose code the trainee changes."""
    built: str = ""
    """What the trainee has at its end, in a few words. Empty if the title says it all."""
    replaced_by: str = ""
    """The slug of the step that removes this step's code. Its check applies until then."""
    brings: str = ""
    """What the code contains from the end of this step: `timing`, `tracing`, or nothing new."""
    guess: str = ""
    """What the trainee guesses, in milliseconds. Empty for nothing."""
    questions: str = ""
    """The file with the step's questions, relative to the repository. Empty for none."""
    measures: str = ""
    """What the trainee guesses before `workshop cost` measures it. Empty for nothing."""

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
        """The step's page, relative to the repository."""
        return f"steps/{self.number:02}-{self.slug}.md"

    @property
    def check(self) -> str:
        """The file with the step's check, relative to the repository."""
        return f"checks/test_{self.number:02}_{self.key}.py"


def steps_in(data: Mapping[str, Any]) -> list[Step]:
    """The steps in the content of a steps.toml, in order.

    Raises KeyError, TypeError, or ValueError if it isn't a catalog of steps.
    """
    optional = [field.name for field in fields(Step) if field.default == ""]
    return [
        Step(
            number=int(entry["number"]),
            slug=str(entry["slug"]),
            title=str(entry["title"]),
            minutes=int(entry["minutes"]),
            files=tuple(str(name) for name in entry["files"]),
            **{name: str(entry[name]) for name in optional if name in entry},
        )
        for entry in data["step"]
    ]
