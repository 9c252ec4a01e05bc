"""Several trainees on one machine: their stacks run side by side."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.matchmaker.conftest import Session

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
        # Each console opens to its owner's link, and to no other's.
        consoles = [content[repository.name]["ports"]["console"] for repository in repositories]
        links = [re.findall(r"http://\S+/\?token=\S+", workshop(r, "status")) for r in repositories]
        for console, [link] in zip(consoles, links, strict=True):
            assert link.startswith(f"http://localhost:{console}/")
            assert requests.get(link, timeout=30).ok
        elsewhere = links[0][0].replace(str(consoles[0]), str(consoles[1]))
        assert requests.get(elsewhere, timeout=30).status_code == 403
    finally:
        for repository in repositories:
            workshop(repository, "down")


@pytest.mark.parametrize(
    ("ports", "answers", "expected"),
    [
        ("", {}, {"ada": "false", "bob": "false"}),
        ('ports = "distinct"', {}, {"ada": "true", "bob": "false"}),
        ('ports = "distinct"', {"shared_host": False}, {"ada": "false", "bob": "false"}),
        ("", {"shared_host": True}, {"ada": "true", "bob": "false"}),
    ],
)
def test_who_shares_a_host_needs_a_token_unless_the_roster_says_otherwise(
    session: Session, ports: str, answers: dict[str, bool], expected: dict[str, str]
) -> None:
    session.write("Ada", {"trainee_name": "Bob", "shared_host": False}, session=ports, **answers)
    assert session.run().code == 0
    found = {
        slug: re.findall(
            r"(?m)^shared_host = (\w+)$",
            (session.out / slug / "workshop" / "settings.toml").read_text(),
        )
        for slug in expected
    }
    assert found == {slug: [value] for slug, value in expected.items()}
