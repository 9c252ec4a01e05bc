"""What the checks share: one stack that runs the code on disk, and that is deleted afterward."""

from collections.abc import Iterator

import pytest

from workshop import settings
from workshop.check.stack import Look, Stack, copied_stack, pairing


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Services on free ports, with an agent if one of the checks looks at spans."""
    checks = [item for item in request.session.items if isinstance(item, pytest.Function)]
    looks_at_spans = any("look" in check.fixturenames for check in checks)
    folder = tmp_path_factory.mktemp("stack")
    with copied_stack(
        settings.load(),
        folder,
        with_agent=looks_at_spans,
    ) as running:
        yield running


@pytest.fixture(scope="session")
def lines(stack: Stack) -> list[str]:
    """The lines that one pairing adds to timing.log."""
    stack.pair()  # the first one also fills DonutDB
    return stack.pair()


@pytest.fixture(scope="session")
def look(stack: Stack) -> Look:
    """The spans of one pairing."""
    stack.pair()
    return stack.look(pairing())
