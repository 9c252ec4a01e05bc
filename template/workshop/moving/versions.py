"""Finds the newest version of the template, and whether the workshop has it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workshop.moving import answers, template_copy
from workshop.moving.git import asking, run
from workshop.problem import Problem

if TYPE_CHECKING:
    from packaging.version import Version

GLANCE_SECONDS = 1.0
# A tag that has a number with a dot, so that it can't be the name of a commit.
_NUMBERED = re.compile(r"v?[0-9]+\.")


# Our limit ends git alone. These let the programs that git has started end soon after it.
_IMPATIENT = {
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=2 -o ServerAliveInterval=2",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "2",
}


@dataclass(frozen=True)
class Release:
    """A version of the template."""

    tag: str
    """Empty if the version has no tag."""
    commit: str

    def __str__(self) -> str:
        return self.tag or self.commit[:7]


def glance(root: Path) -> Release | None:
    """The version that an update would bring, or None if there is none or nobody answers in time.

    Raises nothing, and waits for at most a second.
    """
    try:
        version, source = answers.of_template(root)
        listing = run(
            root,
            *_list(source),
            environment={**asking(), **_IMPATIENT},
            seconds=GLANCE_SECONDS,
        ).stdout
        found = _newest(listing)
        # Nearly always, it's the version that the workshop has, and git need not be asked again.
        if found is None or (found.tag == version and _NUMBERED.match(found.tag)):
            return None
        if template_copy.local(root, version) is None:
            return None
    except (Problem, subprocess.TimeoutExpired):
        return None
    return found if is_newer(root, found, version) else None


def newest(root: Path, source: str) -> Release:
    """The newest version. Raises Problem if it can't reach the template."""
    found = _newest(template_copy.ask(root, source, *_list(source)))
    if found is None:
        raise Problem(f"The template at {source} is empty.", "Nothing was changed.")
    return found


def fetch(root: Path, source: str, release: Release) -> str:
    """Add a release to the workshop's copy of the template. Raises Problem.

    Returns the version that the workshop then records. The copy keeps the versions that it has.
    """
    version = release.tag or release.commit[:7]
    template_copy.fetch(root, source, version, "" if release.tag else "HEAD")
    return version


def is_newer(root: Path, release: Release, current: str) -> bool:
    """Whether a release is newer than the version `current`, which the copy has to have.

    The workshop has no history of its template, so the numbers decide. Without numbers, every other
    commit counts as newer, except those that the current one was made from.
    """
    origin = template_copy.origin(root, current)
    if origin and release.commit in (origin.commit, *origin.parents):
        return False
    is_hash = origin is not None and origin.commit.startswith(current)
    here = None if is_hash else _parsed(re.sub(r"-\d+-g[0-9a-f]+$", "", current))
    there = _parsed(release.tag)
    return not (here and there) or there > here


def _list(source: str) -> tuple[str, ...]:
    return ("ls-remote", "--quiet", "--", template_copy.address(source), "HEAD", "refs/tags/*")


def _newest(listing: str) -> Release | None:
    """The highest version among the tags, as Copier sorts them. Without tags, the latest commit."""
    references = {name: commit for commit, name in map(str.split, listing.splitlines())}
    tags = {
        # An annotated tag appears twice, once as the commit that it points to.
        name.removesuffix("^{}").removeprefix("refs/tags/"): commit
        for name, commit in sorted(references.items())
        if name.startswith("refs/tags/")
    }
    versions = {version: name for name in tags if (version := _version(name))}
    if versions:
        tag = versions[max(versions)]
        return Release(tag, tags[tag])
    return Release("", references["HEAD"]) if "HEAD" in references else None


def _version(tag: str) -> Version | None:
    version = _parsed(tag)
    return None if version is None or version.is_prerelease else version


def _parsed(tag: str) -> Version | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(tag)
    except InvalidVersion:
        return None
