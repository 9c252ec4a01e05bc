"""Has Typer parse only the values that somebody typed.

Typer imports pydantic to parse a value, which takes longer than most commands take to run.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperOption

_parse = TyperOption.process_value


def _parse_if_typed(option: TyperOption, context: Any, value: Any) -> Any:
    is_default = value is None or value is option.default
    if not is_default or option.required or option.multiple or option.nargs != 1:
        return _parse(option, context, value)
    return option.callback(context, option, value) if option.callback else value


def only_what_is_typed() -> None:
    """From now on, leave the defaults of options as they are: they have the right type."""
    TyperOption.process_value = _parse_if_typed  # type: ignore[assignment,method-assign]
