"""Copier's question, which renders only texts that have Jinja in them, and parses YAML once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property, lru_cache
from typing import Any

from workshop.moving.plain_texts import is_plain

from matchmaker.repositories.inside_copier import Question, inner, parse_yaml_string


class QuickQuestion(Question):
    """A question of a template, with the same answers as Copier's."""

    def render_value(self, value: Any, extra_answers: dict[str, Any] | None = None) -> Any:
        """Render a text, or return it if there is nothing to render."""
        if isinstance(value, str) and is_plain(self.jinja_env, value):
            return value
        return super().render_value(value, extra_answers)

    @cached_property
    def _formatted_choices(self) -> Sequence[Any]:
        if isinstance(self.choices, str):
            # A copy, because the next trainee's question must not find it changed.
            self.choices = deepcopy(_parsed(self.render_value(self.choices)))
        return super()._formatted_choices


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
