"""Prints for the terminal, without styles where nobody would see them."""

from __future__ import annotations

import codecs
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from workshop.how_to_run import said
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

# Typer parses numbers with pydantic. These are pydantic's messages, and ours instead.
_OF_NUMBERS = (
    (r"Input should be a valid number\b.*", "Type a number, such as 20."),
    (r"Input should be a valid integer\b.*", "Type a whole number, such as 3."),
    (r"Input should be a finite number\b.*", "Type a number, such as 20."),
    (r"Input should be greater than or equal to (.+)", r"Type \1 or more."),
    (r"Input should be less than or equal to (.+)", r"Type \1 or less."),
)

# A terminal obeys these: they can change its title, fill its clipboard, or turn a line around. The
# names of files, the output of programs, and the records of other people can contain them.
_OBEYED = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# Replacements for the characters that this command prints, for terminals without Unicode.
_PLAIN = {"│": "|", "…": "...", "█": "#"}


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign, "?") for sign in signs), error.end


def tolerate_any_text() -> None:
    """Make standard output and error accept every text, whatever their encoding, or if closed."""
    codecs.register_error("workshop.plain", _plain)
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="workshop.plain")  # type: ignore[union-attr]


class _ForThisReader(Console):
    """Prints messages with the commands for the way in which this trainee runs the workshop.

    No text that it prints can control the terminal. Only its own styles can.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text of each string, those in tables included."""
        return super().render_str(said(text), **options)

    def render(self, *renderable: Any, **options: Any) -> Iterable[Segment]:
        """Make pieces of text, with styles, of whatever is printed."""
        for piece in super().render(*renderable, **options):
            if piece.control or not _OBEYED.search(piece.text):
                yield piece
            else:
                yield Segment(_OBEYED.sub("", piece.text), piece.style)


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or error, without any styles with NO_COLOR."""
    return _ForThisReader(
        stderr=stderr,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def in_words(message: str) -> str:
    """Typer's message about a value, or ours if it is about a number."""
    for pattern, ours in _OF_NUMBERS:
        message = re.sub(pattern, ours, message, flags=re.DOTALL)
    return message


def print_problem(problem: Problem, indent: str = "") -> None:
    """Print on standard error what went wrong, where, and what to do about it."""
    err = console(stderr=True)
    where = f"{problem.where}: " if problem.where else ""
    err.print(f"{where}{problem.what}", style="bold red", soft_wrap=True)
    if problem.remedy:
        err.print(f"{indent}{problem.remedy}", soft_wrap=True)


class LogView:
    """Prints the lines of all services in one stream, each after its service's name."""

    def __init__(self, out: Console, on_closed: Callable[[], None]) -> None:
        self._out = out
        self._on_closed = on_closed
        self._lock = threading.Lock()

    def say(self, source: str, line: str) -> None:
        """Print one line. Any thread may call this."""
        line = said(line) if source == "workshop" else line
        text = Text.assemble((f"{source:>8} │ ", COLOURS[source]))
        # Programs may color their logs: keep that as styles for a terminal, drop it for a file.
        text.append_text(Text.from_ansi(line))
        if source == "workshop":
            text.stylize("bold")
        try:
            with self._lock:
                self._out.print(text, soft_wrap=True)
        except (OSError, SystemExit):  # nobody reads this anymore; rich would exit
            self._on_closed()
