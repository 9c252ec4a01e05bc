"""What we read about processes is what psutil says, without psutil."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from workshop.stack import processes

from tests.stack import until

PARENT = (
    "import os, subprocess, sys\n"
    # A name that looks like the fields that follow it.
    "open('/proc/self/comm', 'w').write(') Z 1 (')\n"
    "child = subprocess.Popen([sys.executable, '-c', 'input()'])\n"
    "print(child.pid, flush=True)\n"
    "input()\n"
)


@pytest.fixture
def parent() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a child, and the child's number."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT if sys.platform == "linux" else PARENT.replace("open", "#")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process, int(process.stdout.readline())
        process.send_signal(signal.SIGCONT)
        process.kill()


@pytest.mark.parametrize("is_linux", [True, False] if sys.platform == "linux" else [False])
def test_a_process_from_its_start_to_its_end(
    parent: tuple[subprocess.Popen[str], int], is_linux: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_IS_LINUX", is_linux)
    process, child = parent
    pid = process.pid
    assert processes.began(pid) == pytest.approx(psutil.Process(pid).create_time(), abs=0.1)
    assert not processes.is_stopped(pid)
    process.send_signal(signal.SIGSTOP)
    until(lambda: processes.is_stopped(pid), "it is stopped")
    process.send_signal(signal.SIGCONT)
    until(lambda: not processes.is_stopped(pid), "it goes on")
    os.kill(child, signal.SIGKILL)
    process.kill()
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # over, and still in the list
    assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert processes.began(pid) is None
    process.wait()
    assert processes.began(pid) is None
    assert not processes.is_stopped(pid)
