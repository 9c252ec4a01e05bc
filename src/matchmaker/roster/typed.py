"""Answers in the types of their questions, without guessing."""

from typing import Any

from matchmaker.roster.words import whole_number, yes_or_no


class NotOfItsType(ValueError):
    """An answer of the wrong type. Copier would convert it: "maybe" to yes, and 3.7 to 3."""


def typed(kind: str, value: Any, *, is_text: bool) -> Any:
    """The answer in the type that a question has in copier.yml. Raises NotOfItsType.

    With `is_text`, the answer is from a table, where everything is text.
    """
    if kind == "bool":
        if is_text and isinstance(value, str):
            value = yes_or_no(value)
        if isinstance(value, bool):
            return value
        raise NotOfItsType("Write yes or no." if is_text else "Write true or false, unquoted.")
    if kind == "int":
        if is_text and isinstance(value, str):
            value = whole_number(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise NotOfItsType(f"Write a whole number{'' if is_text else ', without quotes'}.")
    if kind == "str" and not isinstance(value, str):
        raise NotOfItsType("Write text, in quotes.")
    return value
