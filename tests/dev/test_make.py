"""`make` on machines that are not ready for it, or are set up in their own way."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SYSTEM = ("sh", "env", "make", "dirname", "awk", "touch", "mkdir", "cat")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` reads, in a path that is not easy; beside it `bin`, which is all of PATH."""
    folder = tmp_path / "mein Pfad wörk"
    for name in ("Makefile", "pyproject.toml", "template/pyproject.toml", "dev/setup.sh"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    (tmp_path / "bin").mkdir()
    for tool in SYSTEM:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return folder


def program(path: Path, *lines: str) -> None:
    """A shell script that stands in for a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def make(checkout: Path, *targets: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout.parent / "bin" / "make", *targets],
        cwd=checkout,
        env={"PATH": str(checkout.parent / "bin"), **variables},
        capture_output=True,
        text=True,
    )


def another_version(bin: Path, name: str, version: str) -> None:
    """A Python that says it is of some version, and that knows no module of today's."""
    said = f"import sys; sys.version_info = ({version.replace('.', ', ')}, 0, 'final', 0)"
    program(
        bin / name,
        f'[ "$1" = --version ] && echo Python {version} && exit',
        f"[ \"$1\" = -c ] && exec \"{sys.executable}\" -c \"{said}; exec('''$2''')\"",
        f"echo {name} was asked to $*; exit 7",
    )


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({}, "This machine has no python3."),
        ({"python3": "3.9.2"}, "This machine has Python 3.9.2."),
        ({"python3": "3.10.18"}, "This machine has Python 3.10.18."),
        ({"python3": "3.15.0"}, "This machine has Python 3.15.0."),
        ({"python3": "4.0.0", "python3.15": "3.15.1"}, "This machine has Python 4.0.0."),
    ],
)
@pytest.mark.parametrize("target", ["demo", "test"])
def test_a_python_outside_the_range_is_refused(
    checkout: Path, target: str, there: dict[str, str], says: str
) -> None:
    for name, version in there.items():
        another_version(checkout.parent / "bin", name, version)
    done = make(checkout, target)
    assert done.returncode == 2
    said, failed = done.stderr.splitlines()
    assert said.startswith("make: Install Python 3.11, 3.12, 3.13, or 3.14")
    assert said.endswith(says)
    assert "Error 1" in failed
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3": "3.11.0"}, "python3"),
        ({"python3": "3.14.9"}, "python3"),
        ({"python3": "3.15.0", "python3.13": "3.13.2"}, "python3.13"),
        ({"python3": "3.10.0", "python3.12": "3.12.1", "python3.14": "3.14.0"}, "python3.14"),
        ({"python3.11": "3.11.2"}, "python3.11"),
    ],
)
def test_a_python_in_the_range_is_found_under_any_name(
    checkout: Path, there: dict[str, str], taken: str
) -> None:
    for name, version in there.items():
        another_version(checkout.parent / "bin", name, version)
    done = make(checkout, "demo")
    assert done.stdout.splitlines()[-1] == f"{taken} was asked to -m venv --clear .venv"
    assert done.returncode == 2


def test_debian_keeps_a_part_of_python_apart(checkout: Path) -> None:
    program(
        checkout.parent / "bin" / "python3",
        'case "$2" in *ensurepip*) exit 1;; esac',
        f'[ "$1" = -c ] && exec "{sys.executable}" "$@"',
        "exit 7",
    )
    done = make(checkout, "demo")
    assert done.returncode == 2
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.stderr.splitlines()[0].endswith(f": sudo apt install python{version}-venv")
    assert not (checkout / ".venv").exists()


def test_settings_of_the_shell_are_left_out(checkout: Path) -> None:
    """They would lead Python to other modules, or `cd` to another folder."""
    program(checkout / ".venv" / "bin" / "python", "env")
    program(checkout / ".venv" / "bin" / "uv", "exit 0")
    (checkout / ".venv" / ".ready").touch()
    theirs = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "CDPATH", "GIT_DIR")
    done = make(checkout, "demo", HOME="/root", **dict.fromkeys(theirs, "/nowhere"))
    assert done.returncode == 0, done.stderr
    names = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert "HOME" in names
    assert names.isdisjoint(theirs)
    assert "PYTHONPATH=template" in make(checkout, "docs", PYTHONPATH="/x").stdout.splitlines()


def test_make_alone_lists_its_commands(checkout: Path) -> None:
    done = make(checkout)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert {"demo", "test", "pins"} <= set(listed)
    assert all(f"make {name}" in done.stdout for name in listed)


@pytest.mark.xdist_group("together")
def test_xdist_is_told_the_group_of_a_test(request: pytest.FixtureRequest) -> None:
    is_told = request.node.nodeid.endswith("@together")
    assert is_told == hasattr(request.config, "workerinput")
