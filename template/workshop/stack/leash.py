"""Ends process groups when the process that started this one is gone.

The supervisor starts this file once without arguments. Standard input is then a pipe, which gets a
line for each new group, `+NUMBER`, and another one when the group is over, `-NUMBER`. However the
supervisor ends, even by SIGKILL, the pipe closes. Then this process ends the groups that are left:
first with SIGTERM, and after a grace period with SIGKILL.

With a command as its arguments, this file announces itself to that pipe and becomes the command,
under the same number. If the supervisor announced it, nobody would end a command whose supervisor
was killed right before that.

The supervisor starts this file by its path with `python -I -S`, and it does without the larger
modules of the standard library, so that it needs little memory and time.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 1.5
_LOOK_SECONDS = 0.05


def wait_and_end() -> None:
    """Read until the pipe closes, and then end each group that is left."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    groups = _left_at_eof()
    deadline = time.monotonic() + GRACE_SECONDS
    groups = {group for group in groups if _send(group, signal.SIGTERM)}
    while groups and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        groups = {group for group in groups if _send(group, 0)}
    for group in groups:
        _send(group, signal.SIGKILL)


def join_and_become(command: list[str]) -> None:
    """Add this process's group to those that end, and run the command in its place."""
    os.write(0, b"+%d\n" % os.getpid())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # Python ignores two signals, and the command would inherit that.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


def _left_at_eof() -> set[int]:
    groups: set[int] = set()
    rest = b""
    while text := os.read(0, 4096):
        *lines, rest = (rest + text).split(b"\n")
        for line in lines:
            (groups.add if line.startswith(b"+") else groups.discard)(int(line[1:]))
    return groups


def _send(group: int, number: int) -> bool:
    """Send a signal to a group. Returns whether somebody got it."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    join_and_become(sys.argv[1:]) if sys.argv[1:] else wait_and_end()
