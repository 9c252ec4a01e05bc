"""The supervisor as a library: a second stack beside one that is up."""

from dataclasses import replace

import pytest
import requests
from workshop.problem import Problem
from workshop.settings import Ports
from workshop.stack import worker
from workshop.stack.supervisor import temporary_stack

from .conftest import Workshop, free_port, processes_in


@pytest.mark.thorough  # as in test_check.py, where a check's stack runs beside the trainee's
def test_two_stacks_of_one_repository_run_side_by_side(workshop: Workshop) -> None:
    assert workshop.run("up", "--detach").returncode == 0
    first = workshop.settings
    before = workshop.pids()
    second = replace(
        first,
        ports=Ports(*(free_port() for _ in range(5))),
        run_dir=workshop.root / ".workshop" / "check",
        overrides={"MATCHMAKER_DATABASE_URL": f"sqlite:///{workshop.root}/.workshop/check.db"},
    )
    said: list[str] = []
    with temporary_stack(second, lambda source, _: said.append(source)) as supervisor:
        assert {service.state for service in supervisor.state.services.values()} == {"ready"}
        for ports in (first.ports, second.ports):
            url = f"http://127.0.0.1:{ports.web}/pair/beer?name=ipa"
            assert requests.get(url, timeout=10).ok
        assert (workshop.root / ".workshop" / "check.db").exists()
    assert "web" in said
    assert workshop.pids() == before
    assert workshop.run("down").returncode == 0
    assert not processes_in(workshop.root)


def test_a_stack_that_does_not_start_says_why(workshop: Workshop) -> None:
    workshop.edit("app.py", "def ping():", "def ping(:")
    with (
        pytest.raises(Problem, match="web does not start: SyntaxError"),
        temporary_stack(workshop.settings),
    ):
        pass
    assert not processes_in(workshop.root)


def test_a_service_that_never_gets_ready_is_named(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.edit("app.py", "import os\n", "import os\nimport time\n\ntime.sleep(600)\n")
    monkeypatch.setattr(worker, "READY_SECONDS", 8.0)
    with pytest.raises(Problem, match="has not answered"), temporary_stack(workshop.settings):
        pass
    assert not processes_in(workshop.root)


def test_an_error_in_the_block_ends_the_stack(workshop: Workshop) -> None:
    with pytest.raises(ZeroDivisionError), temporary_stack(workshop.settings):
        raise ZeroDivisionError
    assert not processes_in(workshop.root)
