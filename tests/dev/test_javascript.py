"""The checks of the console's JavaScript, where what they need is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.parametrize(("ci", "ends"), [({}, 0), ({"CI": "1"}, 1)])
def test_without_npm_one_line_says_what_is_skipped(
    tmp_path: Path, ci: dict[str, str], ends: int
) -> None:
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(
        [REPOSITORY / "dev" / "javascript.sh", "check"],
        env={"PATH": str(tmp_path), **ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ends
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "make: npm is missing, so Biome, tsc, and node --test SKIPPED the console's JavaScript."
    ]
