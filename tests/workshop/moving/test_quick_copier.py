"""Copier does each thing once for a move, and what comes out is what a copy writes."""

import sys
from subprocess import run

from copier import _main
from jinja2 import Environment
from jinja2.ext import Extension
from workshop.moving import quick_copier

from tests.workshop.moving.conftest import CopyAt, files


def test_the_command_writes_what_a_copy_writes(at: CopyAt, pristine: CopyAt) -> None:
    workshop = at(2)
    run([sys.executable, "-m", "workshop", "goto", "7"], cwd=workshop, check=True)
    assert files(workshop) == files(pristine(7))


def test_a_source_is_compiled_once_and_afterwards_copier_is_as_before() -> None:
    before = (Environment.compile, _main.Worker._sync_git_index_executable_bit)
    environment = Environment()
    with quick_copier.once():
        code = environment.compile("{{ a }}")
        assert environment.compile("{{ a }}") is code
        assert environment.compile("{{ b }}") is not code
        assert Environment(extensions=["jinja2.ext.do"]).compile("{{ a }}") is not code
        assert environment.from_string("{{ a }}").render(a="as ever") == "as ever"
        assert _main.Worker._sync_git_index_executable_bit is not before[1]
    assert (Environment.compile, _main.Worker._sync_git_index_executable_bit) == before


def test_each_version_of_the_template_has_its_own_filters() -> None:
    """An update renders two versions, whose extensions have the same names."""
    with quick_copier.once():
        made = [of_version(name).from_string("{{ 'x' | marked }}").render() for name in "ab"]
    assert made == ["x of a", "x of b"]


def of_version(name: str) -> Environment:
    class Marks(Extension):
        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            environment.filters["marked"] = lambda text: f"{text} of {name}"

    return Environment(extensions=[Marks])
