"""In the console's container, each command says only what works there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import git
from tests.workshop.moving.conftest import CopyAt
from tests.workshop.test_how_to_run import BARE

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("hint",),
    ("goto", "42"),
    ("next",),
    ("check",),
    ("status",),
    ("traces",),
    ("traffic", "--seconds", "0.2"),
    ("key", "x"),
    ("doctor",),
    ("up",),
    ("up", "--docker"),
    ("down",),
    ("reset", "taster.py"),
    ("diff",),
)


def run(workshop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as in the console's container, without what else a container has."""
    return subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=workshop,
        env={**os.environ, "WORKSHOP_CONTAINER": "console", "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_tool_says_only_what_works_there(at: CopyAt) -> None:
    workshop = at(2)
    with (workshop / "taster.py").open("a") as file:
        file.write("\n# mine\n")
    git(workshop, "config", "user.name", "")
    printed = ""
    for arguments in COMMANDS:
        done = run(workshop, *arguments)
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert not BARE.search(said), said
        if arguments[0] in ("up", "down"):
            assert done.returncode == 1
            assert "On your own machine, run `docker compose up` or" in said
        printed += said
    for command in ("workshop hint", "workshop check", "workshop next --force", "git diff my"):
        assert f"docker compose exec console {command}" in printed
    assert "uv" not in re.findall(r"\w+", printed)  # what uv does on a laptop, an image has
