"""Make a git repository, with one first commit, of the workshop in the current folder.

Copier runs this after a copy. `copier update` merges against that commit, so it has to be there
from the start. A workshop that was copied into an existing repository is left for its owner to
commit.
"""

import os
import runpy
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Not imported: the folder of a script is not always among those that Python looks in.
ENVIRONMENT = runpy.run_path(str(Path(__file__).with_name("git_environment.py")))


def git(*arguments: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        env={**variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


def main() -> None:
    around = ENVIRONMENT["asking"](os.environ)  # a repository there is the user's to trust
    if git("rev-parse", "--is-inside-work-tree", variables=around).returncode == 0:
        return
    author = ENVIRONMENT["author"](Path.cwd(), os.environ)
    variables = {**ENVIRONMENT["alone"](os.environ), **author}
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "--no-verify", "-m", "Start the workshop"],
    ):
        done = git(*command, variables=variables)
        if done.returncode != 0:
            raise SystemExit(f"The workshop is there, but git could not commit it: {done.stderr}")


if __name__ == "__main__":
    main()
