"""The questions of the template of this version, which we know without having the template."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from json import loads
from typing import Any

from matchmaker.roster.new import SCHEMA
from matchmaker.roster.typed import NotOfItsType, typed

_OTHERS = ("api_key", "notes")
"""What else a trainee in a roster can have."""
_KINDS = {"string": "str", "integer": "int", "boolean": "bool"}


@cache
def _forms() -> Mapping[str, Mapping[str, Any]]:
    schema = loads((resources.files("matchmaker.roster") / SCHEMA).read_text(encoding="utf-8"))
    forms = schema["properties"]["trainee"]["items"]["properties"]
    return {name: form for name, form in forms.items() if name not in _OTHERS}


def known_answers() -> tuple[str, ...]:
    """The answers that the template of this version takes, to guess from but not to check with."""
    return tuple(_forms())


def known_columns() -> tuple[str, ...]:
    """The names of the columns of a CSV file that are not notes."""
    return (*known_answers(), "api_key")


def answer_of(question: str, text: str) -> Any:
    """The answer that a text of a table is. Raises NotOfItsType, which says what to write."""
    form = _forms()[question]
    answer = typed(_KINDS[form["type"]], text, is_text=True)
    if "enum" in form and answer not in form["enum"]:
        raise NotOfItsType(f"Write one of {', '.join(map(repr, form['enum']))}.")
    return answer
