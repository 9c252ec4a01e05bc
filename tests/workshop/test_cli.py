"""The list of commands, and that each one loads only what it needs."""

import importlib
import subprocess
import sys
import typing

import pytest
import typer
from workshop import cli

from tests.conftest import REPOSITORY

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
        "import sys; from workshop.cli import Commands; assert Commands()['hint'];"
        "print(*sorted(name for name in sys.modules if name.startswith('workshop.commands.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["workshop.commands.in_words", "workshop.commands.moving"]
