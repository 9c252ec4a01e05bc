"""The code of other steps, and what one changes: renderings of the same template.

Copier loads this file by itself, so it imports nothing of its siblings.
"""

import difflib
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context


def unified_diff(path: str, before: str, after: str) -> str:
    """Write the change of one file in the form that `git apply` takes."""
    return "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
        )
    )


@pass_context
def code_at(context: Context, path: str, step: Any) -> str:
    """Render a file of the template as it is at `step`, with all other answers as they are.

    `step` is an entry of the catalogue.
    """
    return _rendered(context, path, step.number)


@pass_context
def solution(context: Context, step: Any) -> str:
    """Give the difference between the code at `step` and at the one after it, for all its files.

    All other answers stay as they are. `step` is an entry of the catalogue.
    """
    return "".join(
        unified_diff(
            path,
            _rendered(context, path, step.number),
            _rendered(context, path, step.number + 1),
        )
        for path in step.files
    )


def _rendered(context: Context, path: str, number: int) -> str:
    template = context.environment.get_template(f"template/{path}.jinja")
    return template.render({**context.get_all(), "step": number})


class SolutionExtension(Extension):
    """Gives every template the filters `solution` and `code_at`."""

    keeps_nothing = True  # from one trainee to the next: matchmaker may compile texts once

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["solution"] = solution
        environment.filters["code_at"] = code_at
