"""What is otherwise on a Mac, made to happen here: workers are not forked, folders have links."""

from pathlib import Path

import pytest

from tests.conftest import git
from tests.matchmaker.conftest import Session
from tests.workshop.moving.conftest import step_of

# Python reads this file at its start, before the command asks for a way to start its workers.
OTHERWISE = """
import multiprocessing
import multiprocessing.util
import os

if method := os.environ.pop("START_METHOD", ""):  # the command; what it starts has no such variable
    if method == "forkserver":  # its folder has to be there before the command has one of its own
        multiprocessing.util.get_temp_dir()
    chosen = multiprocessing.get_context
    def get_context(asked=None):
        with open(os.environ["ASKED"], "a") as file:
            file.write(f"{asked}\\n")
        return chosen(method)
    multiprocessing.get_context = get_context
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.sample(2)
def test_a_session_is_made_and_updated_by_workers_that_are_not_forked(
    session: Session, tmp_path: Path, method: str
) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(OTHERWISE)
    environment = {
        "PYTHONPATH": str(tmp_path / "site"),
        "START_METHOD": method,
        "ASKED": str(asked),
    }
    session.write("Ann", "Bo")
    made = session.generate(**environment)
    assert made.code == 0, made.err
    assert asked.read_text().split()  # what stands in was asked, in the command's own process
    assert session.did() == {"ann": "created", "bo": "created"}
    session.write("Ann", "Bo", step=4)
    moved = session.generate(**environment)
    assert moved.code == 0, moved.err
    assert session.did() == {"ann": "updated", "bo": "updated"}
    for slug in ("ann", "bo"):
        assert step_of(session.out / slug) == 4
        assert git(session.out / slug, "status", "--porcelain") == ""


def with_a_link(folder: Path) -> Path:
    """A folder by a path with a link in it, as /tmp and /var/folders are on every Mac."""
    (folder / "private").mkdir()
    (folder / "var").symlink_to("private")
    return folder / "var"


def test_a_session_is_made_where_folders_are_links(session: Session, tmp_path: Path) -> None:
    linked = with_a_link(tmp_path)
    (linked / "temporary").mkdir()
    words = ("generate", str(session.roster), "--out", str(linked / "out"))
    for step in (2, 3):
        session.write("Ann", step=step)
        done = session.command(*words, TMPDIR=str(linked / "temporary"))
        assert done.code == 0, done.out + done.err
        assert step_of(linked / "out" / "ann") == step
    assert [*(linked / "temporary").iterdir()] == []
