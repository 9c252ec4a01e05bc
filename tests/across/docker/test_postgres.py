"""`database: postgresql`: a server in Compose, healthy, with a volume, and in the trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Render
from tests.stack import until

from .conftest import HERE, compose, repository, run, stack
from .test_troubles import assert_named, status

PAIRING = "/pair/beer?name=ipa"
IMAGE = "postgres:17-alpine"
STAND_IN = "matchmaker-test-postgres"


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    with repository(render, step=8, database="postgresql") as root:
        if run(root, "docker", "image", "inspect", IMAGE).returncode and (
            run(root, "docker", "pull", "--quiet", IMAGE).returncode
        ):
            (root / "compose.override.yaml").write_text(
                "services:\n"
                "  postgres:\n"
                f"    image: {STAND_IN}\n"
                f"    build: {{context: '{HERE}', dockerfile: postgres.Dockerfile}}\n"
            )
        yield root


def test_a_pairing_asks_the_server(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    services = stack(root)
    assert services.get("/beers/ipa").json()["brewer"] == "Hop Harbour"
    trace = services.trace_of(PAIRING)
    (view,) = [span for span in trace.spans() if span.name == "__main__.pair"]
    below = [(span.service, span.name) for span in view.children]
    assert below.count(("postgres", "postgres.query")) == 2
    assert not (root / "instance").exists()


@pytest.mark.thorough
def test_its_data_outlives_its_container(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    sql = ["psql", "--host", "127.0.0.1", "--username", "matchmaker", "--dbname", "matchmaker"]
    rename = "UPDATE beer SET brewer = 'Nobody' WHERE name = 'ipa'"
    compose(root, "exec", "-T", "-e", "PGPASSWORD=matchmaker", "postgres", *sql, "-c", rename)
    compose(root, "down")
    compose(root, "up", "--detach", "--wait")
    assert stack(root).get("/beers/ipa").json()["brewer"] == "Nobody"


@pytest.mark.thorough  # tests/template/test_postgres.py has one without Docker
def test_a_server_that_is_down_is_named(root: Path) -> None:
    compose(root, "up", "--detach", "--wait", "--build")
    services = stack(root)
    compose(root, "stop", "postgres")
    answer = services.get("/beers")
    assert (answer.status_code, "SQL does not answer" in answer.text) == (503, True)
    assert_named(root, "postgres-down", "it is stopped")
    compose(root, "up", "--detach", "postgres")
    until(lambda: status(services, "/beers") == 200)
