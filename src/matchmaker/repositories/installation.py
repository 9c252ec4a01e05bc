"""Which version of this command is installed, and from where.

The installer records it in `direct_url.json`:
https://packaging.python.org/en/latest/specifications/direct-url/
"""

import json
import os
import re
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from workshop.moving import git_environment

# The version of a build without git or tags; see pyproject.toml.
_UNKNOWN = "0"


def source() -> str:
    """The repository or folder that this command was installed from; empty if neither.

    A wheel or an archive, whether from a package index or not, doesn't record where it came from.
    """
    direct = _direct_url()
    url = str(direct.get("url", ""))
    if "vcs_info" in direct:
        return url if url.endswith(".git") else f"git+{url}"
    where = urlsplit(url)
    is_folder = "archive_info" not in direct and where.scheme == "file"
    return url2pathname(where.path) if is_folder else ""


def revision() -> str:
    """The commit that this command was installed from; empty if it isn't recorded."""
    return str(_direct_url().get("vcs_info", {}).get("commit_id", ""))


def tag() -> str:
    """The tag of the installed version; empty if it isn't a release."""
    recorded = _recorded_version()
    return f"v{recorded}" if re.fullmatch(r"\d+\.\d+\.\d+", recorded) else ""


def version() -> str:
    """The installed version, for a person: a tag, or the distance from the last one."""
    direct = _direct_url()
    if direct.get("dir_info", {}).get("editable"):
        described = described_at(Path(source()))
        if described:
            return described
    recorded = _recorded_version()
    if recorded == _UNKNOWN:
        return "of an unknown version"
    return tag() or recorded


def described_at(checkout: Path) -> str:
    """Git's description of the commit that is checked out in a folder; empty if there is none."""
    return _git(checkout, "describe", "--tags", "--always", "--dirty", "--match", "v[0-9]*")


def tag_at(checkout: Path) -> str:
    """The version tag of a folder's commit, or the newest of several; empty if there is none."""
    listed = _git(checkout, "tag", "--points-at", "HEAD", "--sort", "-version:refname", "v[0-9]*")
    return listed.partition("\n")[0]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = git_environment.run(
            folder, *arguments, environment=git_environment.asking(os.environ)
        )
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()


def _recorded_version() -> str:
    try:
        return metadata.version("matchmaker")
    except metadata.PackageNotFoundError:
        return _UNKNOWN


def _direct_url() -> dict[str, Any]:
    try:
        written = metadata.distribution("matchmaker").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return {}
    record = json.loads(written or "{}")
    return record if isinstance(record, dict) else {}
