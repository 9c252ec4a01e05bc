"""A session for a local hub. The installed command generates, pushes, and writes what a hub needs.

Its repositories are in a folder. Git takes that for the host that the roster names.
"""

import csv
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import git
from tests.matchmaker.conftest import MATCHMAKER

NAME = "spring"
HOST = "https://git.example.com/team/"


@dataclass(frozen=True)
class HostedSession:
    """The folder of a roster, `{slug}.git` for each trainee below `git`, and what came of it."""

    folder: Path

    @property
    def cluster(self) -> Path:
        """What `matchmaker host` wrote."""
        return self.folder / NAME / "_cluster"

    @property
    def git_settings(self) -> Path:
        """Settings for git in a trainee's server."""
        return self.folder / "gitconfig"

    def passwords(self) -> dict[str, str]:
        """Each trainee's password."""
        with (self.cluster / "passwords.csv").open() as file:
            return {row["slug"]: row["password"] for row in csv.DictReader(file)}

    @property
    def instructor(self) -> Mapping[str, str]:
        """The environment of the instructor's commands."""
        known = os.environ.get("GIT_CONFIG_GLOBAL")
        own = Path(known).read_text() if known else ""
        settings = self.folder / "gitconfig-of-the-instructor"
        settings.write_text(own + self.git_settings.read_text())
        return {**os.environ, "GIT_CONFIG_GLOBAL": str(settings)}

    def matchmaker(self, *words: str) -> str:
        """What a command of the instructor's prints."""
        done = subprocess.run(
            [MATCHMAKER, *words],
            cwd=self.folder,
            env=self.instructor,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def create(folder: Path, template: Path, slugs: Sequence[str], step: int) -> HostedSession:
    """Create the session of trainees whose names are like their slugs."""
    for slug in slugs:
        git(folder, "init", "--bare", "--quiet", "--initial-branch=main", f"git/{slug}.git")
    trainees = "".join(f'[[trainee]]\ntrainee_name = "{slug.title()}"\n' for slug in slugs)
    (folder / f"{NAME}.toml").write_text(
        f"""[session]
name = "{NAME}"
template = "{template}"
push = "{HOST}{{slug}}.git"
[host]
domain = "workshop.example.com"
image = "registry.example.com/tracing:1"
[answers]
step = {step}
{trainees}"""
    )
    session = HostedSession(folder)
    here = f'[url "{(folder / "git").as_uri()}/"]\n\tinsteadOf = {HOST}\n'
    session.git_settings.write_text(here)
    session.matchmaker("generate", f"{NAME}.toml")
    session.matchmaker("host", f"{NAME}.toml")
    return session
