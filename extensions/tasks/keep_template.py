"""Keep a copy of the template's repository in the workshop, to move between steps offline.

Copier runs this after a copy, with the path of the template on this machine. If the template is a
plain folder, there is nothing to keep, and `copier update` wouldn't work either.
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
GIT = runpy.run_path(
    str(Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py")
)


def git(*arguments: str) -> Any:
    # The template may belong to another user whom this user trusts.
    return GIT["run"](Path.cwd(), *arguments, environment=GIT["asking"](os.environ))


def main(source: str) -> None:
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
    main(sys.argv[1])
