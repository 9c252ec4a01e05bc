"""What a hosted trainee finds when their server starts: their workshop, or why it isn't there.

JupyterLab and the `workshop` command are stand-ins here, which note what they were given. In
test_hosted_image.py and test_hub.py, they are real.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import git_server
from tests.conftest import REPOSITORY, git

SCRIPT = REPOSITORY / "src" / "matchmaker" / "host" / "image" / "start-workshop"
TROUBLE = "workshop-trouble.md"
NOTE = """#!/bin/sh
{
  printf '%s\\n' "$0 $*" "at home: $(ls "$HOME")"
  env
  tr '\\0' '\\n' </proc/$PPID/environ
} >>"$HOME/../${0##*/}"
"""


@dataclass
class Place:
    """A trainee's home, and the repositories that a server has for it."""

    home: Path
    programs: Path
    url: str

    def start(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Start the server; it ends at once, because its JupyterLab does."""
        return subprocess.run(
            [SCRIPT, "--port=1"],
            env={
                "HOME": str(self.home),
                "PATH": f"{self.programs}:{os.environ['PATH']}",
                "GIT_CONFIG_NOSYSTEM": "1",
                "REPOSITORY_URL": f"{self.url}/ada.git",
                "GIT_CREDENTIALS": self.credentials,
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def credentials(self) -> str:
        """The line that a trainee's server gets."""
        return self.url.replace("://", f"://{git_server.USER}:{git_server.PASSWORD}@")

    def noted(self, program: str) -> str:
        """What a stand-in was given: its arguments, and all environments."""
        path = self.home.parent / program
        return path.read_text() if path.exists() else ""

    def trouble(self) -> str:
        path = self.home / TROUBLE
        return path.read_text() if path.exists() else ""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    home, programs, served = (tmp_path / name for name in ("home", "programs", "served"))
    for folder in (home, programs, served, tmp_path / "made" / "workshop"):
        folder.mkdir(parents=True)
    made = tmp_path / "made"
    (made / "app.py").write_text("# as handed out\n")
    (made / "workshop" / "settings.toml").touch()
    git(made, "init", "--quiet")
    git(made, "add", "--all")
    git(made, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "Start")
    git(made, "clone", "--quiet", "--bare", ".", str(served / "ada.git"))
    git(served / "ada.git", "update-server-info")
    for name in ("jupyterhub-singleuser", "python"):
        (programs / name).write_text(NOTE)
        (programs / name).chmod(0o755)
    # It waits for what runs in the background, so that a test sees the end of it.
    (programs / "jupyterhub-singleuser").write_text(
        f"{NOTE}while [ -e ~/../wait ] && [ ! -e ~/../python ] && [ ! -s ~/{TROUBLE} ]; do\n"
        "  sleep 0.1\ndone\n"
    )
    # It pauses between two attempts.
    (programs / "sleep").write_text('#!/bin/sh\n[ "$1" != 0.1 ] || exec /bin/sleep 0.1\n')
    (programs / "sleep").chmod(0o755)
    (tmp_path / "wait").touch()
    server = git_server.server(served, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Place(home, programs, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_empty_home_gets_the_workshop(place: Place) -> None:
    done = place.start()
    assert done.returncode == 0
    assert (place.home / "workshop" / "app.py").read_text() == "# as handed out\n"
    assert not place.trouble()
    assert "jupyterhub-singleuser --port=1" in place.noted("jupyterhub-singleuser")
    assert "python -m workshop up --detach" in place.noted("python")
    assert f"PWD={place.home}/workshop" in place.noted("python")
    assert sorted(path.name for path in place.home.iterdir()) == [".config", "workshop"]


def test_the_password_is_for_git_alone(place: Place) -> None:
    done = place.start()
    noted = [place.noted(name) for name in ("python", "jupyterhub-singleuser")]
    for seen in (done.stdout, done.stderr, *noted):
        assert git_server.PASSWORD not in seen
        assert "GIT_CREDENTIALS" not in seen
    (file,) = (path for path in (place.home / ".config").rglob("*") if path.is_file())
    assert file.stat().st_mode & 0o777 == 0o600
    assert git_server.PASSWORD not in (place.home / "workshop" / ".git" / "config").read_text()
    # What git keeps there for other servers stays, and a new password replaces the old one.
    file.write_text(file.read_text() + "https://ada:own@elsewhere.example.com\n")
    place.start(GIT_CREDENTIALS=place.credentials.replace(git_server.PASSWORD, "newer") + "\r\n")
    assert file.stat().st_mode & 0o777 == 0o600
    host = place.url.partition("://")[2]
    assert file.read_text().splitlines() == [
        f"http://{git_server.USER}:newer@{host}",
        "https://ada:own@elsewhere.example.com",
    ]
    # Git finds it in what runs next to the services, too.
    given = dict(line.split("=", 1) for line in place.noted("python").splitlines() if "=" in line)
    assert given["GIT_CONFIG_COUNT"] == "1"
    assert given["GIT_CONFIG_KEY_0"] == "credential.helper"
    assert given["GIT_CONFIG_VALUE_0"].endswith(f"--file='{file}'")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"REPOSITORY_URL": ""}, "`REPOSITORY_URL` is empty"),
        ({"GIT_CREDENTIALS": ""}, "terminal prompts disabled"),
        ({"REPOSITORY_URL": "http://u:hidden@127.0.0.1:1/a.git"}, "http://127.0.0.1:1/a.git"),
        pytest.param(
            {"REPOSITORY_URL": "--upload-pack=x"},
            "'--upload-pack=x' does not exist",
            marks=pytest.mark.thorough,
        ),
    ],
    ids=["nobody said which", "no password", "nobody answers", "an option"],
)
def test_a_workshop_that_cannot_be_had_is_told(
    place: Place, variables: dict[str, str], told: str
) -> None:
    done = place.start(**variables)
    assert done.returncode == 0
    assert told in place.trouble()
    assert "\n# " in place.trouble()
    assert "hidden" not in place.trouble() + done.stderr
    assert place.noted("jupyterhub-singleuser")
    assert not place.noted("python")
    assert not (place.home / "workshop").exists()
    # When the cause is gone, JupyterLab begins with the workshop, and not with that page.
    place.start()
    assert "at home: workshop\n" in place.noted("jupyterhub-singleuser")
    assert (place.home / "workshop" / "app.py").exists()
    assert not place.trouble()


