"""The services on a PostgreSQL server of one's own, by `MATCHMAKER_DATABASE_URL`; here Debian's."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from workshop.stack.services import free_port

from tests import needs
from tests.conftest import Render
from tests.stack import running_stack

OUT_OF_THE_WAY = (
    "usr/lib/postgresql/*/bin",  # Debian
    "opt/homebrew/opt/postgresql@*/bin",  # Homebrew, on a Mac with Apple's processor
    "usr/local/opt/postgresql@*/bin",  # and with Intel's
)


def program(name: str) -> str:
    """Where one of PostgreSQL's programs is, on PATH or out of the way."""
    root = Path("/")
    found = [path for bins in OUT_OF_THE_WAY for path in sorted(root.glob(f"{bins}/{name}"))]
    return str(found[-1]) if found else shutil.which(name) or ""


@pytest.fixture
def server() -> Iterator[str]:
    """The address of an empty database on a server of its own."""
    if not program("initdb"):
        needs.skip_without("PostgreSQL")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own folders are for one user only
    try:
        as_user: dict[str, int] = {}
        if os.getuid() == 0:  # which PostgreSQL refuses to be
            as_user = {"user": 65534, "group": 65534}
            os.chown(folder, 65534, 65534)
        port = str(free_port())
        run: dict[str, Any] = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, **as_user}
        data = ["--pgdata", str(folder / "data")]
        initdb = [program("initdb"), *data, "--username=ada", "--auth=trust", "--no-sync"]
        subprocess.run(initdb, **run)
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        control = [program("pg_ctl"), *data, "--wait", "--silent"]
        subprocess.run([*control, "--log", str(folder / "log"), "-o", options, "start"], **run)
        try:
            yield f"postgresql+psycopg://ada@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "--mode=immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder)


def test_queries_are_in_the_trace_and_a_lost_server_is_named(render: Render, server: str) -> None:
    with running_stack(
        render(step=8), MATCHMAKER_DATABASE_URL=server, MATCHMAKER_TASTING_SECONDS="0"
    ) as stack:
        assert len(stack.get("/donuts").json()) == 12
        with psycopg.connect(server.replace("+psycopg", "")) as other:  # as a restart does
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        lost = stack.get("/donuts")
        assert lost.status_code == 503
        assert lost.json()["error"].startswith("SQL does not answer: terminating connection")
        trace = stack.trace_of("/pair/beer?name=ipa")
        (view,) = [span for span in trace.spans() if span.name == "__main__.pair"]
        below = [(span.service, span.name) for span in view.children]
        assert below.count(("postgres", "postgres.query")) == 2
