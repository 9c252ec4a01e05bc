"""What went wrong, in the words of the person who has to put it right."""

from collections.abc import Sequence


class Problem(Exception):
    """A failure that its reader can mend: what is wrong, what to do next, and where it is.

    `where` is a file, with `:` and a line behind it if there is one; empty if it is no file's.
    """

    def __init__(self, what: str, remedy: str, where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.where = where


class Problems(Exception):
    """Everything that is wrong, found in one go, so that it can be mended in one go."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = tuple(problems)
