"""What passed a check isn't checked again before something of it changes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from workshop import settings
from workshop.check import replies, unchanged
from workshop.check.replies import Told
from workshop.settings import Settings

from tests.conftest import Render


@pytest.fixture
def chosen(render: Render) -> Settings:
    return settings.load(render(step=3))


def passed(chosen: Settings) -> None:
    unchanged.record(chosen, unchanged.state(chosen), True)


def edit(name: str) -> Callable[[Path], object]:
    def write(root: Path) -> None:
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(path.read_text() + "\n" if path.exists() else "x = 1\n")

    return write


def test_the_same_files_need_no_second_check(chosen: Settings) -> None:
    assert not unchanged.has_passed(chosen, 3)
    passed(chosen)
    assert unchanged.has_passed(chosen, 3)
    assert not unchanged.has_passed(chosen, 4)
    for name in ("timing.log", "notes.md", ".env", "instance/matchmaker.db"):  # no check reads them
        edit(name)(chosen.root)
    assert unchanged.has_passed(chosen, 3)


@pytest.mark.parametrize(
    "change",
    [
        edit("app.py"),
        edit(".workshop/cost.json"),
        edit("checks/test_03_drill_down.py"),
        edit("checks/questions.toml"),
        edit("workshop/settings.toml"),
        edit("workshop/check/stack.py"),
        edit("helpers/new.py"),
        lambda root: (root / "taster.py").unlink(),
        lambda root: (root / "timing.py").rename(root / "timings.py"),
        lambda root: replies.write(root / ".workshop", Told(guess=20.0)),
    ],
)
def test_whatever_a_check_reads_counts(chosen: Settings, change: Callable[[Path], object]) -> None:
    passed(chosen)
    change(chosen.root)
    assert not unchanged.has_passed(chosen, 3)


@pytest.mark.parametrize(
    "change", [edit("app.py"), lambda root: replies.write(root / ".workshop", Told(guess=20.0))]
)
def test_a_change_during_the_check_counts(
    chosen: Settings, change: Callable[[Path], object]
) -> None:
    before = unchanged.state(chosen)
    change(chosen.root)
    unchanged.record(chosen, before, True)
    assert not unchanged.has_passed(chosen, 3)


def test_what_the_check_itself_measures_does_not_count(chosen: Settings) -> None:
    before = unchanged.state(chosen)
    replies.write(chosen.run_dir, Told(measured=220.0))
    unchanged.record(chosen, before, True)
    assert unchanged.has_passed(chosen, 3)


def test_a_later_check_that_fails_counts(chosen: Settings) -> None:
    passed(chosen)
    unchanged.record(chosen, unchanged.state(chosen), False)
    assert not unchanged.has_passed(chosen, 3)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"step": 3}', '{"step": 3, "state": null}'])
def test_a_file_that_says_nothing_counts_for_nothing(chosen: Settings, text: str) -> None:
    chosen.run_dir.mkdir(exist_ok=True)
    (chosen.run_dir / unchanged.FILE).write_text(text)
    assert not unchanged.has_passed(chosen, 3)


def test_what_cannot_be_read_stops_nothing(chosen: Settings) -> None:
    (chosen.root / "loop.py").symlink_to("loop.py")
    passed(chosen)
    assert unchanged.has_passed(dataclasses.replace(chosen), 3)
