"""What becomes of `app.py` and `taster.py`: each end has a sentence, and a way on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from workshop.stack import script

from tests.stack import until
from tests.workshop.conftest import Workshop


def rename(path: Path) -> None:
    path.rename(path.with_name("application.py"))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_latin(path: Path) -> None:
    path.write_bytes("# café\n".encode("latin-1") + path.read_bytes())


def make_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.py")


def make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ENDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "renamed": (rename, "app.py is not there."),
    "gone": (Path.unlink, "app.py is not there."),
    "folder": (make_folder, "app.py is a folder."),
    "empty": (lambda path: path.write_text("\n"), "app.py is empty."),
    "latin-1": (make_latin, "app.py is not UTF-8, as Python files are."),
    "utf-16": (
        lambda path: path.write_text(path.read_text(), encoding="utf-16"),
        "app.py is not UTF-8, as Python files are.",
    ),
    "dangling": (make_dangling, "app.py is a link to nowhere.py, which doesn't exist."),
    "loop": (make_loop, "app.py cannot be read: Too many levels of symbolic links."),
    "pipe": (make_pipe, "app.py is not a file."),
}


@pytest.mark.parametrize("kind", ENDS)
def test_the_check_says_what_became_of_the_file(workshop: Workshop, kind: str) -> None:
    change, said = ENDS[kind]
    change(workshop.root / "app.py")
    done = workshop.run("check")
    assert done.returncode == 1
    assert said in done.stderr
    assert "git restore app.py" in done.stderr
    if kind == "renamed":
        assert "Is it application.py now?" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert str(workshop.root) not in done.stderr


@pytest.mark.parametrize("kind", ["renamed", "folder", "empty", "pipe"])
def test_doctor_says_so_too(workshop: Workshop, kind: str) -> None:
    change, said = ENDS[kind]
    change(workshop.root / "app.py")
    done = workshop.run("doctor")
    assert done.returncode == 1
    assert f"problem {said.rstrip('.')}\n" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_in_the_background_both_files_are_named(workshop: Workshop) -> None:
    rename(workshop.root / "app.py")
    (workshop.root / "taster.py").write_text("")
    done = workshop.run("up", "--detach")
    assert done.returncode == 1
    assert "web does not start: app.py is not there.\n" in done.stderr
    assert "taster does not start: taster.py is empty.\n" in done.stderr


def test_a_file_that_goes_is_waited_for(workshop: Workshop) -> None:
    process = workshop.up()
    away = workshop.root / "application.py"
    (workshop.root / "app.py").rename(away)
    until(lambda: "web: app.py is not there." in workshop.output, "the sentence")
    assert "Is it application.py now?" in workshop.output
    assert "app.py is not there" in workshop.run("status").stdout
    away.rename(workshop.root / "app.py")
    until(lambda: workshop.is_ready("web"), "web")
    assert process.poll() is None
    assert "Errno" not in workshop.output


@pytest.mark.parametrize(
    "text",
    [
        b"# -*- coding: latin-1 -*-\n# \xe9\n",
        b"\xef\xbb\xbfprint()\n",
        b"def f(:\n",  # that is for Python to say
        b"print()\r\n",
    ],
)
def test_what_python_reads_is_left_to_python(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(text)
    assert script.problem_of(path) is None
    (tmp_path / "mine.py").write_bytes(text)
    path.unlink()
    path.symlink_to("mine.py")
    assert script.problem_of(path) is None
