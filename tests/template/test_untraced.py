"""Where nothing is traced, the app answers as it does where everything is."""

import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from workshop import settings
from workshop.stack.services import free_port, services
from workshop.stack.supervisor import temporary_stack

from extensions.steps import STEPS
from tests import needs
from tests.conftest import Render
from tests.stack import Stack

TRACED = [step.number + 1 for step in STEPS if step.key in ("trace", "read_a_span")]
TAGGED = next(step.number + 1 for step in STEPS if step.key == "span_metadata")
PATHS = {
    "/ping": 200,
    "/beers": 200,
    "/donuts": 200,
    "/beers/ipa": 200,
    "/beers/nope": 404,
    "/donuts/jelly": 200,
    "/pair/beer?name=ipa": 200,
    "/pair/beer?name=nope": 404,
    "/pair/beer": 400,
    "/nowhere": 404,
}
OFF = {
    "all": {"DD_TRACE_ENABLED": "false"},
    "flask": {"DD_TRACE_FLASK_ENABLED": "false"},
    "modules": {"DD_PATCH_MODULES": "flask:false,redis:false,requests:false,sqlite3:false"},
    "agent": {"DD_TRACE_AGENT_URL": "http://127.0.0.1:9"},
}


def answers(workshop: Path, **environment: str) -> dict[str, int]:
    """The status of each path, of services that run without an agent."""
    loaded = settings.load(workshop)
    ports = settings.Ports(*(free_port() for _ in fields(settings.Ports)))
    told = {"MATCHMAKER_TASTING_SECONDS": "0", **environment}
    chosen = replace(loaded, ports=ports, overrides=told)
    stack = [service for service in services(chosen) if service.name != "agent"]
    with temporary_stack(chosen, stack=stack):
        asked = Stack(workshop, ports)
        return {path: asked.get(path).status_code for path in PATHS}


@pytest.mark.parametrize("faults", [True, False])
@pytest.mark.parametrize("off", OFF)
@pytest.mark.sample(4)
def test_the_tagged_code_answers_without_a_span(render: Render, off: str, faults: bool) -> None:
    workshop = render(step=TAGGED, inject_errors=faults)
    assert answers(workshop, **OFF[off]) == PATHS


@pytest.mark.parametrize("step", TRACED)
def test_the_traced_code_answers_with_tracing_off(render: Render, step: int) -> None:
    assert answers(render(step=step), **OFF["all"]) == PATHS


@pytest.mark.parametrize("off", ["all", "flask"])
def test_an_error_on_purpose_is_answered_without_a_span(render: Render, off: str) -> None:
    workshop = render(step=TAGGED)
    found = answers(workshop, MATCHMAKER_ERROR_RATE="1", **OFF[off])
    failing = {path: 500 for path in PATHS if path.startswith("/pair")}
    assert found == PATHS | failing
    log = (workshop / ".workshop" / "web.log").read_text()
    assert "the pair endpoint failed" in log
    assert "NoneType" not in log


def test_what_an_agent_on_this_machine_is_told_does_not_reach_the_tracer(
    render: Render, tmp_path: Path
) -> None:
    # The tracer looks there by itself; here in a mount of our own, so that nobody else sees it.
    (tmp_path / "datadog-agent").mkdir()
    stable = tmp_path / "datadog-agent" / "application_monitoring.yaml"
    stable.write_text("apm_configuration_default:\n  DD_TRACE_ENABLED: false\n")
    own = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    bind = f"mount --bind '{tmp_path}' /etc && "
    if not shutil.which("unshare") or subprocess.run([*own, f"{bind}true"]).returncode:
        needs.skip_without("the right to mount")
    look = "import ddtrace.auto; from ddtrace.internal.settings._config import config as c"
    python = f"'{sys.executable}' -c '{look}; print(c._tracing_enabled)'"
    chosen = settings.load(render(step=TAGGED))

    def is_traced(environment: dict[str, str]) -> str:
        command = [*own, bind + python]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.stdout.strip() or done.stderr

    assert is_traced(dict(os.environ)) == "False"
    for service in services(chosen):
        if service.is_trainees_code:
            assert is_traced(service.environment()) == "True"
