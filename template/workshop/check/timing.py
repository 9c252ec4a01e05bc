"""Reads the lines of timing.log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = re.compile(
    r"(?:req: (?P<request>.+?), )?"
    r"(?P<kind>function|operation) (?P<name>\S+) took (?P<seconds>\d+\.\d+) seconds"
)


@dataclass(frozen=True)
class Line:
    """One line. `kind` is `function` or `operation`."""

    kind: str
    name: str
    seconds: float
    text: str
    """The whole line, as in the file."""
    request: str | None
    """The value after `req:`. None if the line doesn't begin with that."""


def parse(lines: Sequence[str]) -> list[Line]:
    """The lines that have the workshop's form. Ignores other lines."""
    matches = [(_LINE.search(line), line) for line in lines]
    return [
        Line(m["kind"], m["name"], float(m["seconds"]), line.strip(), m["request"])
        for m, line in matches
        if m
    ]


def shown(lines: Sequence[str]) -> str:
    """The first few lines, for a table."""
    if not lines:
        return "no new line"
    more = f" and {len(lines) - 2} more" if len(lines) > 2 else ""
    return ", ".join(f"`{line}`" for line in lines[:2]) + more
