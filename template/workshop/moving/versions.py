"""Finds the newest version of the template, and whether the workshop has it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from workshop.moving import answers, template_copy
from workshop.moving.git import asking, run, succeeds
from workshop.problem import Problem

GLANCE_SECONDS = 1.0


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
        given = answers.read(root)
        listing = run(
            root,
            *_list(given.source),
            environment={**asking(), "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"},
            seconds=GLANCE_SECONDS,
        ).stdout
    except (Problem, subprocess.TimeoutExpired):
        return None
    found = _newest(listing)
    has_copy = template_copy.has(root / template_copy.PATH, given.commit)
    return found if found and has_copy and is_newer(root, found, given.commit) else None


def newest(root: Path, source: str) -> Release:
    """The newest version. Raises Problem if it can't reach the template."""
    found = _newest(template_copy.ask(root, source, *_list(source)))
    if found is None:
        raise Problem(f"The template at {source} is empty.", "Nothing was changed.")
    return found


def fetch(root: Path, source: str) -> None:
    """Update the workshop's copy of the template. Raises Problem."""
    # Keep what it has: the workshop's version may no longer be on any branch.
    what = ("--tags", "--force", template_copy.address(source), "+HEAD:refs/heads/newest")
    folder = root / template_copy.PATH
    template_copy.ask(
        folder, source, f"--git-dir={folder}", "fetch", "--quiet", "--no-auto-gc", *what
    )


def is_newer(root: Path, release: Release, commit: str) -> bool:
    """Whether the release contains anything that the version `commit` doesn't."""
    folder = root / template_copy.PATH
    arguments = ("merge-base", "--is-ancestor", release.commit, commit)
    return not succeeds(folder, f"--git-dir={folder}", *arguments)


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
    try:
        version = Version(tag)
    except InvalidVersion:
        return None
    return None if version.is_prerelease else version
