"""Runs one command, and ends it when the process that started this one is gone.

The supervisor holds the other end of standard input. However the supervisor ends, even by SIGKILL,
that pipe closes. Then this process ends the command's whole process group: first with SIGTERM, and
after a grace period with SIGKILL. The supervisor starts this file by its path with
`python -I -S`, so it imports only the standard library.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 1.5


def main(command: list[str]) -> int:
    """Run `command` to its end, and return its exit code, or -N if signal N ended it."""
    # A handler, not SIG_IGN: the command would inherit that, and survive the SIGTERM below.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    let_go = threading.Event()

    def end_group_at_eof() -> None:
        # Nobody ever writes to this pipe. The kernel closes it when its holder is gone, even after
        # a SIGKILL, which the holder couldn't catch with a handler or `atexit`.
        while os.read(0, 1024):
            pass
        let_go.set()
        # 0 means our own process group: the supervisor starts this process in a new session.
        os.killpg(0, signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=end_group_at_eof, daemon=True).start()
    code = child.wait()
    if let_go.is_set():  # nobody is left to clean up the command's children
        os.killpg(0, signal.SIGKILL)
    return code


def end_alike(code: int) -> None:
    """End the way the command ended, so that the parent process sees no difference."""
    if code >= 0:
        sys.exit(code)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's core dump is enough
    if -code not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    sys.exit(128 - code)  # a signal that doesn't end a process


if __name__ == "__main__":
    end_alike(main(sys.argv[1:]))
