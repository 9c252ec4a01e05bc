"""Finish a workshop in the current folder. Copier runs this after a copy and after an update.

One process does all of it, because starting Python takes longer than the work. After a copy, the
workshop gets the part of the template that trainees need to move between steps, so that even a
clone needs no network. Then it becomes a git repository with a first commit, because
`copier update` merges against that commit.
"""

import os
import runpy
import sys
from functools import cache
from pathlib import Path
from typing import Any

KEEPS_NOTHING = True
"""`matchmaker` may call `main` for one workshop after the other, in a process of its own."""
ONLY_THE_KEY = True
"""In an update, it changes only the key's file, which is not in git, and no update compares."""

# Parts of the trainee's tool. Loaded by path, because the tool may not be installed here.
MOVING = Path(__file__).parents[2] / "template" / "workshop" / "moving"


def main(operation: str, source: str, quiet: str = "False", version: str = "") -> None:
    """Finish the workshop; `source` is the folder of the template on this machine.

    `version` is the one that Copier recorded. It's empty if the template isn't in git.

    Raises SystemExit with git's reason if a command of git fails.
    """
    # An update writes the key if there is none, as in a clone of a workshop. A recopy moves it.
    loaded(Path(__file__).with_name("keep_key.py"))["keep"](quiet == "True")
    if operation == "copy":  # an update runs this in temporary folders too
        tool = loaded(MOVING / "git_environment.py")
        if version:
            keep_template(tool, Path(source), version)
        commit(tool)


@cache
def loaded(path: Path) -> dict[str, Any]:
    """What a file of Python defines."""
    return runpy.run_path(str(path))


@cache
def remembered_git() -> Any:
    """Git, which remembers what it said for one workshop when it makes the next."""
    run = loaded(MOVING / "git_environment.py")["run"]
    return loaded(MOVING / "remembered_git.py")["RememberedGit"](run)


def commit(tool: dict[str, Any]) -> None:
    """Make a repository with one commit, unless the workshop was copied into an existing one."""
    folder = Path.cwd()
    if is_inside_another(folder, tool):
        return
    own = {**tool["alone"](os.environ), **tool["author"](folder, os.environ)}
    make = loaded(MOVING / "first_commit.py")["make"]
    try:
        make(folder, "Start the workshop", remembered_git(), own)
    except OSError as error:
        raise SystemExit(f"The workshop is ready, but could not be committed: {error}") from error


def is_inside_another(folder: Path, tool: dict[str, Any]) -> bool:
    """Whether git finds a repository in this folder or around it."""
    ceilings = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    if str(folder.parent) in ceilings and not any(map(os.path.lexists, (".git", "HEAD"))):
        return False  # git would look only here, and there is none
    around = tool["asking"](os.environ)  # the user decides whether to trust a repository there
    asked = tool["run"](folder, "rev-parse", "--is-inside-work-tree", environment=around)
    return bool(asked.returncode == 0)


def keep_template(tool: dict[str, Any], source: Path, version: str) -> None:
    """Put the template into the workshop, from its clone or as `matchmaker` prepared it there."""
    bundles = loaded(MOVING / "template_bundle.py")
    try:
        content = bundles["of"](source, version, tool["run"], tool["alone"](os.environ))
    except OSError as error:
        raise SystemExit(f"The template cannot be put into the workshop: {error}") from error
    path = Path(bundles["NAME"])
    path.unlink(missing_ok=True)  # a link's target isn't part of the workshop
    path.write_bytes(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
