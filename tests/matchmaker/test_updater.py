"""An update merges each file as Copier does, though it seldom asks git: all kinds at once."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import copier
import pytest
from workshop.moving.three_way import File, Merged

from matchmaker.repositories import copier_adapter, updater
from matchmaker.repositories.clones import scratch
from matchmaker.repositories.inside_copier import Worker
from tests.conftest import git
from tests.matchmaker.test_copier_adapter import commit, everything, publish

LINES = [f"line {number}\n" for number in range(40)]
ANSWERS = ".copier-answers.yml"


def text(*changed: tuple[int, str]) -> bytes:
    """Forty lines, some of which are changed."""
    lines = [*LINES]
    for number, line in changed:
        lines[number] = line
    return "".join(lines).encode()


BASE = text()
MINE, THEIRS, ELSEWHERE = text((20, "mine\n")), text((20, "theirs\n")), text((3, "theirs\n"))
LONGER = ("new\n" * 30).encode() + BASE
TWICE = b"a\n" * 12
ONCE_MORE = b"a\n" * 13


class Kind(NamedTuple):
    """A file in the old version, in a trainee's repository, and in the new version."""

    old: bytes | None
    mine: bytes | None
    new: bytes | None


KINDS = {
    "unchanged.txt": Kind(BASE, BASE, BASE),
    "mine.txt": Kind(BASE, MINE, BASE),
    "theirs.txt": Kind(BASE, BASE, THEIRS),
    "apart.txt": Kind(BASE, MINE, ELSEWHERE),
    "near.txt": Kind(BASE, MINE, text((18, "theirs\n"))),
    "far.txt": Kind(BASE, MINE, LONGER),
    "conflict.txt": Kind(BASE, MINE, THEIRS),
    "half.txt": Kind(BASE, text((5, "mine\n"), (20, "mine\n")), THEIRS),
    "agreed.txt": Kind(BASE, MINE, MINE),
    "repeated.txt": Kind(TWICE, ONCE_MORE, ONCE_MORE),
    "repeated-more.txt": Kind(TWICE, ONCE_MORE, TWICE + b"b\n"),
    "no-end.txt": Kind(BASE, MINE[:-1], ELSEWHERE),
    "emptied.txt": Kind(BASE, b"", THEIRS),
    "my-binary.bin": Kind(b"\0old", b"\0mine", b"\0old"),
    "binary.bin": Kind(b"\0old", b"\0mine", b"\0new"),
    "i-deleted.txt": Kind(BASE, None, BASE),
    "i-deleted-changed.txt": Kind(BASE, None, THEIRS),
    "both-deleted.txt": Kind(BASE, None, None),
    "deleted.txt": Kind(BASE, BASE, None),
    "deleted-mine.txt": Kind(BASE, MINE, None),
    "gone/a.txt": Kind(BASE, BASE, None),
    "gone/deeper/b.txt": Kind(BASE, MINE, None),
    "gone/mine.txt": Kind(None, MINE, None),
    "emptied/a.txt": Kind(BASE, None, BASE),
    "tags": Kind(BASE, BASE, None),  # which Copier overlooks
    "added.txt": Kind(None, None, BASE),
    "new/added.txt": Kind(None, None, BASE),
    "i-added.txt": Kind(None, MINE, None),
    "both-added.txt": Kind(None, MINE, THEIRS),
    "both-added-same.txt": Kind(None, MINE, MINE),
    "both-added-empty.txt": Kind(None, b"", THEIRS),
    "ünïcode name.txt": Kind(BASE, MINE, THEIRS),
    "with $sign 'and' \"quotes\".txt": Kind(BASE, MINE, ELSEWHERE),
    "secret/ignored.txt": Kind(BASE, None, THEIRS),
    "secret/tracked.txt": Kind(BASE, MINE, THEIRS),
    "secret/added.txt": Kind(None, None, BASE),
    "skipped.txt": Kind(BASE, MINE, THEIRS),
    "skipped/missing.txt": Kind(BASE, None, THEIRS),
    "skipped/added.txt": Kind(None, MINE, THEIRS),
    "excluded.txt": Kind(BASE, MINE, THEIRS),
    "run.sh": Kind(BASE, MINE, ELSEWHERE),
    "i-ran.sh": Kind(BASE, BASE, THEIRS),
    "they-ran.sh": Kind(BASE, MINE, BASE),
    "they-ran-conflict.sh": Kind(BASE, MINE, THEIRS),
    "they-added-a-script.sh": Kind(None, b"", THEIRS),
    "deeper/.gitignore": Kind(b"*.log\n", None, b"*.log\n"),
    "deeper/tracked.log": Kind(BASE, MINE, THEIRS),
}
SETTINGS = "_subdirectory: files\n_skip_if_exists: [skipped.txt, skipped/]\n_exclude: [{}]\n"
FORCED = ["secret/tracked.txt", "deeper/tracked.log"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A template with two versions, which have all kinds of files."""
    folder = tmp_path / "source"
    answers = {"{{ _copier_conf.answers_file }}.jinja": b"{{ _copier_answers | to_nice_yaml }}"}
    own = {**answers, ".gitignore": b"secret/\n", "said.md.jinja": b"{{ word }}\n" + BASE}
    for side, tag in ((0, "v1.0.0"), (2, "v2.0.0")):
        shutil.rmtree(folder / "files", ignore_errors=True)
        write(folder / "files", {**own, **{name: kind[side] for name, kind in KINDS.items()}})
        excluded = "excluded.txt" if side else ""
        (folder / "copier.yml").write_text(f"{SETTINGS.format(excluded)}word: one\n")
        (folder / "files" / "run.sh").chmod(0o755)
        scripts = ("they-ran.sh", "they-ran-conflict.sh", "they-added-a-script.sh")
        for name in scripts if side else ():
            (folder / "files" / name).chmod(0o755)
        git(folder, "init", "--quiet")
        git(folder, "add", "--all", "--force")  # the template has what a workshop ignores
        publish(folder, tag)
    return folder


def write(folder: Path, files: dict[str, bytes | None]) -> None:
    for name, content in files.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def edited(source: Path, place: Path) -> Path:
    """A repository of the old version, with a trainee's edits."""
    settings: dict[str, Any] = {"defaults": True, "unsafe": True, "quiet": True}
    copier.run_copy(str(source), place, vcs_ref="v1.0.0", **settings)
    git(place, "init", "--quiet")
    git(place, "add", "--force", *FORCED)
    commit(place)
    for name, kind in KINDS.items():
        if kind.mine is None:
            (place / name).unlink(missing_ok=True)
    write(place, {name: kind.mine for name, kind in KINDS.items()})
    (place / "i-ran.sh").chmod(0o755)
    commit(place)
    return place


def updated(place: Path, update: Callable[[Path], object]) -> dict[str, tuple[int, bytes]]:
    update(place)
    found = everything(place)
    found["conflicts"] = 0, git(place, "ls-files", "--unmerged").encode()
    found["status"] = 0, git(place, "status", "--porcelain", "--ignored").encode()
    return found


def test_each_kind_of_file_comes_out_as_with_copier(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = edited(source, tmp_path / "mine")
    theirs = Path(shutil.copytree(mine, tmp_path / "theirs", symlinks=True))
    data = {"word": "two"}

    def by_copier(place: Path) -> None:
        settings: dict[str, Any] = {"defaults": True, "overwrite": True, "quiet": True}
        copier.run_update(place, data=data, vcs_ref="v2.0.0", unsafe=True, **settings)

    wanted = updated(theirs, by_copier)
    assert b"<<<<<<< before updating" in wanted["conflict.txt"][1]
    assert wanted["apart.txt"][1] == text((3, "theirs\n"), (20, "mine\n"))
    monkeypatch.delattr(Worker, "_apply_update")  # it must not be needed
    with scratch():
        found = updated(
            mine, lambda place: copier_adapter.update(place, str(source), "v2.0.0", data, ANSWERS)
        )
    other = {name for name in {*found, *wanted} if found.get(name) != wanted.get(name)}
    # Copier can't apply the difference of a binary file, and would lose it.
    assert other == {"my-binary.bin", "status"}
    assert found["my-binary.bin"][1] == KINDS["my-binary.bin"].mine
    assert wanted["my-binary.bin"][1] == KINDS["my-binary.bin"].old
    assert found["status"][1] == wanted["status"][1].replace(b" M my-binary.bin\n", b"")


def test_nothing_is_removed_behind_a_link_that_git_ignores(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = edited(source, tmp_path / "mine")
    git(mine, "rm", "-r", "--quiet", "gone")
    (mine / ".git" / "info" / "exclude").write_text("gone\n")
    commit(mine)
    outside = tmp_path / "outside"
    write(outside, {"a.txt": BASE})
    (outside / "deeper").mkdir()
    (mine / "gone").symlink_to(outside)
    monkeypatch.delattr(Worker, "_apply_update")  # it must not be needed
    with scratch():
        copier_adapter.update(mine, str(source), "v2.0.0", {}, ANSWERS)
    assert (mine / "gone").is_symlink()
    assert sorted(path.name for path in outside.iterdir()) == ["a.txt", "deeper"]


def test_a_conflict_in_a_file_whose_name_is_a_pattern(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"[a].txt": MINE, "a.txt": BASE})
    commit(tmp_path)
    updater._mark(tmp_path, Merged(conflicts={"[a].txt": (File(BASE), File(THEIRS))}))
    listed = git(tmp_path, "ls-files", "--unmerged").splitlines()
    assert [line.split(maxsplit=2)[2] for line in listed] == [f"{n}\t[a].txt" for n in (1, 2, 3)]
