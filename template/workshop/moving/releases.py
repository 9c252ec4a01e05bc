"""The template's versions, in the words of `git ls-remote`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

SHORT_FORMS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}

# The most usual form. Such tags are in the order of their numbers.
_USUAL = re.compile(r"v([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Release:
    """A version of the template."""

    tag: str
    """Empty if the version has no tag."""
    commit: str

    def __str__(self) -> str:
        return self.tag or self.commit[:7]


def listing(source: str) -> tuple[str, ...]:
    """The arguments with which git lists a template's versions."""
    return ("ls-remote", "--quiet", "--", address(source), "HEAD", "refs/tags/*")


def newest_in(listed: str) -> Release | None:
    """The highest version among the tags, as Copier sorts them. Without tags, the latest commit.

    None if there is nothing at all.
    """
    references = {name: commit for commit, name in map(str.split, listed.splitlines())}
    tags = {
        # An annotated tag appears twice, once as the commit that it points to.
        name.removesuffix("^{}").removeprefix("refs/tags/"): commit
        for name, commit in sorted(references.items())
        if name.startswith("refs/tags/")
    }
    if tag := _highest([*tags]):
        return Release(tag, tags[tag])
    return Release("", references["HEAD"]) if "HEAD" in references else None


def parsed(tag: str) -> Version | None:
    """The version that a tag names. None if it isn't the name of a version."""
    from packaging.version import InvalidVersion, Version  # `status` rarely needs it

    try:
        return Version(tag)
    except InvalidVersion:
        return None


def address(source: str) -> str:
    """The template's address in a form that git accepts. Copier has its own short forms."""
    for short, long in SHORT_FORMS.items():
        if source.startswith(short):
            return long + source.removeprefix(short).lstrip("/")
    return str(Path(source).expanduser()) if re.match("~", source) else source


def _highest(tags: list[str]) -> str:
    """The tag with the highest version, without those before a release. Empty if there is none."""
    usual = [_USUAL.fullmatch(tag) for tag in tags]
    if tags and all(usual):
        numbers = [tuple(map(int, match.groups())) for match in usual if match]
        return max(zip(numbers, tags, strict=True))[1]
    versions = {
        version: tag
        for tag in sorted(tags)
        if (version := parsed(tag)) and not version.is_prerelease
    }
    return versions[max(versions)] if versions else ""
