"""What a trainee has done, which git tells without the repository's settings."""

import hashlib
import struct
import subprocess
from pathlib import Path

import pytest

from matchmaker.progress.copies import copies_of
from matchmaker.repositories import index_file, owner
from matchmaker.repositories.git import GitError
from matchmaker.repositories.repository import OwnWork, changed_in, own_work, without_its_settings
from tests import needs


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as `generate` makes one."""
    (tmp_path / ".copier-answers.yml").write_text("step: 1\n_src_path: x\n_commit: v1\n")
    for name in ("app.py", "models.py"):
        (tmp_path / name).write_text("theirs\n")
    run(tmp_path, "git init -q -b main && git add --all && git commit -qm Start")
    return tmp_path


def run(folder: Path, command: str) -> None:
    subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)


COMMIT = "echo mine >> app.py && git commit -qam Mine"
EDIT = "echo more >> models.py"


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("true", OwnWork([], 0, [])),
        (f"{EDIT} && touch new", OwnWork([], 0, ["models.py", "new"])),
        (f"{COMMIT} && {COMMIT}", OwnWork([], 2, [])),
        (f"{COMMIT} && git pack-refs --all && {EDIT}", OwnWork([], 1, ["models.py"])),
        ("git pack-refs --all", OwnWork([], 0, [])),
        (f"git checkout -q --detach && {COMMIT}", OwnWork([], 1, [])),
        (f"{COMMIT} && echo 2 >> .copier-answers.yml && git commit -qam Move", OwnWork([], 0, [])),
        (
            f"git switch -qc other && {COMMIT} && git switch -q main && echo x > app.py && "
            "git commit -qam Other && ! git merge other",
            OwnWork(["app.py"], 0, []),
        ),
        # Flags that make git take a file for unchanged.
        (f"git update-index --assume-unchanged models.py && {EDIT}", OwnWork([], 0, ["models.py"])),
        (f"git update-index --skip-worktree models.py && {EDIT}", OwnWork([], 0, ["models.py"])),
        (
            f"git update-index --index-version 4 --skip-worktree models.py && {EDIT}",
            OwnWork([], 0, ["models.py"]),
        ),
        (
            f"git update-index --split-index --assume-unchanged models.py && {EDIT}",
            OwnWork([], 0, ["models.py"]),
        ),
        # Settings that we read, those that git has to read, and those that count for neither.
        ("git config core.filemode false && chmod +x app.py", OwnWork([], 0, [])),
        ("git config core.filemode true && chmod +x app.py", OwnWork([], 0, ["app.py"])),
        (
            "printf '[core] filemode = false # not here\\n' >> .git/config && chmod +x app.py",
            OwnWork([], 0, []),
        ),
        (f"git config core.worktree .. && {EDIT}", OwnWork([], 0, ["models.py"])),
        (
            "printf '[core]\\nfilemode = false\\n' > other; git config include.path ../other; "
            "chmod +x app.py",
            OwnWork([], 0, ["app.py", "other"]),
        ),
    ],
)
def test_it(command: str, found: OwnWork, repository: Path) -> None:
    run(repository, command)
    assert own_work(repository) == found


def test_with_another_algorithm(tmp_path: Path) -> None:
    (tmp_path / ".copier-answers.yml").write_text("step: 1\n")
    run(tmp_path, "git init -q --object-format=sha256 && git add --all && git commit -qm Start")
    run(tmp_path, "git update-index --assume-unchanged .copier-answers.yml")
    (tmp_path / ".copier-answers.yml").write_text("step: 2\n")
    assert own_work(tmp_path) == OwnWork([], 0, [".copier-answers.yml"])


def test_an_index_that_looks_like_one_with_shorter_names(tmp_path: Path) -> None:
    """Git doesn't check the sum at the end. With SHA-1, these would be three files without flags.

    With SHA-256, git is set to ignore what changes in them.
    """
    for name in "abc":
        (tmp_path / name).write_text("theirs\n")
    run(tmp_path, "git init -q --object-format=sha256 && git add --all && git commit -qm Start")
    run(tmp_path, "git update-index --assume-unchanged a b c")
    file = tmp_path / ".git" / "index"
    content = bytearray(file.read_bytes()[:-20])
    for number, looks in enumerate((b"\0\1a\0", b"\0\1b\0", b"\0\1c\0")):
        flags = 12 + 64 * number + 60  # in the middle of git's own entries, which have 80 bytes
        content[flags : flags + 4] = looks
    end = flags + 4
    content[end : end + 8] = b"TREE" + struct.pack(">I", len(content) - end - 8)
    file.write_bytes(bytes(content) + hashlib.sha1(content).digest())
    (tmp_path / "c").write_text("mine\n")
    assert index_file.special(file.read_bytes()) == []
    assert "c" in own_work(tmp_path).edits


@pytest.mark.parametrize(
    "command",
    [
        "git config core.filemode 'a b'",
        "git config core.symlinks 'true\n[core]\nfilemode = false'",
        "echo '[core' >> .git/config",
    ],
)
def test_settings_that_git_cannot_use(command: str, repository: Path) -> None:
    run(repository, command)
    with pytest.raises(GitError):
        own_work(repository)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_update_finds_what_a_flag_hides(flag: str, repository: Path) -> None:
    run(repository, f"git update-index {flag} models.py && {EDIT}")
    with without_its_settings(repository):
        assert changed_in(repository) == ["models.py"]


@needs.only_root
def test_a_folder_of_roots_is_looked_through_once(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    monkeypatch.setattr(owner, "_require_roots", seen.append)
    with owner.seen_once():
        (copy,) = copies_of([repository])
    assert copy.edits == "none"
    assert seen == [repository]
