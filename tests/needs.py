"""What some tests want that not every machine has.

They are skipped where it is missing, and the end of the run says in one line what was not tested.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

NEEDS = {
    "Chromium": "the pages in a browser",
    "tmux": "the workshop in a terminal",
    "PostgreSQL": "SQL on a server",
    "Docker": "the workshop in containers",
    "Docker Compose": "whether Compose reads compose.yaml",
    "npm": "the dev container, and a hub",
    "kubectl": "what kubectl makes of the files for a cluster",
    "root": "files of another user",
    "the right to mount": "a full disk",
    "an index of packages": "what is installed from there",
    "shellcheck": "the shell of scripts and workflows",
}
"""What may be missing, and what is not tested then."""

INSTALLED_BY_CI = ("Chromium", "tmux", "PostgreSQL", "npm")
_REASON = re.compile(r"(?:Skipped: )?(.+) is missing: .+")


def reason(what: str) -> str:
    """Why a test is skipped where this is missing."""
    return f"{what} is missing: {NEEDS[what]}"


def skip_without(what: str) -> NoReturn:
    """Skip the test, or all that use the fixture, since this is missing; in CI that is an error."""
    if os.environ.get("CI") and what in INSTALLED_BY_CI:
        pytest.fail(f"{reason(what)}. CI has to install it (.ci/install)")
    pytest.skip(reason(what))


only_root = pytest.mark.skipif(os.getuid() != 0, reason=reason("root"))
"""For a test that gives files away, which nobody else may."""


def missing(reasons: Iterable[str]) -> str:
    """One line about all tests that were skipped, from their reasons; empty without any."""
    counted = Counter(reasons)
    said = []
    for one, count in counted.most_common():
        tests = f"{count} test{'s' if count > 1 else ''}"
        what = _REASON.fullmatch(one)
        if what and what[1] in NEEDS:
            said.append(f"{what[1]} ({tests}: {NEEDS[what[1]]})")
        else:
            said.append(f"{one.removeprefix('Skipped: ')} ({tests})")
    return f"Missing here, and so not tested: {', '.join(said)}." if said else ""
