"""Says each command for the way in which this trainee runs the workshop: with uv, or in Docker.

Texts name a command as on the trainee's own machine: `workshop check`. In a container, they name
the command that does the same there. A text that needs other words for Docker has both, one
after the other, as the macros in extensions/macros/commands.jinja write them.
"""

from __future__ import annotations

import os
import re

from workshop.settings import CONTAINER

PREFIX = "docker compose exec console"
"""What turns a command into one that runs in the console's container."""

_BOTH = re.compile(r"(`[^`]+`)\s+\(in\s+Docker:\s+([^()]+)\)")
"""A command, and what to do in Docker instead."""
_BOTH_LINES = re.compile(r"^# in Docker: (.+)\n(\$ )?(.+\n)", re.MULTILINE)
"""The same in a block of commands, above the command."""
_COMMANDS = (
    r"check|cost|diff|doctor|finish|goto|hint|key|next|reset|solution|start-with|status|traces"
    r"|traffic|update|watch"
)
_OF_GIT = (
    r"add|branch|checkout|cherry-pick|commit|config|diff|init|log|merge|rebase|restore|revert|rm"
    r"|show|status|switch"
)
_ALONE = r"(?<![\w/.-])(?<!console )"
_START_AND_STOP = (
    (rf"{_ALONE}(?:uv run )?workshop up(?: --docker)?\b", "docker compose up"),
    (rf"{_ALONE}(?:uv run )?workshop down\b", "docker compose down"),
)
_IN_CONTAINER = (
    (rf"{_ALONE}git config --global", f"{PREFIX} git config"),  # what is global there doesn't last
    (rf"{_ALONE}(?:uv run )?(workshop (?:{_COMMANDS}))(?![\w-])", rf"{PREFIX} \1"),
    (
        rf"{_ALONE}(?:uvx --with \S+ )?((?:git (?:{_OF_GIT})|copier update))(?![\w-])",
        rf"{PREFIX} \1",
    ),
    (rf"{_ALONE}uv sync(?: --python [\d.]+)?", "docker compose up --build"),
)


def is_in_docker() -> bool:
    """Whether this process runs in one of the workshop's containers."""
    return bool(os.environ.get(CONTAINER))


def said(text: str, in_docker: bool | None = None) -> str:
    """A message, with commands that the reader can run.

    By default, looks at where this process runs. On the trainee's own machine, the services may run
    in containers, too, so a message that has both commands keeps them.
    """
    if not (is_in_docker() if in_docker is None else in_docker):
        return text
    text = _chosen(text, in_docker=True)
    for pattern, instead in (*_START_AND_STOP, *_IN_CONTAINER):
        text = re.sub(pattern, instead, text)
    return text


def page(text: str, in_docker: bool) -> str:
    """A page with only the commands for one way. What only names a command stays as it is."""
    text = _chosen(text, in_docker)
    if in_docker:
        for pattern, instead in _START_AND_STOP:
            text = re.sub(pattern, instead, text)
    return text


def _chosen(text: str, in_docker: bool) -> str:
    """The text, without the other one of two commands."""
    text = _BOTH_LINES.sub(r"\2\1\n" if in_docker else r"\2\3", text)
    return _BOTH.sub(r"\2" if in_docker else r"\1", text)