def test_what_is_in_the_home_stays(place: Place) -> None:
    place.start()
    (place.home / "workshop" / "app.py").write_text("# mine\n")
    (place.home / TROUBLE).write_text("I have trouble, too.\n")
    (place.programs / "python").write_text("#!/bin/sh\nexit 1\n")
    done = place.start(REPOSITORY_URL=f"{place.url}/other.git")
    assert "The services of your workshop don't run" in done.stderr
    assert (place.home / "workshop" / "app.py").read_text() == "# mine\n"
    assert place.trouble() == "I have trouble, too.\n"


def test_a_folder_that_is_no_workshop_stays_and_is_told(place: Place) -> None:
    (place.home / "workshop").mkdir()
    (place.home / "workshop" / "notes.txt").write_text("mine")
    place.start()
    assert (place.home / "workshop" / "notes.txt").read_text() == "mine"
    assert "isn't a workshop" in place.trouble()
    assert not place.noted("python")


def test_services_that_do_not_start_are_told(place: Place) -> None:
    (place.programs / "python").write_text(f"{NOTE}sleep 0.1; echo 'Port 5000 is taken.'; exit 1\n")
    (place.home.parent / "wait").unlink()
    (place.programs / "jupyterhub-singleuser").write_text(
        f"{NOTE}while [ ! -s ~/{TROUBLE} ]; do sleep 0.1; done\n"
    )
    place.start()
    assert "Port 5000 is taken." in place.trouble()
    assert "uv run workshop doctor" in place.trouble()


def test_jupyterlab_starts_while_git_is_slow(place: Place) -> None:
    later = "while [ ! -e ~/../jupyterhub-singleuser ]; do /bin/sleep 0.1; done"
    real = shutil.which("git")
    (place.programs / "git").write_text(f'#!/bin/sh\n{later}\nexec {real} "$@"\n')
    (place.programs / "git").chmod(0o755)
    (place.programs / "sleep").write_text("#!/bin/sh\n")  # so that it doesn't wait long
    place.start()
    assert f"at home: {TROUBLE}\n" in place.noted("jupyterhub-singleuser")
    assert (place.home / "workshop" / "app.py").exists()
    assert not place.trouble()


def test_the_settings_are_files_that_jupyterlab_reads() -> None:
    for path in SCRIPT.parent.rglob("*.json"):
        assert json.loads(path.read_text())
