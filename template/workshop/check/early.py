"""Starts the stack that checks share before pytest is imported, which takes as long."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workshop.check.apart import copied, of_copy
from workshop.problem import Problem
from workshop.settings import Settings, load
from workshop.stack.supervisor import Starting, starting_stack

if TYPE_CHECKING:
    from workshop.check.stack import Stack

SHARED = {"stack", "first", "lines", "look"}
"""The fixtures that need the shared stack."""
TRACED = {"look"}
"""The ones that need its agent, too."""


class Early:
    """The stack that checks share, below the empty `folder`.

    The fixture `stack` finds it among the plugins of pytest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._has_agent = False
        self._apart: Settings | None = None
        self._starting: Starting | None = None
        self._error: Exception | None = None
        self._exit = contextlib.ExitStack()

    def begin(self, with_agent: bool) -> None:
        """Begin to start it. Those who need it learn whether that failed."""
        self._has_agent = with_agent
        self._error = None
        try:
            apart = copied(load(), self._folder / ("traced" if with_agent else "stack"))
            services = of_copy(apart, with_agent=with_agent)
            self._starting = self._exit.enter_context(starting_stack(apart, stack=services))
            self._apart = apart
        except (OSError, Problem) as error:
            self._error = error

    def stack(self, with_agent: bool) -> Stack:
        """The stack, as soon as it is ready. Raises Problem if it doesn't start."""
        if self._apart is None or (with_agent and not self._has_agent):
            self.end()
            self.begin(with_agent)
        from workshop.check.stack import Stack  # it takes a while, as pytest does

        if self._error:
            raise self._error
        assert self._apart
        assert self._starting
        self._starting.wait()
        return Stack(self._apart)

    def request_end(self) -> None:
        """Make the services end soon."""
        if self._starting:
            self._starting.supervisor.request_stop("done")

    def end(self) -> None:
        """End the services, and return when they are gone."""
        self._exit.close()


def fixtures(checks: Iterable[Path]) -> set[str]:
    """The names of the fixtures that the functions in these files ask for."""
    found = set()
    for path in checks:
        with contextlib.suppress(OSError, SyntaxError, ValueError):  # pytest says what is wrong
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.FunctionDef):
                    found |= {argument.arg for argument in node.args.args}
    return found
