"""Make a git repository, with one first commit, of the workshop in the current folder.

Copier runs this after a copy. `copier update` merges against that commit, so it has to be there
from the start. A workshop that was copied into an existing repository is left for its owner to
commit.
"""

import os
import runpy
from pathlib import Path

# How git runs, as in the trainee's tool. Not imported, since the tool need not be installed here.
GIT = runpy.run_path(
    str(Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py")
)


def main() -> None:
    folder, git = Path.cwd(), GIT["run"]
    around = GIT["asking"](os.environ)  # a repository there is the user's to trust
    if git(folder, "rev-parse", "--is-inside-work-tree", environment=around).returncode == 0:
        return
    own = {**GIT["alone"](os.environ), **GIT["author"](folder, os.environ)}
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "--no-verify", "-m", "Start the workshop"],
    ):
        done = git(folder, *command, environment=own)
        if done.returncode != 0:
            raise SystemExit(f"The workshop is there, but git could not commit it: {done.stderr}")


if __name__ == "__main__":
    main()
