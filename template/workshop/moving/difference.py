"""Shows the difference between two states of the code, as git does: in color, and in a pager."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workshop import inside
from workshop.moving.line_ends import with_lf
from workshop.problem import Problem

Code = dict[str, bytes]
"""The contents of files, by their names."""


def of_trainee(root: Path, names: Sequence[str]) -> Code:
    """The code in the work tree, without missing files and links. Its lines end with LF."""
    return {name: with_lf(inside.read(root, name)) for name in names if inside.is_file(root, name)}


def show(before: tuple[str, Code], after: tuple[str, Code]) -> bool:
    """Print the difference between two states, each with its name. False if there is none.

    `git apply` accepts the output. Raises Problem if git isn't installed.
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
        # The trainee's color and pager apply, but the format is always one for `git apply`.
        colour = ["-c", "color.ui=false"] if os.environ.get("NO_COLOR") else []
        plain = ["--no-prefix", "--no-ext-diff", "--no-textconv"]
        try:
            done = subprocess.run(
                ["git", *colour, "diff", "--no-index", *plain, before[0], after[0]],
                cwd=folder,
                env={
                    **os.environ,
                    "LC_ALL": "C",
                    "GIT_CEILING_DIRECTORIES": str(Path(folder).parent),
                },
                check=False,
            )
        except FileNotFoundError as error:
            raise Problem(
                "git is not installed, or not on the PATH.",
                "Install it from https://git-scm.com.",
            ) from error
        return done.returncode != 0
