"""Several trainees on one machine: their stacks run side by side."""

import json
import subprocess
import sys
from pathlib import Path

import requests

from tests.session.conftest import Session

TRAINEES = ("Ada", "Bob", "Cy")


def workshop(repository: Path, *arguments: str) -> str:
    """Run the trainee's command in a generated repository."""
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_three_stacks_side_by_side(session: Session) -> None:
    # The instructor's own has the usual ports; who comes after gets others.
    session.write("Instructor", *TRAINEES, session='ports = "distinct"', step=7)
    assert session.run().code == 0
    repositories = [session.out / name.lower() for name in TRAINEES]
    content = json.loads((session.out / "session.json").read_text())["trainees"]
    try:
        for repository in repositories:
            workshop(repository, "up", "--detach")
        for repository in repositories:
            web = content[repository.name]["ports"]["web"]
            answer = requests.get(f"http://127.0.0.1:{web}/pair/beer?name=ipa", timeout=30)
            assert answer.json()["match"]
            spans = json.loads(workshop(repository, "traces", "--json", "--limit", "1"))
            assert f"spring-{repository.name}" in json.dumps(spans)
    finally:
        for repository in repositories:
            workshop(repository, "down")
