"""The list of commands, and that each one loads only what it needs."""

import importlib
import subprocess
import sys
import typing

import pytest
import typer
from workshop import cli

from tests.conftest import REPOSITORY
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
        "gc.disable(); assert Commands()['hint']; assert gc.isenabled();"
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


def test_a_command_without_values_loads_nothing_that_is_slow(workshop: Workshop) -> None:
    with (workshop.root / ".copier-answers.yml").open("a") as answers:
        answers.write("_commit: v1.0.0\n")  # as in a workshop that comes from a repository
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
    assert "workshop.commands.tables" in loaded
    slow = {"dotenv", "hashlib", "logging", "psutil", "pydantic", "redis", "requests", "yaml"}
    assert loaded & {*slow, "workshop.check.runner", "workshop.record.form"} == set()


def test_a_value_is_parsed_if_somebody_typed_it(workshop: Workshop) -> None:
    assert "Type 1 or more." in workshop.run("traces", "--limit", "0").stderr
    assert "Type a whole number" in workshop.run("traces", "--limit", "x").stderr
