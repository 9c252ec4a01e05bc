"""How the command prints: like the trainee's tool, and with tables that are never cut off."""

import os

from rich.console import Console
from workshop import terminal

# If output goes to a file or a pipe, don't cut a table to fit a screen.
PLAIN_WIDTH = 200


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or error. With NO_COLOR, it has no styles."""
    plain = terminal.console(stderr=stderr)
    if not plain.is_terminal and "COLUMNS" not in os.environ:
        plain.width = PLAIN_WIDTH
    return plain
