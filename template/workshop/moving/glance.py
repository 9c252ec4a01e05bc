"""Glances at the template for a newer version, and doesn't wait long for the answer."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from workshop.moving import answers
from workshop.moving.git import asking, run
from workshop.moving.releases import Release, listing, newest_in
from workshop.problem import Problem

SECONDS = 1.0
# A tag that has a number with a dot, so that it can't be the name of a commit.
_NUMBERED = re.compile(r"v?[0-9]+\.")

# Our limit ends git alone. These let the programs that git has started end soon after it.
_IMPATIENT = {
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=2 -o ServerAliveInterval=2",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "2",
}


def newer(root: Path) -> Release | None:
    """The version that an update would bring, or None if there is none or nobody answers in time.

    Raises nothing, and waits for at most a second.
    """
    try:
        version, source = answers.of_template(root)
        listed = run(
            root,
            *listing(source),
            environment={**asking(), **_IMPATIENT},
            seconds=SECONDS,
        ).stdout
        found = newest_in(listed)
        # Nearly always, it's the version that the workshop has, and git need not be asked again.
        if found is None or (found.tag == version and _NUMBERED.match(found.tag)):
            return None
        from workshop.moving import template_copy, versions

        if template_copy.local(root, version) is None:
            return None
    except (Problem, subprocess.TimeoutExpired):
        return None
    return found if versions.is_newer(root, found, version) else None
