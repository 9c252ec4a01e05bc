"""Runs a roster's command for a key, with enough time for a person to answer a prompt."""

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

# In bytes. A key is much shorter, and nobody reads a longer error message.
_MOST = 1 << 14
_MOST_LINES = 5
_LINE = 300

# In seconds. After it ends, how long the processes that it started can still write.
_GRACE = 1.0

# In seconds. After this much silence, the command may be waiting for an answer.
_PAUSE = 0.2


class TookTooLong(Problem):
    """The command didn't end in time."""


def key_from(command: Sequence[str], folder: Path) -> str:
    """Run a command in a folder and return what it prints, without surrounding whitespace.

    If there is a terminal, the command has it to itself meanwhile, and can ask for input. When its
    time is up, we kill it and everything that it started. Raises Problem with what it wrote to
    standard error, but never what it printed or anything that looks like a key.
    """
    shown = f"`{tame(shlex.join(command).encode())}`, which should print the API key,"
    try:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
        )
    except (OSError, ValueError) as error:
        reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        remedy = "Name an installed program. A path is relative to the roster's folder."
        raise Problem(f"{shown} cannot be run{reason}.", remedy) from error
    try:
        with _in_foreground(process):
            printed, complaints, ended = _listen(process)
    finally:
        if process.poll() is None:
            _kill(process)
    if process.returncode == -signal.SIGINT:  # it had the terminal, so Ctrl-C went to it
        raise KeyboardInterrupt
    complaint = _complaint(complaints, printed)
    if len(printed) > _MOST:
        raise Problem(
            f"{shown} printed more than a key.", f"It must print only the key.{complaint}"
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
        raise Problem(what, f"It must print only the key.{complaint}") from error
    if not key:
        raise Problem(f"{shown} printed nothing.", f"It must print only the key.{complaint}")
    return key


def _listen(process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes, bool]:
    """A process's standard output and standard error, and whether it ended in time."""
    assert process.stdout
    assert process.stderr
    output = {process.stdout: b"", process.stderr: b""}
    unshown = b""
    deadline = time.monotonic() + SECONDS
    with selectors.DefaultSelector() as selector, process.stdout, process.stderr:
        for stream in output:
            selector.register(stream, selectors.EVENT_READ)
        while time.monotonic() < deadline and len(output[process.stdout]) <= _MOST:
            if process.poll() is not None:  # processes that it started can keep the streams open
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
    """Show a command's messages on the terminal, because they can be prompts; return the rest.

    Shows only whole lines, because we couldn't recognize half of a key.
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
    """What a command wrote to standard error, for the end of a message."""
    lines = [line.strip() for line in tame(complaints, printed).splitlines() if line.strip()]
    if lines and sys.stderr.isatty():
        return " Its output is above."
    shown = [line[:_LINE] for line in lines[-_MOST_LINES:]]
    return f" It said: {' / '.join(shown)}" if lines else ""


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE)


@contextlib.contextmanager
def _in_foreground(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Lend the terminal to a process group, if we own it, so that it can ask for a password."""
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
        # Taking the terminal back from the background would stop us.
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(terminal, process.pid)
                os.killpg(process.pid, signal.SIGCONT)  # it may have tried to read too early
            yield
        finally:
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
            signal.signal(signal.SIGTTOU, before)
    finally:
        os.close(terminal)
