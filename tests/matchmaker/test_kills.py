"""A kill at any moment leaves no half repository, and the next run finishes the rest."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tests.matchmaker.conftest import KEY, OTHER_KEY, Session

KILLS = 25
"""Four times this many in all."""
FEW_KILLS = 8
"""For each other way to run."""


@pytest.mark.parametrize(
    ("mode", "kills", "seed"),
    [
        ("update", FEW_KILLS, 3),
        pytest.param("create", FEW_KILLS, 3, marks=pytest.mark.thorough),
        *(
            pytest.param(mode, KILLS, seed, marks=pytest.mark.thorough)
            for mode in ("create", "update")
            for seed in (1, 2)
        ),
        *(
            pytest.param(mode, FEW_KILLS, 1, marks=pytest.mark.thorough)
            for mode in ("fresh", "bundle", "key")
        ),
    ],
)
def test_kills_at_random_moments(session: Session, mode: str, kills: int, seed: int) -> None:
    for name, key, step in (("before", KEY, 2), ("roster", OTHER_KEY, 2 if mode == "key" else 3)):
        keys = session.folder / f"{name}.env"
        keys.write_text(f"DD_API_KEY={key if mode == 'key' else KEY}\n")
        keys.chmod(0o600)
        datadog = f'api_key = {{file = "{name}.env"}}'
        session.write("Ada", "Bob", step=step, backend="datadog", session=datadog)
        session.roster.rename(session.folder / f"{name}.toml")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.matchmaker.killing"),
            *(str(session.folder), mode, str(kills), str(seed)),
        ],
        cwd=REPOSITORY,
        env=dict(os.environ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
