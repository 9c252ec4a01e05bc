"""Keep a copy of the template's repository in the workshop: moving between steps needs no network.

Copier runs this after a copy, with the place of the template on this machine. Where the template is
a plain folder there is nothing to keep: `copier update` would not work either.
"""

import shutil
import subprocess
import sys
from pathlib import Path

# Where workshop/moving/kept.py looks for it; what it does not find there whole, it fetches.
KEPT = Path(".workshop", "template.git")


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], capture_output=True, text=True)


def main(source: str) -> None:
    if git("-C", source, "rev-parse", "--verify", "--quiet", "HEAD").returncode != 0:
        return
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.parent.mkdir(exist_ok=True)
    # With links, whoever gives a workshop to another user would give away the template's own files.
    done = git("clone", "--quiet", "--bare", "--no-hardlinks", "--", source, str(KEPT))
    if done.returncode != 0:
        raise SystemExit(f"The workshop is there, but not its template's copy: {done.stderr}")


if __name__ == "__main__":
    main(sys.argv[1])
