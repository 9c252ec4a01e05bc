"""Keeps Copier from doing the same work hundreds of times while it renders a workshop.

For each file, it compiles the parts of the file's path and the name of the answers file as
templates, and asks git twice whether the file is executable in a repository. Without that, moving
takes half as long. The content of the files, which is all that this tool takes, stays the same.

Written for copier 9.19.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ASKING = "_sync_git_index_executable_bit"
"""Copier's own method that asks git."""


@contextmanager
def once() -> Iterator[None]:
    """In this block, Copier compiles the same source once, and doesn't ask git about files."""
    from copier import _main
    from jinja2 import Environment

    compile_anew = Environment.compile
    compiled: dict[tuple[Any, ...], Any] = {}

    def compile_once(environment: Environment, source: Any, *others: Any, **options: Any) -> Any:
        # Copier's several environments differ in their class and their extensions alone. An update
        # has those of two versions, with the same names: Jinja puts what a filter makes of a
        # constant into what it compiles.
        kind = (type(environment), *map(type, environment.extensions.values()))
        key = (source, others, *options.items(), *kind)
        if key not in compiled:
            compiled[key] = compile_anew(environment, source, *others, **options)
        return compiled[key]

    def ask_nobody(*_: object) -> None:
        pass

    ask = getattr(_main.Worker, ASKING, None)  # another version may have another one
    Environment.compile = compile_once  # type: ignore[assignment,method-assign]
    if ask:
        setattr(_main.Worker, ASKING, ask_nobody)
    try:
        yield
    finally:
        Environment.compile = compile_anew  # type: ignore[method-assign]
        if ask:
            setattr(_main.Worker, ASKING, ask)
