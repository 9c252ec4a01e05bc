"""Copier's question, which renders only texts that have Jinja in them, and parses YAML once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from workshop.moving.plain_texts import is_plain

from matchmaker.repositories.inside_copier import (
    Question,
    SandboxedEnvironment,
    inner,
    parse_yaml_string,
)

# By the environment of a clone, which doesn't change.
_needs: WeakKeyDictionary[SandboxedEnvironment, dict[str, bool]] = WeakKeyDictionary()


class QuickQuestion(Question):
    """A question of a template, with the same answers as Copier's."""

    def render_value(self, value: Any, extra_answers: dict[str, Any] | None = None) -> Any:
        """Render a text, or return it if there is nothing to render."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str) and is_plain(self.jinja_env, value):
            return value
        return super().render_value(value, extra_answers)

    @cached_property
    def _formatted_choices(self) -> Sequence[Any]:
        if isinstance(self.choices, str):
            # A copy, because the next trainee's question must not find it changed.
            self.choices = deepcopy(_parsed(self.render_value(self.choices)))
        return super()._formatted_choices


def needs_context(environment: SandboxedEnvironment, name: str, details: Mapping[str, Any]) -> bool:
    """Whether anything in a question of copier.yml has to be rendered."""
    known = _needs.setdefault(environment, {})
    if name not in known:
        known[name] = _has_jinja(environment, details)
    return known[name]


def _has_jinja(environment: SandboxedEnvironment, value: Any) -> bool:
    if isinstance(value, str):
        return not is_plain(environment, value)
    if isinstance(value, Mapping):
        return any(_has_jinja(environment, one) for one in (*value, *value.values()))
    if isinstance(value, list | tuple):
        return any(_has_jinja(environment, one) for one in value)
    return False


@contextmanager
def quick_questions() -> Iterator[None]:
    """During the block, let Copier ask quick questions."""
    before = inner.Question
    inner.Question = QuickQuestion
    try:
        yield
    finally:
        inner.Question = before


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    return parse_yaml_string(text)
