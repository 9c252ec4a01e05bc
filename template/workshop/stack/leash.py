"""Runs one command, and ends it when the process that started this one is gone.

The supervisor holds the other end of standard input. However the supervisor ends, even by SIGKILL,
that pipe closes. Then this process ends the command's whole process group: first with SIGTERM, and
after a grace period with SIGKILL. The supervisor starts this file by its path with
`python -I -S`, so it imports only the standard library. There is one for each service, so it also
does without the larger modules, such as subprocess and threading.
"""

import _thread
import os
import signal
import sys
import time

GRACE_SECONDS = 1.5


def main(command: list[str]) -> int:
    """Run `command` to its end, and return its exit code, or -N if signal N ended it."""
    # A handler, not SIG_IGN: the command would inherit that, and survive the SIGTERM below.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    # Python ignores two signals, and a command would inherit that.
    restored = (signal.SIGPIPE, signal.SIGXFSZ)
    child = os.posix_spawnp(
        command[0], command, os.environ, file_actions=[nothing], setsigdef=restored
    )
    is_let_go = False

    def end_group_at_eof() -> None:
        nonlocal is_let_go
        # Nobody ever writes to this pipe. The kernel closes it when its holder is gone, even after
        # a SIGKILL, which the holder couldn't catch with a handler or `atexit`.
        while os.read(0, 1024):
            pass
        is_let_go = True
        # 0 means our own process group: the supervisor starts this process in a new session.
        os.killpg(0, signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.killpg(0, signal.SIGKILL)

    _thread.start_new_thread(end_group_at_eof, ())
    _, status = os.waitpid(child, 0)
    if is_let_go:  # nobody is left to clean up the command's children
        os.killpg(0, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def end_alike(code: int) -> None:
    """End the way the command ended, so that the parent process sees no difference."""
    if code >= 0:
        sys.exit(code)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's core dump is enough
    if -code not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    sys.exit(128 - code)  # a signal that doesn't end a process


if __name__ == "__main__":
    end_alike(main(sys.argv[1:]))
