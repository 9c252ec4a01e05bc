"""Line ends: what Windows makes of them is no change, and moves without a conflict."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workshop.moving import moves

from tests.conftest import git
from tests.workshop.moving.conftest import CODE, MINE, CopyAt, branches, files, step_of
from tests.workshop.moving.test_update import copy, publish

SETTINGS = ("core.autocrlf=true", "core.eol=crlf", "core.safecrlf=true")


def options() -> list[str]:
    return [word for setting in SETTINGS[:2] for word in ("-c", setting)]


def to_crlf(path: Path) -> None:
    content = path.read_bytes()
    if b"\0" not in content and b"\r" not in content:
        path.write_bytes(content.replace(b"\n", b"\r\n"))


def all_to_crlf(workshop: Path) -> None:
    for name in files(workshop):
        to_crlf(workshop / name)


def has_crlf(folder: Path) -> list[str]:
    return [name for name, content in files(folder).items() if b"\r\n" in content]


@pytest.mark.parametrize("house", ["template", "workshop"])
def test_a_checkout_has_lf_whatever_git_is_told(
    template: Path, at: CopyAt, tmp_path: Path, house: str
) -> None:
    source = template if house == "template" else at(3)
    git(tmp_path, *options(), "clone", "--quiet", str(source), "clone")
    found = [
        name for name in has_crlf(tmp_path / "clone") if not name.endswith((".png", ".bundle"))
    ]
    assert found == []
    assert git(tmp_path / "clone", *options(), "status", "--porcelain") == ""


@pytest.fixture
def old(at: CopyAt) -> Path:
    """A workshop at step 3 from before .gitattributes said anything, as Windows checks it out."""
    workshop = at(3)
    (workshop / ".gitattributes").unlink()
    git(workshop, "commit", "--all", "--quiet", "--message", "As before")
    for setting in SETTINGS:
        git(workshop, "config", *setting.split("="))
    all_to_crlf(workshop)
    assert has_crlf(workshop)
    return workshop


@pytest.mark.parametrize("move", ["next", "goto", "reset"])
def test_a_checkout_with_crlf_moves(old: Path, pristine: CopyAt, move: str) -> None:
    step = {"next": 4, "goto": 7, "reset": 3}[move]
    moved = {
        "next": lambda: moves.advance(old, CODE),
        "goto": lambda: moves.go_to(old, 7),
        "reset": lambda: moves.reset(old, None),
    }[move]()
    assert (moved.conflicts, moved.of_tool, moved.saved) == ([], [], None)
    assert step_of(old) == step
    assert len(moved.changed) < 15
    wanted = files(pristine(step))
    found = {name: text.replace(b"\r\n", b"\n") for name, text in files(old).items()}
    found["workshop/template.bundle"] = wanted["workshop/template.bundle"]
    kept = {name for name, text in found.items() if text != wanted[name]}
    assert kept <= ({*CODE, ".gitattributes"} if move == "next" else set())


def test_an_edited_file_with_crlf_is_merged_and_saved(old: Path) -> None:
    app = old / "app.py"
    text = app.read_bytes().replace(b'    name = request.args.get("name", "")', MINE.encode())
    assert MINE.encode() in text
    app.write_bytes(text)
    moved = moves.advance(old, [])  # merges every file, as an update does
    assert moved.conflicts == []
    after = app.read_text()
    assert MINE in after
    assert "@timing_decorator" in after
    assert "<<<<<<<" not in after
    (branch,) = branches(old)
    done = subprocess.run(["git", "show", f"{branch}:app.py"], cwd=old, capture_output=True)
    assert done.stdout == text  # byte for byte


def test_the_difference_shows_the_changed_lines_only(old: Path) -> None:
    command = [sys.executable, "-m", "workshop", "diff"]
    changed = []
    for is_crlf in (True, False):
        if not is_crlf:
            (old / "app.py").write_bytes((old / "app.py").read_bytes().replace(b"\r\n", b"\n"))
        done = subprocess.run(command, cwd=old, capture_output=True)
        assert done.returncode == 0, done.stderr
        changed.append(done.stdout)
    assert changed[0] == changed[1]
    assert b"\n+" in changed[0]


def test_an_update_of_a_checkout_with_crlf(template: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(template, tmp_path / "source"))
    workshop = copy(source, tmp_path / "mine", 3)
    publish(source, "v1.1.0")
    expected = copy(source, tmp_path / "theirs", 3)
    all_to_crlf(workshop)
    updated = moves.update(workshop)
    assert updated
    assert (updated[0].conflicts, updated[0].of_tool, updated[0].saved) == ([], [], None)
    found = {name: text.replace(b"\r\n", b"\n") for name, text in files(workshop).items()}
    bundle = "workshop/template.bundle"
    wanted = files(expected)
    assert found.pop(bundle) == wanted[bundle].replace(b"\r\n", b"\n")
    assert found == {name: text for name, text in wanted.items() if name != bundle}
