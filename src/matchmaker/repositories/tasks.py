"""Runs the tasks of a template, without starting Python for each one.

A template's own script can declare `KEEPS_NOTHING = True`: that its `main` may be called for one
repository after the other in the same process. Then this module loads the script once and calls
`main` with the same arguments, in the same folder, and with the same environment as the script
would have. Everything else runs as Copier runs it.
"""

import re
import runpy
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from workshop.moving import git_environment

from matchmaker.repositories import closed_python

_KEEPS_NOTHING = re.compile(r"^KEEPS_NOTHING = True$", re.MULTILINE)


class TaskError(Exception):
    """A task failed. The text is what it said."""


def run(
    command: str | Sequence[str], *, shell: bool, env: Mapping[str, str], **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does for Copier's tasks. Raises TaskError."""
    script = [] if shell or isinstance(command, str) else closed_python.script_of(command)
    main = _main_of(script[0]) if script else None
    if main is None:
        return closed_python.run(command, shell=shell, env=env, **options)
    try:
        with git_environment.instead(env):
            main(*script[1:])
    except SystemExit as ended:
        if ended.code:
            raise TaskError(str(ended.code)) from ended
    return subprocess.CompletedProcess(command, 0)


@cache
def _main_of(script: str) -> Callable[..., object] | None:
    """The function `main` of a script that declares that it keeps nothing; None of any other."""
    path = Path(script)
    if not path.is_absolute() or not path.is_file():
        return None
    if not _KEEPS_NOTHING.search(path.read_text("utf-8", "replace")):
        return None
    main: Callable[..., object] = runpy.run_path(script)["main"]
    return main
