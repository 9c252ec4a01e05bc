"""Nothing that a supervisor starts outlives it, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop.stack import leashed
from workshop.stack.leashed import Leash

from tests.stack import until
from tests.workshop.conftest import processes_in

# What starts a service, with a child that ends at no SIGTERM, and then does as it is told.
STARTER = """
import os, sys, time
from pathlib import Path
from workshop.stack.leashed import Leash

leash = Leash()
process = leash.start(["sh", "-c", sys.argv[2]], Path(sys.argv[1]), dict(os.environ))
exec(sys.argv[3])
"""
STUBBORN = "sh -c 'trap : TERM; echo child; while :; do sleep 1; done' & sleep 600"
KILLED_AT_ONCE = "os.kill(os.getpid(), 9)"
KILLED_LATER = "process.stdout.readline(); os.kill(os.getpid(), 9)"
# Somebody ends the process that waits for our end, and the next one has to know the service.
ITS_LEASH_KILLED_BEFORE = (
    "process.stdout.readline(); os.kill(leash._process.pid, 9); leash._process.wait()\n"
    "leash.renew(); os.kill(os.getpid(), 9)"
)

TELL_ALL = """
import os, sys
print(dict(os.environ), sys.stdin.read(), os.getcwd(), sys.argv, os.listdir("/dev/fd"))
"""


@pytest.mark.parametrize("end", [KILLED_AT_ONCE, KILLED_LATER, ITS_LEASH_KILLED_BEFORE])
def test_nothing_outlives_its_starter(tmp_path: Path, end: str) -> None:
    starter = subprocess.run(
        [sys.executable, "-c", STARTER, str(tmp_path), STUBBORN, end],
        cwd=Path(leashed.__file__).parents[2],  # where the package `workshop` is
        check=False,
        timeout=60,
    )
    assert starter.returncode == -signal.SIGKILL
    until(lambda: not processes_in(tmp_path), "the end of all")


@pytest.fixture
def leash() -> Iterator[Leash]:
    """A leash of this process."""
    leash = Leash()
    yield leash
    leash.close()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("exit 7", 7),
        ("kill -9 $$", -9),
        ("kill $$", -15),
        ("kill -PIPE $$", -13),
        ("exit 200", 200),
    ],
)
def test_a_command_ends_as_without_a_leash(
    leash: Leash, tmp_path: Path, script: str, code: int
) -> None:
    process = leash.start(["sh", "-c", script], tmp_path, dict(os.environ))
    assert process.wait(30) == code
    leash.end(process)


def test_a_command_gets_what_it_would_get_without_a_leash(leash: Leash, tmp_path: Path) -> None:
    command = [sys.executable, "-c", TELL_ALL, "a b", "ü"]
    environment = {"PATH": os.environ["PATH"], "an.odd name": "x", "LC_ALL": "C.UTF-8"}
    process = leash.start(command, tmp_path, environment)
    assert process.stdout
    alone = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert process.stdout.read() == alone.stdout
    assert process.wait(30) == 0


def test_a_missing_command_says_so(leash: Leash, tmp_path: Path) -> None:
    process = leash.start(["no-such-program"], tmp_path, dict(os.environ))
    assert process.stdout
    assert process.stdout.read() == "no-such-program: No such file or directory\n"
    assert process.wait(30) == 1


def test_the_group_of_a_command_ends_with_it(leash: Leash, tmp_path: Path) -> None:
    process = leash.start(["sh", "-c", STUBBORN], tmp_path, dict(os.environ))
    assert process.stdout
    assert process.stdout.readline() == "child\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    assert processes_in(tmp_path)
    leash.end(process)
    until(lambda: not processes_in(tmp_path), "the end of the child")
    # Its number is somebody else's now, whom a second call leaves alone.
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        process.pid = other.pid
        leash.end(process)
        assert other.poll() is None
        leashed.send(process, signal.SIGKILL)


def test_closing_ends_what_is_left(leash: Leash, tmp_path: Path) -> None:
    process = leash.start(["sh", "-c", STUBBORN], tmp_path, dict(os.environ))
    assert process.stdout
    assert process.stdout.readline() == "child\n"
    leash.close()
    assert process.wait(30) == -signal.SIGTERM
    until(lambda: not processes_in(tmp_path), "the end of the child")
