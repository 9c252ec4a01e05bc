"""How the command speaks: one console, which is plain where nobody would see its colours."""

import os

from rich.console import Console

from matchmaker.problem import Problem

# Where nobody looks at it directly, a table must not be cut to fit a screen.
PLAIN_WIDTH = 200


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or error, without any styles with NO_COLOR."""
    made = Console(
        stderr=stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PLAIN_WIDTH
    return made


def print_problem(problem: Problem) -> None:
    """Tell on standard error what is wrong, where, and what to do about it."""
    err = console(stderr=True)
    where = f"{problem.where}: " if problem.where else ""
    err.print(f"{where}{problem.what}", style="red", soft_wrap=True)
    err.print(f"    {problem.remedy}", soft_wrap=True)
