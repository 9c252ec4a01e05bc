"""How the command speaks: one console, which is plain where nobody would see its colours."""

from __future__ import annotations

import codecs
import os
import re
import sys
import threading
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from workshop.problem import Problem

COLOURS = {
    "web": "cyan",
    "taster": "magenta",
    "redis": "red",
    "agent": "green",
    "console": "blue",
    "workshop": "bold",
}
STATES = {"ready": "green", "starting": "yellow", "waiting": "yellow", "failed": "bold red"}

# What pydantic says, by which Typer reads numbers, and what we say instead.
_OF_NUMBERS = (
    (r"Input should be a valid number\b.*", "Type a number, such as 20."),
    (r"Input should be a valid integer\b.*", "Type a whole number, such as 3."),
    (r"Input should be a finite number\b.*", "Type a number, such as 20."),
    (r"Input should be greater than or equal to (.+)", r"Type \1 or more."),
    (r"Input should be less than or equal to (.+)", r"Type \1 or less."),
)

# For terminals that have no Unicode: what stands for the signs that this command prints.
_PLAIN = {"│": "|", "…": "...", "█": "#"}


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign, "?") for sign in signs), error.end


def tolerate_any_text() -> None:
    """Make standard output and error take every text, whatever their encoding."""
    codecs.register_error("workshop.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="workshop.plain")  # type: ignore[union-attr]


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or error, without any styles with NO_COLOR."""
    return Console(
        stderr=stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def in_words(message: str) -> str:
    """What Typer says against a value, in words of ours if it is about a number."""
    for pattern, ours in _OF_NUMBERS:
        message = re.sub(pattern, ours, message, flags=re.DOTALL)
    return message


def print_problem(problem: Problem, indent: str = "") -> None:
    """Tell on standard error what went wrong, where, and what to do about it."""
    err = console(stderr=True)
    where = f"{problem.where}: " if problem.where else ""
    err.print(f"{where}{problem.what}", style="bold red", soft_wrap=True)
    if problem.remedy:
        err.print(f"{indent}{problem.remedy}", soft_wrap=True)


class LogView:
    """The lines of all services in one stream, each with its service's name before it."""

    def __init__(self, out: Console, on_closed: Callable[[], None]) -> None:
        self._out = out
        self._on_closed = on_closed
        self._lock = threading.Lock()

    def say(self, source: str, line: str) -> None:
        """Print one line; from any thread."""
        text = Text.assemble((f"{source:>8} │ ", COLOURS[source]))
        # Programs colour their logs as they like: styles for a terminal, nothing for a file.
        text.append_text(Text.from_ansi(line))
        if source == "workshop":
            text.stylize("bold")
        try:
            with self._lock:
                self._out.print(text, soft_wrap=True)
        except (OSError, SystemExit):  # nobody reads this any more; rich would exit for that
            self._on_closed()
