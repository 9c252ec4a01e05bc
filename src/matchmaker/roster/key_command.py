"""Runs a roster's command for a key: for as long as a person needs, and not longer."""

import contextlib
import os
import re
import selectors
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from matchmaker.problem import Problem
from matchmaker.roster.masking import tame

SECONDS = 60.0
"""Enough to find a fingerprint reader, or to type a password."""

# Bytes. A key is far shorter, and nobody reads more of what went wrong.
_MOST = 1 << 14
_MOST_LINES = 5
_LINE = 300

# Once it has ended, how long something that it has started may still write, in seconds.
_GRACE = 1.0

# In seconds. Whoever says nothing for so long waits for an answer, perhaps.
_PAUSE = 0.2


class TookTooLong(Problem):
    """The command did not end in time."""


def key_from(command: Sequence[str], folder: Path) -> str:
    """Run a command in a folder and give what it prints, without the space around it.

    It has the terminal for itself meanwhile, where there is one, and may ask there. When its time
    is over, it is killed with all that it has started. Raises Problem, with what it said on
    standard error, but never what it printed or what looks like a key.
    """
    shown = f"`{tame(shlex.join(command).encode())}`, which the API key is to come from,"
    try:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
        )
    except (OSError, ValueError) as error:
        reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        remedy = "Name a program that is installed here; a path counts from the roster's folder."
        raise Problem(f"{shown} cannot be run{reason}.", remedy) from error
    try:
        with _in_foreground(process):
            printed, complaints, ended = _listen(process)
    finally:
        if process.poll() is None:
            _kill(process)
    if process.returncode == -signal.SIGINT:  # Ctrl-C went to it, since it had the terminal
        raise KeyboardInterrupt
    complaint = _complaint(complaints, printed)
    if len(printed) > _MOST:
        raise Problem(
            f"{shown} printed more than a key.", f"It has to print the key alone.{complaint}"
        )
    if not ended:
        what = f"{shown} took longer than {SECONDS:.0f} seconds, and was stopped."
        raise TookTooLong(what, f"Run it by hand to see what it waits for.{complaint}")
    if process.returncode:
        how = f"was ended by signal {-process.returncode}"
        if process.returncode > 0:
            how = f"ended with exit code {process.returncode}"
        what = f"{shown} {how}."
        raise Problem(what, complaint.strip() or "Run it by hand to see why.")
    try:
        key = printed.decode().strip()
    except UnicodeDecodeError as error:
        what = f"{shown} printed something that is not text."
        raise Problem(what, f"It has to print the key alone.{complaint}") from error
    if not key:
        raise Problem(f"{shown} printed nothing.", f"It has to print the key alone.{complaint}")
    return key


def _listen(process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes, bool]:
    """What a process prints and says until it ends, and whether it did."""
    assert process.stdout
    assert process.stderr
    output = {process.stdout: b"", process.stderr: b""}
    unshown = b""
    deadline = time.monotonic() + SECONDS
    with selectors.DefaultSelector() as selector, process.stdout, process.stderr:
        for stream in output:
            selector.register(stream, selectors.EVENT_READ)
        while time.monotonic() < deadline and len(output[process.stdout]) <= _MOST:
            if process.poll() is not None:  # what it has left behind may still hold the streams
                deadline = min(deadline, time.monotonic() + _GRACE)
            if not selector.get_map():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=max(0, deadline - time.monotonic()))
                break
            ready = selector.select(_PAUSE)
            for stream in [s for s in output if any(key.fileobj is s for key, _ in ready)]:
                part = os.read(stream.fileno(), _MOST)
                if not part:
                    selector.unregister(stream)
                output[stream] += part
                unshown += part if stream is process.stderr else b""
            output[process.stderr] = output[process.stderr][-_MOST:]
            unshown = _show(unshown, output[process.stdout], is_pause=not ready)
        _show(unshown, output[process.stdout], is_pause=True)
    return output[process.stdout], output[process.stderr], process.poll() is not None


def _show(unshown: bytes, printed: bytes, *, is_pause: bool) -> bytes:
    """Show a person at the terminal what is said, as it may be a question; gives what waits.

    Lines are shown whole, since half a key would not be known for one.
    """
    if not sys.stderr.isatty():
        return b""
    lines, end, rest = unshown.rpartition(b"\n")
    if is_pause and not re.search(rb"\w{8}$", rest):
        lines, end, rest = unshown, b"", b""
    if lines:
        sys.stderr.write(tame(lines + end, printed))
        sys.stderr.flush()
    return rest[-_MOST:]


def _complaint(complaints: bytes, printed: bytes) -> str:
    """What was said on standard error, for the end of a message that has not shown it yet."""
    lines = [line.strip() for line in tame(complaints, printed).splitlines() if line.strip()]
    if lines and sys.stderr.isatty():
        return " What it said stands above."
    shown = [line[:_LINE] for line in lines[-_MOST_LINES:]]
    return f" It said: {' / '.join(shown)}" if lines else ""


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE)


@contextlib.contextmanager
def _in_foreground(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Lend the terminal to a process group, if it is ours to lend: it may ask for a password."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        yield
        return
    try:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            yield
            return
        settings = termios.tcgetattr(terminal)
        # From the background, taking it back would stop us.
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(terminal, process.pid)
                os.killpg(process.pid, signal.SIGCONT)  # it has tried to read too early, perhaps
            yield
        finally:
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
            signal.signal(signal.SIGTTOU, before)
    finally:
        os.close(terminal)
