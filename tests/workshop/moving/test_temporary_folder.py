"""Moving on where the temporary folder has a link in its path, as on every Mac."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.workshop.moving.conftest import CopyAt, step_of


def test_all_moves_work(pristine: CopyAt, tmp_path: Path) -> None:
    (tmp_path / "private" / "temporary").mkdir(parents=True)
    linked = tmp_path / "var"
    linked.symlink_to("private")
    workshop = Path(shutil.copytree(pristine(3), linked / "workshop", symlinks=True))
    for command, step in (("next --force", 4), ("goto 2", 2), ("reset app.py", 2)):
        done = subprocess.run(
            [sys.executable, "-m", "workshop", *command.split()],
            cwd=workshop,
            env={**os.environ, "TMPDIR": str(linked / "temporary")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert step_of(workshop) == step
    assert [*(linked / "temporary").iterdir()] == []
