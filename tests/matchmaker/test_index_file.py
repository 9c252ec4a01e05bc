"""An index says to us what it says to git, whoever wrote it, or we leave it to git."""

import hashlib
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.repositories import index_file
from matchmaker.repositories.index_file import Entry

Repository = Callable[..., Path]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Makes a repository with 30 files in its index, whose names have all lengths."""

    def make(*options: str, longest: int = 0) -> Path:
        names = [f"{'x' * length}.txt" for length in range(1, 28)] + ["ä b.txt", "in/a", "in/b"]
        if longest:
            folder = "/".join(["y" * 200] * (longest // 201))
            names.append(f"{folder}/{'z' * (longest - len(folder) - 1)}")
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("both\n")
        run(tmp_path, f"git init -q -b main {' '.join(options)}")
        run(tmp_path, "git add --all && git commit -qm Start")
        return tmp_path

    return make


def run(folder: Path, command: str) -> str:
    done = subprocess.run(
        command, shell=True, cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def ours(repository: Path) -> list[Entry] | None:
    return index_file.special((repository / ".git" / "index").read_bytes())


def as_git_says(repository: Path) -> list[Entry] | None:
    """None if git can't read it. That git read files is no matter: it only lists the index."""
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-v", "-z", "--stage"]
    done = subprocess.run(command, cwd=repository, capture_output=True)
    if done.returncode:
        return None
    found = []
    for line in filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0")):
        about, _, name = line.partition("\t")
        flag, _, _, stage = about.split()
        entry = Entry(name, stage != "0", flag in "Ss" or flag.islower())
        if entry.is_unresolved or entry.is_ignored:
            found.append(entry)
    return found


CONFLICT = (
    "git switch -qc other && echo theirs > x.txt && git commit -qam Theirs && git switch -q main "
    "&& echo mine > x.txt && git commit -qam Mine && ! git merge other"
)


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("true", 0),
        ("git update-index --assume-unchanged xx.txt 'ä b.txt'", 2),
        ("git update-index --skip-worktree in/a", 1),
        ("git update-index --skip-worktree --assume-unchanged in/a", 1),
        (f"{CONFLICT}", 3),
        (f"{CONFLICT}; git update-index --assume-unchanged xx.txt", 4),
        ("touch new && git add --intent-to-add new", 0),
        ("touch new && git add -N new && git update-index --skip-worktree in/b", 1),
        ("git read-tree HEAD", 0),
        ("git rm -qr --cached .", 0),
        (f"{CONFLICT}; echo both > x.txt; git add x.txt", 0),
    ],
)
def test_it_says_what_git_says(command: str, count: int, repository: Repository) -> None:
    folder = repository()
    run(folder, command)
    found = ours(folder)
    assert found == as_git_says(folder)
    assert found is not None
    assert len(found) == count


@pytest.mark.parametrize("length", [0xFFE, 0xFFF, 0x1000, 0x1005])
def test_long_names(length: int, repository: Repository) -> None:
    """From a certain length on, git counts no more. Git writes it without its folders."""
    name = "/".join(["y" * 200] * (length // 201))
    name += "/" + "z" * (length - len(name) - 1)
    folder = repository()
    blob = run(folder, "git hash-object -w x.txt").strip()
    lines = f"100644 {blob} 0\t{name}\n100644 {blob} 0\t{name}1\n"
    subprocess.run(
        ["git", "update-index", "--index-info"], cwd=folder, input=lines, text=True, check=True
    )
    assert ours(folder) == as_git_says(folder) == []
    subprocess.run(
        ["git", "update-index", "-z", "--skip-worktree", "--stdin"],
        cwd=folder,
        input=f"{name}1",
        text=True,
        check=True,
    )
    assert ours(folder) == as_git_says(folder) == [Entry(f"{name}1", False, True)]


@pytest.mark.parametrize(
    "command",
    [
        "git update-index --index-version 4",
        "git update-index --split-index",
        "git update-index --split-index --assume-unchanged x.txt",
        "git update-index --force-untracked-cache",
        "git sparse-checkout set --cone --sparse-index in",
        "git config index.skipHash true; printf '\\0%.0s' $(seq 20) > x; "
        "head -c -20 .git/index > y; cat y x > .git/index",
        "head -c 500 .git/index > y; mv y .git/index",
        "printf x >> .git/index",
        "echo > .git/index",
    ],
)
def test_the_unusual_is_for_git(command: str, repository: Repository) -> None:
    folder = repository()
    run(folder, command)
    assert ours(folder) is None


def test_another_algorithm_is_for_git(repository: Repository) -> None:
    assert ours(repository("--object-format=sha256")) is None


def test_a_long_index_is_for_git(repository: Repository) -> None:
    folder = repository()
    blob = run(folder, "git hash-object -w x.txt").strip()
    lines = "".join(f"100644 {blob} 0\t{number:05}\n" for number in range(5_000))
    subprocess.run(
        ["git", "update-index", "--index-info"], cwd=folder, input=lines, text=True, check=True
    )
    assert ours(folder) is None


@pytest.mark.parametrize("version", [1, 4, 5])
def test_other_versions_are_for_git(version: int, repository: Repository) -> None:
    file = repository() / ".git" / "index"
    changed = bytearray(file.read_bytes()[:-20])
    changed[7] = version
    file.write_bytes(bytes(changed) + hashlib.sha1(changed).digest())
    assert index_file.special(file.read_bytes()) is None


def test_an_index_that_somebody_has_changed(repository: Repository) -> None:
    """Git doesn't check the sum at the end, and whoever changes an index can write a right one."""
    folder = repository()
    run(folder, "touch new && git add --intent-to-add new")
    file = folder / ".git" / "index"
    before = file.read_bytes()[:-20]
    chance = random.Random(4)
    both_read = 0
    for _ in range(250):
        changed = bytearray(before)
        for _ in range(chance.randint(1, 3)):
            where, what = chance.randrange(len(changed)), chance.choice([0, 1, 0x40, 0x80, 0xFF])
            # Most often where an entry says how long its name is, and which flags it has.
            if chance.random() < 0.7:
                where = before.index(b".txt", chance.randrange(2_000)) - chance.randrange(12)
            changed[where] ^= what
        file.write_bytes(bytes(changed) + hashlib.sha1(changed).digest())
        found = ours(folder)
        if found is not None:
            said = as_git_says(folder)
            assert said in (None, found)
            both_read += said is not None
    assert both_read > 20
