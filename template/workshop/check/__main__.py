"""Runs pytest with some checks, and starts the stack that they share at the same time.

The arguments are an empty folder for the stack, the checks, and after `--` pytest's options.
"""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path

from workshop.check.early import SHARED, TRACED, Early, fixtures
from workshop.settings import ROOT


def main(folder: Path, checks: list[str], options: list[str]) -> int:
    """Run pytest with these files and options, and return its exit code.

    `folder` is an empty folder for the stack.
    """
    early = Early(folder)
    needed = fixtures(ROOT / check for check in checks)
    try:
        if needed & SHARED:
            early.begin(with_agent=bool(needed & TRACED))
        import pytest

        return pytest.main([*options, *checks], plugins=[early])
    finally:
        early.end()


if __name__ == "__main__":
    gc.disable()  # as in workshop/__main__.py, and until the end, which is near
    atexit.register(gc.freeze)
    divider = sys.argv.index("--")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:divider], sys.argv[divider + 1 :]))
