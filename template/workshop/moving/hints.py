"""The hints of a step, one at a time: the first is a pointer, the last nearly the solution."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from workshop import state_file
from workshop.problem import Problem

FILE = Path("steps", "hints.toml")
GIVEN = Path(".workshop", "hints.json")


@dataclass(frozen=True)
class Hint:
    """One hint: number `number` of `total`."""

    text: str
    number: int
    total: int

    @property
    def left(self) -> int:
        """How many hints follow."""
        return self.total - self.number


def hints(root: Path) -> dict[str, list[str]]:
    """All hints, by the slug of their step. Raises Problem."""
    try:
        data = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
        return {slug: [str(text).strip() for text in step["hints"]] for slug, step in data.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Problem(
            f"{FILE} cannot be read: {error}.", f"Restore it: workshop reset {FILE}"
        ) from error


def following(root: Path, slug: str) -> Hint:
    """Give the step's next hint. After the last one, give the last one again."""
    texts = hints(root)[slug]
    number = min(taken(root).get(slug, 0) + 1, len(texts))
    state_file.write(root / GIVEN, {**state_file.mapping(root / GIVEN), slug: number})
    return Hint(texts[number - 1], number, len(texts))


def given(root: Path, slug: str) -> list[Hint]:
    """The step's hints so far, in order. Raises Problem."""
    texts = hints(root).get(slug, [])
    return [
        Hint(text, number, len(texts))
        for number, text in enumerate(texts[: taken(root).get(slug, 0)], start=1)
    ]


def taken(root: Path) -> dict[str, int]:
    """How many hints the trainee has taken, by the slug of the step."""
    data = state_file.mapping(root / GIVEN)
    return {slug: number for slug, number in data.items() if isinstance(number, int) and number > 0}
