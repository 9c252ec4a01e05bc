"""The list of commands, and that each one loads only what it needs."""

import importlib
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest
import typer
from workshop import cli
from workshop.stack import supervisor_file
from workshop.stack.supervisor_file import ServiceState

from tests.conftest import REPOSITORY, git
from tests.workshop.conftest import Workshop

FOLDER = REPOSITORY / "template" / "workshop" / "commands"
MODULES = sorted({*cli.MODULES.values()})


@pytest.mark.parametrize("module", MODULES)
def test_every_command_of_a_module_is_in_the_list(module: str) -> None:
    app = typing.cast(typer.Typer, importlib.import_module(f"workshop.commands.{module}").app)
    listed = {name for name, place in cli.MODULES.items() if place == module}
    assert set(typer.main.get_group(app).commands) == listed


def test_every_module_with_commands_is_in_the_list() -> None:
    written = [path.stem for path in FOLDER.glob("*.py") if "typer.Typer(" in path.read_text()]
    assert sorted(written) == MODULES


def test_a_command_loads_only_its_own_module() -> None:
    script = (
        "import gc, sys; from workshop.cli import Commands;"
        "gc.disable(); assert Commands()['hint'];"
        "assert gc.isenabled(); assert gc.get_freeze_count();"
        "print(*sorted(name for name in sys.modules if name.startswith('workshop.commands.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [name.removeprefix("workshop.commands.") for name in done.stdout.split()]
    assert loaded == ["in_words", "moving", "parsing"]


def test_status_loads_nothing_that_is_slow(workshop: Workshop, tmp_path: Path) -> None:
    source = tmp_path / "source"
    git(tmp_path, "init", "--quiet", str(source))
    git(source, "commit", "--quiet", "--allow-empty", "--message", "The template")
    for tag in ("v1.0.0", "v0.9.0"):
        git(source, "tag", tag)
    recorded = workshop.root / ".copier-answers.yml"
    entries = re.sub(r"(?m)^_.*\n", "", recorded.read_text())
    recorded.write_text(f"{entries}_commit: v1.0.0\n_src_path: {source}\n")
    (workshop.root / ".workshop").mkdir(exist_ok=True)
    state = supervisor_file.own(detached=True)
    state.services = {"web": ServiceState(5000, "ready")}
    supervisor_file.write(workshop.root / ".workshop", state)
    started = workshop.command("status")
    done = subprocess.run(
        [started[0], "-X", "importtime", *started[1:]],
        cwd=workshop.root,
        env=workshop.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded >= {"rich.table", "workshop.commands.tables", "workshop.moving.glance"}
    slow = {"dotenv", "hashlib", "logging", "packaging", "psutil", "pydantic", "redis", "requests"}
    slow |= {"encodings.idna", "socket", "yaml", "workshop.check.runner", "workshop.record.form"}
    slow |= {"workshop.moving.template_copy", "workshop.stack.containers", "workshop.troubles"}
    assert loaded & slow == set()


def test_the_console_keeps_nothing_that_it_rarely_needs(workshop: Workshop) -> None:
    # It runs for as long as the stack, and each of these would take 2 MiB all the time.
    script = "import sys, workshop.console.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=workshop.root,
        env=workshop.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "workshop.console.server" in loaded
    assert loaded & {"rich", "typer", "workshop.stack.supervisor", "copier", "pytest"} == set()


def test_a_value_is_parsed_if_somebody_typed_it(workshop: Workshop) -> None:
    assert "Type 1 or more." in workshop.run("traces", "--limit", "0").stderr
    assert "Type a whole number" in workshop.run("traces", "--limit", "x").stderr
