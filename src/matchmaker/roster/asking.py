"""Asks in a terminal which columns of a table have people's names."""

import re
from collections.abc import Sequence

import typer

from matchmaker.roster.masking import masked
from matchmaker.terminal import console

_LONGEST = 60
"""How many characters of a column's name and of its sample we show."""


def ask_for_names(columns: Sequence[tuple[str, str]]) -> list[int]:
    """Ask which columns have the names; return their indexes, with that of first names first.

    `columns` has the name of each column, and a sample of what is in it.
    """
    err = console(stderr=True)
    err.print("Which column has the trainees' names?\n")
    for number, (name, sample) in enumerate(columns, start=1):
        err.print(f"{number:>4}  {_shown(name)}: {_shown(sample)}", soft_wrap=True)
    text = "\nType its number, or two for first and last names, such as 2 3"
    while True:
        typed = re.findall(r"\d+", typer.prompt(text, err=True))
        indexes = [int(number) - 1 for number in typed]
        if indexes and all(0 <= index < len(columns) for index in indexes):
            return list(dict.fromkeys(indexes))
        err.print(f"Type a number from 1 to {len(columns)}.")


def _shown(text: str) -> str:
    text = masked(" ".join(text.split()))
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
