"""Finds the newest version of the template, and whether the workshop has it."""

from __future__ import annotations

import re
from pathlib import Path

from workshop.moving import template_copy
from workshop.moving.releases import Release, listing, newest_in, parsed
from workshop.problem import Problem


def newest(root: Path, source: str) -> Release:
    """The newest version. Raises Problem if it can't reach the template."""
    found = newest_in(template_copy.ask(root, source, *listing(source)))
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
    here = None if is_hash else parsed(re.sub(r"-\d+-g[0-9a-f]+$", "", current))
    there = parsed(release.tag)
    return not (here and there) or there > here
