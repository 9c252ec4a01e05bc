"""Finds the line of each value in a TOML file, which `tomllib` doesn't report."""

import tomllib
from typing import Any

Path = tuple[str | int, ...]
"""The path to a value: `("trainee", 2, "step")`."""


def line_numbers(text: str) -> dict[Path, int]:
    """Map every table, array entry, and value to the line (from 1) on which it begins.

    `text` has to be valid TOML.
    """
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, statement in _statements(text):
        content = tomllib.loads(statement)
        is_header = statement.lstrip().startswith("[")
        path = _deepest_tables(content) if is_header else ()
        if is_header:
            table = ()
            for name in path[:-1]:
                table = _entered((*table, name), counts)
            table = (*table, path[-1])
            if statement.lstrip().startswith("[["):
                counts[table] = counts.get(table, -1) + 1
            table = _entered(table, counts)
            lines.setdefault(table, number)
        else:
            _note(content, table, number, lines)
    return lines


def _statements(text: str) -> list[tuple[int, str]]:
    """Split a text into headers and pairs, each with its line. `tomllib` finds where each ends."""
    statements = []
    pending: list[str] = []
    start = 1
    for number, line in enumerate(text.split("\n"), start=1):  # nothing else ends a line in TOML
        if not pending:
            start = number
        pending.append(line)
        statement = "\n".join(pending)
        try:
            content = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a string or an array continues on the next line
        pending = []
        if content:
            statements.append((start, statement))
    return statements


def _deepest_tables(content: dict[str, Any]) -> tuple[str, ...]:
    """The names in a header: the only path through what `tomllib` reads from it."""
    names: tuple[str, ...] = ()
    while content:
        (name, value), *_ = content.items()
        names = (*names, name)
        content = value[0] if isinstance(value, list) else value
    return names


def _entered(table: Path, counts: dict[Path, int]) -> Path:
    """The path that a header opens. For an array of tables, that of its last entry."""
    return (*table, counts[table]) if table in counts else table


def _note(content: Any, path: Path, number: int, lines: dict[Path, int]) -> None:
    """Give everything inside a value the line on which the value begins."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in pairs:
        lines.setdefault((*path, name), number)
        if isinstance(value, dict | list):
            _note(value, (*path, name), number, lines)
