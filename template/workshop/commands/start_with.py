"""`workshop start-with`: serve the app the way it's served at work, and look at one trace."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import psutil
import typer

from workshop.check.requirement import Unmet
from workshop.check.stack import Look, Stack, pairing
from workshop.problem import Problem
from workshop.settings import HOST, Settings, load
from workshop.stack import script
from workshop.stack.copied import copy_files, settings_of_copy
from workshop.stack.services import Service, answers, services
from workshop.stack.supervisor import temporary_stack
from workshop.terminal import console
from workshop.traces import tree_view

app = typer.Typer()


@app.command(
    # Everything after the name belongs to the other command, its options included.
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True}
)
def start_with(
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND", help="The command, with its arguments.")
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="Include the framework's own spans.")
    ] = False,
) -> None:
    """Start web with another command, ask for one pairing, and show its trace.

    \b
    start-with flask run               as Flask starts an app
    start-with gunicorn app:app        as many apps run in production
    start-with ddtrace-run flask run   if no code imports ddtrace.auto

    It runs a copy of your code on free ports, and stops it again. The command gets its port from
    FLASK_RUN_PORT, GUNICORN_CMD_ARGS, or MATCHMAKER_PORT.
    """
    settings = load()
    script.require(settings.root)
    out = console()
    with out.status(f"starting {shlex.join(command)}"):
        look = _pairing(settings, command)
    if look.trace is None:
        raise _untraced(look)
    tree_view.show(out, [look.trace], everything, as_json=False)


def _pairing(settings: Settings, command: list[str]) -> Look:
    """What the agent gets from one pairing. Raises Problem if the command serves nothing."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if shutil.which(command[0], path=path) is None:
        raise Problem(f"There is no command {command[0]}.", "Did you mistype its name?")
    with tempfile.TemporaryDirectory(prefix="workshop-start-with-") as name:
        folder = Path(name)
        copy_files(settings.root, folder)
        own = settings_of_copy(settings, folder, {})
        stack = [
            _web(service, command, path) if service.name == "web" else service
            for service in services(own)
        ]
        try:
            with temporary_stack(own, stack=stack):
                return Stack(own).look(pairing())
        except (Problem, Unmet) as error:
            what = error.what if isinstance(error, Problem) else "web doesn't answer."
            said = _last_line(own.run_dir / "web.log")
            is_new = said and said.rstrip(".") not in what
            remedy = (
                f"It has to listen on {HOST}:{own.ports.web}, which the environment says, so leave "
                "out options for a port or an address. And it has to stay in the foreground."
            )
            raise Problem(
                what, f"The command last said: {said}\n{remedy}" if is_new else remedy
            ) from None
        finally:
            _end_what_is_left(folder)


def _web(service: Service, command: list[str], path: str) -> Service:
    """The service, started with the command. Each server has its own variable for the port."""
    port = str(service.port)
    told = {
        "PATH": path,
        "FLASK_RUN_PORT": port,
        # Its control socket would be a file in the trainee's home.
        "GUNICORN_CMD_ARGS": f"--bind {HOST}:{port} --no-control-socket",
    }
    return replace(
        service,
        command=lambda: command,
        # A server can listen before it has loaded the app, as gunicorn does.
        is_ready=lambda: answers(service.port, "/ping"),
        environment=lambda: {**service.environment(), **told},
        script="",
    )


def _end_what_is_left(folder: Path) -> None:
    """End what the command put in the background, such as `gunicorn --daemon`."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(folder.resolve()):
                process.kill()


def _untraced(look: Look) -> Problem:
    """That web sent no spans, though it answered."""
    sent = Counter(trace.roots[0].service for trace in look.others)
    others = ", ".join(f"{count} from {service}" for service, count in sorted(sent.items()))
    return Problem(
        f"The agent got no span of the request to web, only traces that begin later: {others}."
        if others
        else "The agent got no trace of this pairing.",
        "Something has to start the tracing client in web: `ddtrace-run` in front of the command, "
        "or `import ddtrace.auto` as the first import in app.py.",
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
