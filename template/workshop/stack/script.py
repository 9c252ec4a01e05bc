"""Explains in plain words why Python can't run one of the two files that are services.

Python explains it too, but in its own words ("can't find '__main__' module in …"), and with paths
in the copy that a check runs in.
"""

from __future__ import annotations

import stat
import tokenize
from pathlib import Path

from workshop.problem import Problem

SCRIPTS = {"web": "app.py", "taster": "taster.py"}


def require(root: Path) -> None:
    """Raise Problem if Python can't run one of the files in `root`. It names all of them."""
    found = [problem for name in SCRIPTS.values() if (problem := problem_of(root / name))]
    if found:
        raise Problem(
            "\n".join(problem.what for problem in found),
            "\n".join(dict.fromkeys(problem.remedy for problem in found)),
        )


def problem_of(path: Path) -> Problem | None:
    """Why Python can't even start to read a script, or None if it can."""
    name = path.name
    back = f"restore it: `git restore {name}`, or from the step's start, `workshop reset {name}`"
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Problem(f"{name} is a folder.", f"Move it away, then {back}.")
        if not stat.S_ISREG(mode):
            return Problem(f"{name} is not a file.", f"Move it away, then {back}.")
        with tokenize.open(path) as file:  # as Python reads it, in the encoding that it names
            text = file.read()
    except FileNotFoundError:
        if path.is_symlink():
            what = f"{name} is a link to {path.readlink()}, which doesn't exist."
            return Problem(what, f"Delete the link, then {back}.")
        return _missing(path, back)
    except PermissionError:
        return Problem(f"You may not read {name}.", f"Give yourself permission: chmod u+rw {name}")
    except OSError as error:
        return Problem(f"{name} cannot be read: {error.strerror}.", f"Move it away, then {back}.")
    except (UnicodeDecodeError, SyntaxError):
        what = f"{name} is not UTF-8, as Python files are."
        return Problem(what, f"Save it as UTF-8 in your editor, or {back}.")
    if not text.strip():
        return Problem(f"{name} is empty.", f"Undo that in your editor, or {back}.")
    return None


def _missing(path: Path, back: str) -> Problem:
    """A missing file. Maybe a file next to it has a similar name."""
    alike = [
        entry.name
        for entry in sorted(path.parent.iterdir())
        if entry.name.casefold().startswith(path.stem) and entry.name != "__pycache__"
    ]
    if alike:
        return Problem(
            f"{path.name} is not there.", f"Is it {alike[0]} now? Rename it back, or {back}."
        )
    return Problem(f"{path.name} is not there.", f"Was it renamed or moved? If it is gone, {back}.")
