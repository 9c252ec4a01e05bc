"""Git on a new machine does not know whose commits these are: who is about to commit is told."""

import os
import subprocess
from pathlib import Path

import pytest
from workshop.moving import identity

from tests.workshop.conftest import Workshop

# Git may make up an address from the machine's name; this one shall not.
NOTHING = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "user.useConfigOnly",
    "GIT_CONFIG_VALUE_0": "true",
}
AUTHOR = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"}


@pytest.mark.parametrize(
    ("lines", "variables", "missing"),
    [
        ("", {}, True),
        ("name = Ada", {}, True),
        ("email = ada@example.com", {}, True),
        ("name = Ada\nemail = ada@example.com", {}, False),
        ("name =\nemail = ada@example.com", {}, True),
        ("", AUTHOR, True),
        ("", COMMITTER, True),
        ("", AUTHOR | COMMITTER, False),
        ("", {"EMAIL": "ada@example.com"}, True),
    ],
)
def test_it_is_missing_where_a_commit_would_fail(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lines: str,
    variables: dict[str, str],
    missing: bool,
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[user]\n{lines}\n")
    for name, value in {**NOTHING, "GIT_CONFIG_GLOBAL": str(config), **variables}.items():
        monkeypatch.setenv(name, value)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    commit = ["git", "commit", "--quiet", "--allow-empty", "--message", "Mine"]
    done = subprocess.run(commit, cwd=tmp_path, capture_output=True, check=False)
    assert bool(done.returncode) is missing, done.stderr
    assert identity.is_missing(tmp_path) is missing


def test_without_git_there_is_nothing_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not identity.is_missing(tmp_path)


def test_up_and_the_check_before_a_commit_say_what_to_type(workshop: Workshop) -> None:
    said = [f"  {command}\n" for command in identity.COMMANDS]
    assert len(said) == 2
    workshop.variables = NOTHING
    up = workshop.run("up", "--detach")
    assert up.returncode == 0
    assert all(line in up.stdout for line in said)
    assert workshop.run("down").returncode == 0

    done = workshop.run("check", "--step", "7")
    assert (done.returncode, done.stdout.count("".join(said))) == (0, 1)
    workshop.edit("app.py", "SpanPrinter()", "")
    failed = workshop.run("check", "--step", "7")  # nothing to commit yet
    assert failed.returncode == 1
    assert not any(line in failed.stdout for line in said)

    workshop.variables = {}  # what a check says then is in test_check.py
    assert "git config" not in workshop.run("status").stdout
