"""Runs a template's Python tasks where the owner of a folder cannot start Python.

On a shared host, root often has Python in its own home, which is closed to everybody else (uv
installs it there). A process that has become the owner of a repository (owner.py) cannot start that
Python anew. It can fork: the copy has the interpreter and the modules that are loaded already. So
it runs the script as `python script.py` would: with its own arguments, environment, exit code and
folder of modules.
"""

import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What Python does not need to be told in a process that has begun already.
_SWITCHES = set("BEIOPSsu")


def is_closed() -> bool:
    """Whether this process may not start another Python."""
    return not os.access(sys.executable, os.X_OK)


def run(
    command: str | Sequence[str], *, shell: bool, env: Mapping[str, str], **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does; a script for Python in a copy of this process."""
    script = [] if isinstance(command, str) else _script_of(command)
    if shell or not script:
        return subprocess.run(command, shell=shell, env=env, **options)
    child = os.fork()
    if child == 0:
        _be(script, env)
    _, status = os.waitpid(child, 0)
    return subprocess.CompletedProcess(command, os.waitstatus_to_exitcode(status))


def _script_of(command: Sequence[str]) -> list[str]:
    """The script that a command has Python run, and its arguments; empty if it is another."""
    program, *words = command
    if program != sys.executable:
        return []
    while words and words[0].startswith("-") and set(words[0][1:]) <= _SWITCHES:
        words.pop(0)
    return words if words and not words[0].startswith("-") else []


def _be(script: list[str], env: Mapping[str, str]) -> None:
    """Be that script's process, to its end."""
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
