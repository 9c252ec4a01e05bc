"""Notices that the trainee saved a file that a check depends on."""

from __future__ import annotations

from collections.abc import Iterator

import watchfiles

from workshop.settings import ROOT


def saves() -> Iterator[list[str]]:
    """The names of the files that changed, in order. Empty if nothing has changed for a moment.

    Begins to watch before the first one, and raises KeyboardInterrupt at Ctrl-C.
    """
    for changes in watchfiles.watch(
        ROOT,
        watch_filter=_Saved(),
        rust_timeout=200,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        yield sorted({path.rpartition("/")[2] for _, path in changes})


class _Saved(watchfiles.PythonFilter):
    """Watches Python files that the trainee saves, and the settings that an update changes."""

    def __init__(self) -> None:
        super().__init__(extra_extensions=(".toml",))

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        hidden = any(part.startswith(".") for part in path[len(str(ROOT)) :].split("/"))
        return not hidden and super().__call__(change, path)
