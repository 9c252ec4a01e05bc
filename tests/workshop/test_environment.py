"""What the shell says to others does not reach the services, and what it says to us does."""

import io
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
import requests
from dotenv import dotenv_values
from workshop import settings
from workshop.doctor import environment
from workshop.stack import shell
from workshop.traces import agent
from workshop.traces.tree import traces

from tests import hostile
from tests.conftest import Render
from tests.stack import DEADLINE_SECONDS, until

from .conftest import Workshop, told_to_services

# All that may be in the environment of a service, whoever starts it.
NEEDED = {
    *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TEMP"),
    *("TERM", "TMP", "TMPDIR", "TZ", "USER", "LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
    *("NO_PROXY", "no_proxy", "PYTHONUNBUFFERED"),
}
WIRING = {
    *("DD_SERVICE", "DD_TRACE_AGENT_URL", "FLASK_SKIP_DOTENV", "MATCHMAKER_HOST"),
    *("MATCHMAKER_PORT", "MATCHMAKER_REDIS_URL", "MATCHMAKER_TASTER_URL", "NETRC"),
    *("_DD_SC_LOCAL_FILE_OVERRIDE", "_DD_SC_MANAGED_FILE_OVERRIDE"),
}


@pytest.fixture
def installed(workshop: Workshop) -> Workshop:
    """A workshop with the script `workshop` in an environment of its own, as `uv run` has it."""
    folder = workshop.root / ".venv"
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python3*/site-packages")
    packages = [str(workshop.root), sysconfig.get_path("purelib")]
    (site / "workshop.pth").write_text("\n".join(packages))
    script = folder / "bin" / "workshop"
    script.write_text(
        f"#!{folder}/bin/python\nimport sys\nfrom workshop.__main__ import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    return workshop


def run(workshop: Workshop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script, as a trainee does."""
    done = subprocess.run(
        [str(workshop.root / ".venv" / "bin" / "workshop"), *arguments],
        cwd=workshop.root,
        env=workshop.environment,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE_SECONDS * 2,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_shell_that_is_set_up_for_others_changes_nothing(
    installed: Workshop, tmp_path: Path
) -> None:
    strange = hostile.variables(tmp_path)
    installed.variables = {**strange, "TZ": "Asia/Kolkata"}
    told = told_to_services(installed, tmp_path)
    up = run(installed, "up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    for name in ("DATABASE_URL", "ERROR_RATE"):
        said = f"{name} in your shell is not used. The workshop's variable is MATCHMAKER_{name}."
        assert said in up.stdout

    from_answers = set(installed.settings.environment)
    for name in ("web", "taster", "redis", "agent"):
        environment = told(name)
        ours = (WIRING | from_answers) if name in ("web", "taster") else {"PYTHONPATH"}
        others = {one for one in environment if not one.startswith("LC_")}
        assert others - NEEDED - ours == set(), name
        assert environment["TZ"] == "Asia/Kolkata"  # whose clock it is
    console = told("console")
    reach_the_console = {"ALL_PROXY", "HTTP_PROXY", "http_proxy", "REQUESTS_CA_BUNDLE"}
    kept = {name for name, value in strange.items() if console.get(name) == value}
    assert kept <= reach_the_console

    web = f"http://127.0.0.1:{installed.settings.ports.web}"
    session = requests.Session()
    session.trust_env = False
    assert session.get(f"{web}/pair/beer?name=ipa", timeout=10).json()["match"]
    trace = until(
        lambda: [
            one
            for one in traces(agent.spans(installed.settings.url("agent")))
            if not one.is_health_check and len(one.spans()) > 40
        ]
    )[0]
    assert {"matchmaker", "taster"} <= {span.service for span in trace.spans()}
    assert trace.roots[0].meta["version"] == "step-8"
    assert session.get(f"http://localhost:{installed.settings.ports.console}/", timeout=10).ok
    assert not hostile.database(tmp_path).exists()
    assert (installed.root / "instance" / "matchmaker.db").exists()

    doctor = run(installed, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    for said in (
        "DATABASE_URL in your shell is not used.",
        "the services ignore your shell's ",
        "DD_TRACE_ENABLED, ",
        "PYTHONPATH, ",
        "`docker compose` uses COMPOSE_FILE from your shell",
    ):
        assert said in doctor.stdout
    assert "switched off" not in doctor.stdout
    assert hostile.SECRET not in doctor.stdout + up.stdout
    assert run(installed, "down").returncode == 0


def test_a_check_is_as_strict_as_ever_in_such_a_shell(installed: Workshop, tmp_path: Path) -> None:
    installed.variables = {**hostile.variables(tmp_path), "MATCHMAKER_ERROR_RATE": "1"}
    done = run(installed, "check", "--step", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Step 7 is done." in done.stdout
    failed = run(installed, "check", "--step", "8")
    assert failed.returncode == 1
    assert "no such tag" in failed.stdout


@pytest.mark.parametrize(
    "name", ["PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS", "CONSOLE_HOST"]
)
def test_the_command_itself_is_told_nothing(installed: Workshop, tmp_path: Path, name: str) -> None:
    installed.variables = {name: hostile.variables(tmp_path)[name]}
    look = (
        "import os, sys; "
        "print(sys.flags.optimize, sys.warnoptions, 'CONSOLE_HOST' in os.environ, sys.path[:2])"
    )
    cli = installed.root / "workshop" / "cli.py"
    cli.write_text(f"{look}\ndef main(): pass\n")
    done = run(installed, "status")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 [] False ")
    assert "their-modules" not in done.stdout


def test_what_is_meant_for_the_workshop_arrives(installed: Workshop, tmp_path: Path) -> None:
    own = installed.root / "own.db"
    # And nobody's password: requests takes one from the home folder by itself.
    (tmp_path / ".netrc").write_text(f"default login ada password {hostile.SECRET}\n")
    installed.edit("taster.py", 'status="ok"', 'login=request.headers.get("Authorization")')
    installed.edit("app.py", 'jsonify(status="ok")', 'requests.get(f"{TASTER_URL}/ping").json()')
    installed.variables = {
        "HOME": str(tmp_path),
        "MATCHMAKER_DATABASE_URL": f"sqlite:///{own}",
        "MATCHMAKER_ERROR_RATE": "0.5",
        "MATCHMAKER_TASTING_SECONDS": "0.02",
        "MATCHMAKER_TRACE_DEBUG": "true",
    }
    (installed.root / ".env").write_text("MATCHMAKER_ERROR_RATE=1\nDD_TRACE_PARTIAL_FLUSH=x\n")
    told = told_to_services(installed, tmp_path)
    up = run(installed, "up", "--detach")
    assert "shell" not in up.stdout
    web = told("web")
    assert web["MATCHMAKER_ERROR_RATE"] == "0.5"  # the shell wins over .env
    assert web["DD_TRACE_PARTIAL_FLUSH"] == "x"  # .env is the trainee's word to the tracer
    assert web["DD_TRACE_DEBUG"] == told("taster")["DD_TRACE_DEBUG"] == "true"
    assert own.exists()
    ping = f"http://127.0.0.1:{installed.settings.ports.web}/ping"
    assert requests.get(ping, timeout=10).json() == {"login": None}
    log = installed.root / ".workshop" / "taster.log"
    until(lambda: "finishing span" in log.read_text())
    assert run(installed, "down").returncode == 0


@pytest.mark.parametrize(
    ("variables", "written", "says"),
    [
        ({}, "DATABASE_URL=x", "DATABASE_URL in .env is called MATCHMAKER_DATABASE_URL now."),
        ({}, "ERROR_RATE=1", "ERROR_RATE in .env is called MATCHMAKER_ERROR_RATE now."),
        ({}, "UID=1", "UID in .env has no effect anymore."),
        ({}, "MATCHMAKER_GID=1", "MATCHMAKER_GID in .env has no effect anymore."),
        ({}, "DD_TRACE_DEBUG=1", "DD_TRACE_DEBUG in .env is called MATCHMAKER_TRACE_DEBUG now."),
        ({"TASTING_SECONDS": "1"}, "", "The workshop's variable is MATCHMAKER_TASTING_SECONDS."),
        ({"MATCHMAKER_EROR_RATE": "1"}, "", "Is it MATCHMAKER_ERROR_RATE?"),
        ({}, "MATCHMAKER_PONY=1", "MATCHMAKER_PONY in .env is not known."),
        ({"UV_NO_SYNC": "1"}, "", "unset UV_NO_SYNC"),
        ({"COMPOSE_PROJECT_NAME": "x"}, "", "unset COMPOSE_PROJECT_NAME"),
    ],
)
def test_a_name_that_does_not_count_is_named(
    workshop: Workshop, variables: dict[str, str], written: str, says: str
) -> None:
    (workshop.root / ".env").write_text(f"{written}\n")
    workshop.variables = variables
    done = workshop.run("doctor")
    assert done.returncode == 0, done.stdout
    assert says in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_what_keeps_packages_as_they_are_is_right_where_nobody_can_change_them(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the image of `matchmaker host`."""
    monkeypatch.setenv("UV_NO_SYNC", "1")
    found = settings.load(render())
    assert any("UV_NO_SYNC" in one.what for one in environment.examine(found, None))
    monkeypatch.setattr(os, "access", lambda path, _mode: path != sys.prefix)
    assert not any("UV_NO_SYNC" in one.what for one in environment.examine(found, None))


def test_a_name_of_before_in_dotenv_is_told_while_the_services_run(workshop: Workshop) -> None:
    workshop.up()
    with (workshop.root / ".env").open("a") as dotenv:
        dotenv.write("ERROR_RATE=1\n")
    until(lambda: "ERROR_RATE in .env is called MATCHMAKER_ERROR_RATE now." in workshop.output)
    until(lambda: "web is ready again" in workshop.output)
    url = f"http://127.0.0.1:{workshop.settings.ports.web}/pair/beer?name=ipa"
    assert requests.get(url, timeout=10).ok


def test_a_package_that_is_missing_is_named_without_a_traceback(installed: Workshop) -> None:
    installed.variables = {"UV_NO_DEFAULT_GROUPS": "1"}
    (pth,) = (installed.root / ".venv").glob("lib/*/site-packages/workshop.pth")
    pth.write_text(str(installed.root))
    done = run(installed, "up")
    assert done.returncode == 1
    assert "is not installed. Install it: unset UV_NO_DEFAULT_GROUPS; uv sync" in done.stderr


@pytest.mark.parametrize("backend", ["local", "datadog"])
def test_the_example_lists_what_counts(render: Render, backend: str) -> None:
    text = (render(backend=backend) / ".env.example").read_text()
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# MATCHMAKER_") else line
        for line in text.splitlines()
    )
    listed = set(dotenv_values(stream=io.StringIO(uncommented)))
    published = ("web", "taster", "agent", "console")
    assert listed == {*shell.OURS, *map(settings.port_variable, published)}
