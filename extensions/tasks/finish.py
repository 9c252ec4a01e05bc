"""Finish a workshop in the current folder. Copier runs this after a copy and after an update.

One process does all of it, because starting Python takes longer than the work. After a copy, the
workshop becomes a git repository with a first commit, because `copier update` merges against that
commit. It also gets a copy of the template's repository, so that trainees need no network to move
between steps.
"""

import os
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

# Where workshop/moving/template_copy.py looks for it. That module fetches whatever is missing.
KEPT = Path(".workshop", "template.git")

# Runs git as the trainee's tool does. Loaded by path, because the tool may not be installed here.
GIT_ENVIRONMENT = (
    Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py"
)


def main(operation: str, source: str, quiet: str) -> None:
    """Finish the workshop; `source` is the folder of the template on this machine.

    Raises SystemExit with git's reason if a command of git fails.
    """
    # An update writes the key if there is none, as in a clone of a workshop. A recopy moves it.
    runpy.run_path(str(Path(__file__).with_name("keep_key.py")))["keep"](quiet == "True")
    if operation == "copy":  # an update runs this in temporary folders too
        tool = runpy.run_path(str(GIT_ENVIRONMENT))
        commit(tool)
        keep_template(tool, source)


def commit(tool: dict[str, Any]) -> None:
    """Make a repository with one commit, unless the workshop was copied into an existing one."""
    folder, git = Path.cwd(), tool["run"]
    around = tool["asking"](os.environ)  # the user decides whether to trust a repository there
    if git(folder, "rev-parse", "--is-inside-work-tree", environment=around).returncode == 0:
        return
    own = {**tool["alone"](os.environ), **tool["author"](folder, os.environ)}
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "--no-verify", "-m", "Start the workshop"],
    ):
        done = git(folder, *command, environment=own)
        if done.returncode != 0:
            raise SystemExit(f"The workshop is ready, but git could not commit it: {done.stderr}")


def keep_template(tool: dict[str, Any], source: str) -> None:
    """Clone the template, unless it is a plain folder, from which nobody could update either."""
    # The template may belong to another user whom this user trusts.
    asking = tool["asking"](os.environ)

    def git(*arguments: str) -> Any:
        return tool["run"](Path.cwd(), *arguments, environment=asking)

    if git("-C", source, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        return
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.parent.mkdir(exist_ok=True)
    # With hard links, giving a workshop to another user would also give them the template's files.
    options = ("--quiet", "--bare", "--no-hardlinks", "--template=")
    done = git("clone", *options, "--", source, str(KEPT))
    if done.returncode != 0:
        raise SystemExit(f"The workshop is ready, but has no copy of its template: {done.stderr}")


if __name__ == "__main__":
    main(*sys.argv[1:])
