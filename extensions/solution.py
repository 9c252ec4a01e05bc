"""Filters that render the code of other steps, and what a step changes, from the same template.

Copier loads this file separately, so it can't import its siblings.
"""

import difflib
from functools import lru_cache
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context


@lru_cache(maxsize=256)  # for another trainee, it's nearly always the same
def unified_diff(path: str, before: str, after: str) -> str:
    """The change of one file, in a form that `git apply` accepts."""
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
    """Render a file of the template at `step`, without changing any other answer.

    `step` is an entry of the catalogue.
    """
    return _rendered(context, path, step.number)


@pass_context
def solution(context: Context, step: Any) -> str:
    """The difference between the code at `step` and at the next step, for all its files.

    All other answers stay the same. `step` is an entry of the catalogue.
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

    keeps_nothing = True  # between trainees, so matchmaker can compile texts once

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["solution"] = solution
        environment.filters["code_at"] = code_at
