"""Runs a template's Python tasks even if the owner of a folder can't start Python.

On a shared host, root's Python is often in root's home, where uv installs it and nobody else can
enter. A process that has become the owner of a repository (owner.py) can't start that Python. But
it can fork, and the copy already has the interpreter and the loaded modules. The copy then runs the
script as `python script.py` would, with its own arguments, environment, exit code, and module path.
"""

import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Options of Python that make no difference in a process that is already running.
_SWITCHES = set("BEIOPSsu")


def is_closed() -> bool:
    """Whether this process isn't allowed to start another Python."""
    return not os.access(sys.executable, os.X_OK)


def run(
    command: str | Sequence[str], *, shell: bool, env: Mapping[str, str], **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does, but a Python script in a fork if Python is closed."""
    script = [] if isinstance(command, str) else script_of(command)
    if shell or not script or not is_closed():
        return subprocess.run(command, shell=shell, env=env, **options)
    child = os.fork()
    if child == 0:
        _be(script, env)
    _, status = os.waitpid(child, 0)
    return subprocess.CompletedProcess(command, os.waitstatus_to_exitcode(status))


def script_of(command: Sequence[str]) -> list[str]:
    """The Python script of a command, with its arguments; empty if the command isn't Python."""
    program, *words = command
    if program != sys.executable:
        return []
    while words and words[0].startswith("-") and set(words[0][1:]) <= _SWITCHES:
        words.pop(0)
    return words if words and not words[0].startswith("-") else []


def _be(script: list[str], env: Mapping[str, str]) -> None:
    """Run the script in this process, and end the process."""
    code: Any = 1
    try:
        os.environ.clear()
        os.environ.update(env)
        sys.argv = script
        sys.path.insert(0, str(Path(script[0]).resolve().parent))
        runpy.run_path(script[0], run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code & 0xFF if isinstance(code, int) else int(code is not None))
