"""How a command ends that a person has to mend something for: in words, and with exit code 1."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from workshop.problem import Problem, Problems, condensed
from workshop.terminal import in_words, print_problem


class ProblemsInWords(TyperGroup):
    """Prints a Problem, or many, for a person, and ends with exit code 1."""

    indent = ""
    """What stands before a remedy."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            print_problem(problem, self.indent)
            raise typer.Exit(1) from problem
        except Problems as together:
            for each in condensed(together.problems):
                print_problem(each, self.indent)
            raise typer.Exit(1) from together
        except typer.BadParameter as error:
            error.message = in_words(error.message)
            raise
