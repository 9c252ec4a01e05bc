"""Containers in a shell that is set up for others: they hear of what is meant for them alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import settings
from workshop.stack import containers

from tests import hostile
from tests.conftest import Render

from .conftest import compose, repository, stack, workshop

PAIRING = "/pair/beer?name=ipa"


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    with repository(render, step=8) as root:
        yield root


@pytest.mark.thorough
def test_a_shell_that_is_set_up_for_others_changes_nothing(root: Path, tmp_path: Path) -> None:
    strange = hostile.variables(tmp_path)
    # `python -m workshop`, as these tests start it, finds it in the folder that is the current one.
    del strange["PYTHONSAFEPATH"]
    up = workshop(root, "up", "--docker", "--detach", **strange)
    assert up.returncode == 0, up.stderr
    trace = stack(root).trace_of(PAIRING)
    assert {"matchmaker", "taster"} <= {span.service for span in trace.spans()}

    found = containers.services(settings.load(root))
    assert {service.state for service in found.values()} == {"ready"}
    told = {name: containers.environment(one.container) for name, one in found.items()}
    theirs = {pair for pair in strange.items() if not pair[0].startswith("CONSOLE_")}
    for name, environment in told.items():
        assert theirs & set(environment.items()) == set(), name
    assert not hostile.database(tmp_path).exists()

    doctor = workshop(root, "doctor", **strange)
    assert "unset COMPOSE_PROJECT_NAME" in doctor.stdout
    assert workshop(root, "down", **strange).returncode == 0
    assert "Nothing is running" in workshop(root, "status").stdout


def test_tracing_that_is_off_in_compose_yaml_is_told(root: Path) -> None:
    file = root / "compose.yaml"
    file.write_text(
        file.read_text().replace(
            "CONTAINER: taster", "CONTAINER: taster\n      DD_TRACE_ENABLED: 'false'"
        )
    )
    compose(root, "up", "--detach", "--wait")
    assert stack(root).get(PAIRING).ok
    said = workshop(root, "doctor")
    assert "DD_TRACE_ENABLED=false in the environment of taster" in said.stdout
    assert said.returncode == 1
