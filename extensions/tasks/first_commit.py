"""Turn the workshop in the current folder into a git repository with a first commit.

Copier runs this after a copy. `copier update` merges against that commit, so it has to exist from
the start. If the workshop was copied into an existing repository, its owner commits it.
"""

import os
import runpy
from pathlib import Path

# Runs git as the trainee's tool does. Loaded by path, because the tool may not be installed here.
GIT = runpy.run_path(
    str(Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py")
)


def main() -> None:
    folder, git = Path.cwd(), GIT["run"]
    around = GIT["asking"](os.environ)  # the user decides whether to trust a repository there
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
            raise SystemExit(f"The workshop is ready, but git could not commit it: {done.stderr}")


if __name__ == "__main__":
    main()
