"""What the checks share: one stack that runs the code on disk, and that is deleted afterward."""

from collections.abc import Iterator

import pytest
import requests

from workshop.check.early import Early
from workshop.check.stack import Look, Stack, pairing


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Services on free ports, with an agent if one of the checks looks at spans."""
    plugins = request.config.pluginmanager.get_plugins()
    (early,) = [plugin for plugin in plugins if isinstance(plugin, Early)]
    checks = [item for item in request.session.items if isinstance(item, pytest.Function)]
    yield early.stack(with_agent=any("look" in check.fixturenames for check in checks))
    early.request_end()


@pytest.fixture(scope="session")
def paired(stack: Stack) -> tuple[requests.Response, list[str]]:
    """The first pairing, which also fills DonutDB: its answer, and its lines in timing.log."""
    before = len(stack.timing_log())
    answer = stack.ask(pairing())
    return answer, stack.timing_log()[before:]


@pytest.fixture(scope="session")
def first(paired: tuple[requests.Response, list[str]]) -> requests.Response:
    """The answer to the first pairing."""
    return paired[0]


@pytest.fixture(scope="session")
def lines(paired: tuple[requests.Response, list[str]]) -> list[str]:
    """The lines that one pairing adds to timing.log."""
    return paired[1]


@pytest.fixture(scope="session")
def look(stack: Stack, first: requests.Response) -> Look:
    """The spans of another pairing."""
    return stack.look(pairing())
