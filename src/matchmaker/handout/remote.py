"""Finds out whether a repository is there, on its host."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from matchmaker.repositories.limited import Failed, Limited
from matchmaker.urls import local_path

SECONDS = 60.0
"""How long a host may take to answer a question."""

# How hosts and git say that there is no such repository. Some of them also say this about one that
# you may not see, on purpose. Then the command that makes it fails, and changes nothing.
_ABSENT = re.compile(
    r"repository not found"  # GitHub, Bitbucket
    r"|repository '.*' not found"  # git, over HTTP
    r"|does not appear to be a git repository"  # git, over ssh or in a folder
    r"|project you were looking for could not be found"  # GitLab
    r"|cannot find repository|repository (?:\S+ )?does not exist"  # Gitea, Azure, CodeCommit
)
_CLOSED = re.compile(r"permission denied|access denied|authentication failed|forbidden")


@dataclass(frozen=True)
class Remote:
    """Whether a repository is there, and git's message if it couldn't reach it."""

    state: Literal["there", "absent", "unknown"]
    said: str = ""


def look(url: str, folder: Path, variables: Mapping[str, str], limited: Limited) -> Remote:
    """Ask for a repository's branches. `folder` is where git runs.

    It's `absent` only if the host says so. If the network is away, or if this user isn't let in, we
    don't know. Raises GitError if there is no answer.
    """
    question = ("ls-remote", "--heads", "--", url)
    try:
        limited.git(folder, *question, url=url, variables=variables, seconds=SECONDS)
        return Remote("there")
    except Failed as error:
        said, told = str(error), error.printed.lower()
    if not _ABSENT.search(told) or _CLOSED.search(told):
        return Remote("unknown", said)
    path = local_path(url)
    return Remote("unknown" if path and _is_taken(path) else "absent", said)


def _is_taken(path: Path) -> bool:
    """Whether something is in the place of a repository, or we can't find out."""
    try:
        path.lstat()
        return not path.is_dir() or any(path.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True
