"""Ends a command that needs a person to fix something: with a message, and with exit code 1."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from workshop.problem import Problem, Problems, condensed
from workshop.terminal import in_words, print_problem


class ProblemsInWords(TyperGroup):
    """Prints one or more Problem exceptions for a person, and exits with code 1."""

    indent = ""
    """What to print before a remedy."""

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


def run(app: typer.Typer, name: str, indent: str = "") -> None:
    """Run the command, and explain it if there's no room for what it prints, as in `> file`."""
    try:
        try:
            app(prog_name=name)
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EPIPE):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what would be printed at exit
        if error.errno != errno.EPIPE:  # a reader such as `head` has enough, and needs no message
            what = f"The command cannot write any more: {error.strerror}."
            print_problem(Problem(what, "Make room, and run it again."), indent)
        sys.exit(1)
