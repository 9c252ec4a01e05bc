"""How the command speaks: as the trainee's tool does, and in tables that nothing cuts."""

import os

from rich.console import Console
from workshop import terminal

# Where nobody looks at it directly, a table must not be cut to fit a screen.
PLAIN_WIDTH = 200


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or error, without any styles with NO_COLOR."""
    plain = terminal.console(stderr=stderr)
    if not plain.is_terminal and "COLUMNS" not in os.environ:
        plain.width = PLAIN_WIDTH
    return plain
