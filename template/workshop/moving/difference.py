"""Two states of the code side by side, as git shows them: in colour, and in a pager."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workshop.moving.git import ALWAYS
from workshop.problem import Problem

Code = dict[str, bytes]
"""Files by their names."""


def of_trainee(root: Path, names: Sequence[str]) -> Code:
    """The code as it is in the work tree; a missing file is left out."""
    return {name: (root / name).read_bytes() for name in names if (root / name).is_file()}


def show(before: tuple[str, Code], after: tuple[str, Code]) -> bool:
    """Print the difference between two states, each with what to call it; False if there is none.

    `git apply` takes what is printed. Raises Problem when there is no git.
    """
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        for title, code in (before, after):
            for name, content in {"": None, **code}.items():
                path = Path(folder, title, name)
                if content is None:
                    path.mkdir()
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
        colour = ["-c", "color.ui=false"] if os.environ.get("NO_COLOR") else []
        try:
            done = subprocess.run(
                ["git", *colour, "diff", "--no-index", "--no-prefix", before[0], after[0]],
                cwd=folder,
                env={**os.environ, **ALWAYS, "GIT_CEILING_DIRECTORIES": str(Path(folder).parent)},
                check=False,
            )
        except FileNotFoundError as error:
            raise Problem(
                "git is not installed, or not on the PATH.",
                "https://git-scm.com says how to install it.",
            ) from error
        return done.returncode != 0
