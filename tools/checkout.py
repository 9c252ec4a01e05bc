"""The files of this checkout as its users get them: a clean repository with a tag."""

import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TAG = "v1.0.0"


def tagged_clone(folder: Path) -> Path:
    """Copy the checkout's files, edits included, to `folder`, and commit and tag them there."""
    listed = _git(REPOSITORY, "ls-files", "-co", "--exclude-standard", "-z")
    for path in listed.split("\0"):
        if path and (REPOSITORY / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / path, folder / path)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    identity = ("-c", "user.name=Matchmaker", "-c", "user.email=matchmaker@localhost")
    _git(folder, *identity, "commit", "--quiet", "--message", "The template")
    _git(folder, "tag", TAG)
    return folder


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout
