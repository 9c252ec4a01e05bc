"""A file of git's settings says to us what it says to git, or we leave it to git."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.repositories import settings_file

USUAL = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
  IgnoreCase=false

\tfilemode =\t false \t
[remote "origin"]
\turl = git@host.example.com:team/zoë.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "Main.x]y"]
\tmerge = refs/heads/main
[CORE]
\tempty =
\tsymlinks = a  b=c
"""

# What git reads in a way of its own, with what could be mistaken for a setting behind it.
UNUSUAL = [
    "[core]\n\tbare\n",
    "[core] bare = true\n",
    "[core]\nname = a \\\n filemode = false\n",
    '[core]\nname = "a"\n',
    "[core]\nname = a ; b\n",
    "[core]\nname = a # b\n",
    "# [core]\n",
    "[core]\nname = a\r\nbare = true\n",
    "[core]\nname = a\rbare = true\n",
    "[core]\nname = a\vb\n",
    "[core]\nname = a\tb\n",
    "[a.B]\nname = x\n",
    '[a "b\\"]c"]\nname = x\n',
    "\ufeff[core]\nbare = true\n",
    "name = x\n",
    "[core]\n= x\n",
    "[core]\n1name = x\n",
    "[core]\na_b = x\n",
    "[core]\nné = x\n",
    "[core\nbare = true\n",
    "[]\nbare = true\n",
    "[core ]\nbare = true\n",
    "[core]\nname = a\0b\n",
]

parts = st.sampled_from([*'[]"\\=;#.', "\n", "\r", " ", "\t", "\0", "é", "a", "B", "0", "-", "_"])
lines = st.sampled_from(['[a "', '"]\n', "[a]\n", "b = ", "= c\n", "include.path", "\n[", "]\n"])


def as_git_says(content: bytes, folder: Path) -> dict[str, str] | None:
    file = folder / "config"
    file.write_bytes(content)
    command = ["git", "config", "--file", str(file), "--no-includes", "--list", "-z"]
    done = subprocess.run(command, cwd=folder, capture_output=True)
    if done.returncode:
        return None
    listed = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    pairs = (one.partition("\n") for one in listed if one)
    return {name: value for name, _, value in pairs}


def test_usual_settings(tmp_path: Path) -> None:
    found = settings_file.settings(USUAL.encode())
    assert found is not None
    assert found == as_git_says(USUAL.encode(), tmp_path)
    assert found["core.filemode"] == "false"
    assert found["branch.Main.x]y.merge"] == "refs/heads/main"


@pytest.mark.parametrize("text", UNUSUAL)
def test_unusual_settings_are_for_git(text: str) -> None:
    assert settings_file.settings(text.encode()) is None


@given(text=st.lists(parts | lines, max_size=12).map("".join))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_settings(text: str, tmp_path: Path) -> None:
    content = b"[core]\nfilemode = true\n" + text.encode()
    found = settings_file.settings(content)
    if found is not None:
        assert found == as_git_says(content, tmp_path)
