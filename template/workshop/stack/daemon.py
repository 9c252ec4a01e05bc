"""Runs the supervisor as a background process, for `workshop up --detach`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workshop import state_file
from workshop.problem import Problem
from workshop.settings import ROOT, Settings, load
from workshop.stack import console_token, supervisor_file
from workshop.stack.exits import explain
from workshop.stack.services import console_service, services
from workshop.stack.supervisor import Supervisor
from workshop.stack.tracebacks import Mark, since, telling


def start(settings: Settings) -> None:
    """Start the stack in a separate process, and return when it is ready.

    If it fails, raises Problem with its message, and leaves nothing running.
    """
    settings.run_dir.mkdir(exist_ok=True)
    reading, writing = os.pipe()
    log = settings.run_dir / "up.log"
    with log.open("w", encoding="utf-8") as output, os.fdopen(reading, encoding="utf-8") as news:
        process = subprocess.Popen(
            [sys.executable, "-m", "workshop.stack.daemon", str(writing)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],
            start_new_session=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        os.close(writing)
        try:
            told = news.read()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if told != "ready":
        code = process.wait()
        what, _, remedy = told.partition("\0")
        if not what:
            raised = telling(since(log, Mark(), settings.root))
            what = f"The services did not start: {raised.sentence if raised else explain(code)}."
            remedy = f"Look for details in {_relative(log)}."
        raise Problem(what, remedy)


def main(news: int) -> int:
    """Run the stack until SIGTERM, and report to the descriptor `news` how its start went."""
    settings = load()

    def tell(text: str) -> None:
        os.write(news, text.encode())
        os.close(news)

    try:
        lock = state_file.lock(settings.run_dir / supervisor_file.LOCK)
    except Problem as problem:
        tell(f"{problem.what}\0{problem.remedy}")
        return 1
    if lock is None:
        tell("Another `workshop up` started first.\0Look at `workshop status`.")
        return 1
    try:
        console_token.renew(settings)
    except Problem as problem:
        tell(f"{problem.what}\0{problem.remedy}")
        return 1

    def say(source: str, line: str) -> None:
        if source == "workshop":  # each service has its own log file
            print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)

    stack = [*services(settings), console_service(settings)]
    supervisor = Supervisor(settings, say, detached=True, stack=stack)
    stop_on_signals(supervisor)

    def settled() -> None:
        failed = {
            service.name: supervisor.state.services[service.name].detail
            for service in stack
            if not service.is_optional and supervisor.state.services[service.name].state == "failed"
        }
        if failed:
            why = "\n".join(f"{name} does not start: {error}." for name, error in failed.items())
            raise Problem(why, "Fix it, then run `workshop up --detach` again.")
        tell("ready")

    try:
        supervisor.run(settled)
    except Problem as problem:
        tell(f"{problem.what}\0{problem.remedy}")
        return 1
    return 0


def stop_on_signals(supervisor: Supervisor) -> None:
    """Make SIGINT, SIGTERM, and SIGHUP shut the stack down cleanly."""

    def handler(reason: str) -> Callable[..., None]:
        return lambda *_: supervisor.request_stop(reason)

    signal.signal(signal.SIGINT, handler("Ctrl-C"))
    signal.signal(signal.SIGTERM, handler("asked to"))
    signal.signal(signal.SIGHUP, handler("the terminal was closed"))


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
