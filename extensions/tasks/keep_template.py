"""Keep a copy of the template's repository in the workshop: moving between steps needs no network.

Copier runs this after a copy, with the place of the template on this machine. Where the template is
a plain folder there is nothing to keep: `copier update` would not work either.
"""

import os
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

# Where workshop/moving/template_copy.py looks for it. It fetches whatever is missing there.
KEPT = Path(".workshop", "template.git")

# How git runs, as in the trainee's tool. Not imported, since the tool need not be installed here.
GIT = runpy.run_path(
    str(Path(__file__).parents[2] / "template" / "workshop" / "moving" / "git_environment.py")
)


def git(*arguments: str) -> Any:
    # What the template is cloned from may be another user's, whom this one trusts.
    return GIT["run"](Path.cwd(), *arguments, environment=GIT["asking"](os.environ))


def main(source: str) -> None:
    if git("-C", source, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        return
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.parent.mkdir(exist_ok=True)
    # With links, whoever gives a workshop to another user would give away the template's own files.
    options = ("--quiet", "--bare", "--no-hardlinks", "--template=")
    done = git("clone", *options, "--", source, str(KEPT))
    if done.returncode != 0:
        raise SystemExit(f"The workshop is there, but not its template's copy: {done.stderr}")


if __name__ == "__main__":
    main(sys.argv[1])
