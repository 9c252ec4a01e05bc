"""The exceptions that explain what went wrong, in words for the person who has to fix it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MOST = 3
"""How many problems of one kind to list individually."""


class Problem(Exception):
    """A failure that its reader can fix: what is wrong, what to do next, and where it is.

    `where` is a file, followed by `:` and a line if there is one. It is empty if the problem isn't
    in a file. Problems with the same remedy have the same `kind`. It is empty for a unique problem.
    """

    def __init__(self, what: str, remedy: str = "", where: str = "", kind: str = "") -> None:
        super().__init__(
            what, remedy, where, kind
        )  # pickle needs these to copy it to another process
        self.what = what
        self.remedy = remedy
        self.where = where
        self.kind = kind

    def __str__(self) -> str:
        return self.what

    @property
    def line(self) -> int:
        """The line in `where`, or 0 if there is none."""
        line = self.where.rpartition(":")[2]
        return int(line) if line.isdecimal() else 0


class Problems(Exception):
    """Everything that is wrong, found at once, so that the reader can fix it at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(problem.what for problem in self.problems)


def condensed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The same problems in the same order, but many of one kind become one that lists all lines."""
    kinds: dict[str, list[Problem]] = {}
    everything = list(problems)
    for problem in everything:
        kinds.setdefault(problem.kind, []).append(problem)
    for problem in everything:
        alike = kinds[problem.kind]
        if not problem.kind or len(alike) <= MOST:
            yield problem
        elif problem is alike[0]:
            lines = sorted({other.line for other in alike[1:]} - {problem.line})
            more = f" The same applies to {'lines' if len(lines) > 1 else 'line'} {ranges(lines)}."
            yield Problem(problem.what, problem.remedy + more, problem.where)


def ranges(numbers: Sequence[int]) -> str:
    """A short form of some numbers: `3, 5 to 9 and 12`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    words = [" to ".join(map(str, pair)) for pair in ranges]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
