"""A kill at any moment leaves no half repository, and the next run finishes the rest."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tests.session.conftest import Session

KILLS = 50
"""Four times this many in all."""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("mode", ["create", "update"])
def test_kills_at_random_moments(session: Session, mode: str, seed: int) -> None:
    session.write("Ada", "Bob", step=2)
    session.roster.rename(session.folder / "before.toml")
    session.write("Ada", "Bob", step=3)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.session.killing"),
            *(str(session.folder), mode, str(KILLS), str(seed)),
        ],
        cwd=REPOSITORY,
        env=dict(os.environ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
