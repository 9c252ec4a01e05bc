"""`workshop up`, `down` and `status`: everything starts, and everything ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis
import requests
from workshop.stack import ports

from extensions.steps import STEPS
from tests.conftest import git
from tests.stack import until

from .conftest import Workshop, processes_in, told_to_services


def nothing_runs(workshop: Workshop) -> bool:
    """Whether every process of a workshop is gone."""
    return not processes_in(workshop.root)


def pair(workshop: Workshop) -> requests.Response:
    """Ask for the donut that goes with an IPA."""
    url = f"http://127.0.0.1:{workshop.settings.ports.web}/pair/beer?name=ipa"
    return requests.get(url, timeout=10)


def test_up_starts_all_and_ctrl_c_ends_all(workshop: Workshop) -> None:
    process = workshop.up()
    until(lambda: "curl" in workshop.output)
    for name, service in workshop.settings.ports.__dict__.items():
        assert name == "console" or f"127.0.0.1:{service}" in workshop.output
    assert pair(workshop).json()["beer"] == "ipa"
    until(lambda: "GET /pair/beer" in workshop.output, "web's log")
    assert "\x1b" not in workshop.output
    assert git(workshop.root, "status", "--porcelain") == ""

    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert nothing_runs(workshop)
    assert not (workshop.root / ".workshop" / "run.json").exists()
    assert git(workshop.root, "status", "--porcelain") == ""


def test_detached_services_outlive_the_command_until_down(workshop: Workshop) -> None:
    up = workshop.run("up", "--detach")
    assert up.returncode == 0, up.stderr
    assert "127.0.0.1" in up.stdout
    assert pair(workshop).ok

    status = workshop.run("status").stdout
    assert "Zoë" in status
    assert f"Step 8 of {len(STEPS)}" in status
    for name, pid in workshop.pids().items():
        assert name in status
        assert str(pid) in status
    assert workshop.run("doctor").returncode == 0

    before = workshop.pids()
    again = workshop.run("up")
    assert again.returncode == 0
    assert "up already" in again.stdout
    assert workshop.pids() == before

    down = workshop.run("down")
    assert down.returncode == 0
    assert nothing_runs(workshop)
    assert "Nothing is running" in workshop.run("down").stdout
    assert "Nothing is running" in workshop.run("status").stdout
    assert git(workshop.root, "status", "--porcelain") == ""


def test_down_ends_what_runs_in_another_terminal(workshop: Workshop) -> None:
    process = workshop.up()
    assert workshop.run("down").returncode == 0
    assert process.wait(10) == 0
    assert nothing_runs(workshop)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.sample(2)
def test_signals_end_all(workshop: Workshop, number: signal.Signals) -> None:
    process = workshop.up()
    process.send_signal(number)
    process.wait(10)
    assert nothing_runs(workshop)


def test_a_killed_supervisor_leaves_nothing_and_confuses_nobody(workshop: Workshop) -> None:
    assert workshop.run("up", "--detach").returncode == 0
    assert workshop.state
    os.kill(workshop.state.pid, signal.SIGKILL)
    assert (workshop.root / ".workshop" / "run.json").exists()

    again = workshop.run("up", "--detach")  # at once, while the old services are still ending
    assert again.returncode == 0, again.stderr
    assert pair(workshop).ok
    os.kill(workshop.state.pid, signal.SIGKILL)
    until(lambda: nothing_runs(workshop), "the end of all services")
    assert "Nothing is running" in workshop.run("status").stdout
    assert "Nothing is running" in workshop.run("down").stdout


def test_a_state_whose_pid_is_somebody_elses_is_stale(workshop: Workshop) -> None:
    folder = workshop.root / ".workshop"
    state = f'{{"pid": {os.getpid()}, "created": 1.0, "detached": true, "services": {{}}}}'
    (folder / "run.json").write_text(state)
    assert "Nothing is running" in workshop.run("down").stdout
    (folder / "run.json").write_text("no JSON")
    assert "Nothing is running" in workshop.run("status").stdout


def test_up_ends_when_its_parent_is_killed(workshop: Workshop) -> None:
    script = f"import subprocess; subprocess.run({workshop.command('up')})"
    parent = workshop.begin([sys.executable, "-c", script])
    until(lambda: workshop.state and workshop.state.settled)
    parent.kill()
    parent.wait()
    until(lambda: nothing_runs(workshop), "the end of all services")


def test_a_service_that_ignores_sigterm_is_ended_too(workshop: Workshop) -> None:
    ignore = "import signal\n\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport os\n"
    workshop.edit("app.py", "import os\n", ignore)
    process = workshop.up()
    assert workshop.is_ready("web")
    process.send_signal(signal.SIGINT)
    process.wait(10)
    assert nothing_runs(workshop)


def test_a_taken_port_is_named_with_its_holder(workshop: Workshop) -> None:
    port = workshop.settings.ports.taster
    with socket.create_server(("127.0.0.1", port)):
        for arguments in (["up"], ["up", "--detach"]):
            up = workshop.run(*arguments)
            assert up.returncode == 1
            assert f"Port {port}, for taster" in up.stderr
            assert f"pid {os.getpid()}" in up.stderr
            assert "MATCHMAKER_WEB_PORT" in up.stderr
            assert "Traceback" not in up.stderr
            assert nothing_runs(workshop)
        doctor = workshop.run("doctor")
        assert doctor.returncode == 1
        assert f"Port {port}, for taster" in doctor.stdout


@pytest.mark.parametrize("script", ["app.py", "taster.py"])
def test_a_service_that_was_started_by_hand_is_named_as_one(
    workshop: Workshop, script: str
) -> None:
    name = {"app.py": "web", "taster.py": "taster"}[script]
    port = getattr(workshop.settings.ports, name)
    code = f"from {script[:-3]} import app; app.run(port={port})"
    by_hand = subprocess.Popen(
        [sys.executable, "-c", code], cwd=workshop.root, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: ports.is_taken(port), "the service")
        up = workshop.run("up")
        assert up.returncode == 1
        assert f"Port {port}, for {name}, is taken by " in up.stderr
        assert "It was started by hand, in this folder: end it with Ctrl-C" in up.stderr
        assert f"`kill {by_hand.pid}`" in up.stderr
    finally:
        by_hand.kill()
        by_hand.wait()


def test_a_copy_of_a_folder_that_runs_leaves_the_first_alone(
    workshop: Workshop, tmp_path: Path
) -> None:
    assert workshop.run("up", "--detach").returncode == 0
    copy = Workshop(Path(shutil.copytree(workshop.root, tmp_path / "copy")))
    assert "Nothing is running." in copy.run("status").stdout
    up = copy.run("up", "--detach")
    assert up.returncode == 1
    for name in ("web", "taster", "redis", "agent"):
        port = getattr(workshop.settings.ports, name)
        (line,) = [one for one in up.stderr.splitlines() if f"Port {port}," in one]
        assert "That is another workshop: `workshop down` in its folder ends it." in line
    assert "Nothing is running." in copy.run("down").stdout
    assert pair(workshop).ok

    moved = Workshop(workshop.root.rename(tmp_path / "moved"))
    assert "ready" in moved.run("status").stdout
    assert moved.run("down").stdout == "All services are stopped.\n"
    assert not processes_in(tmp_path)


def test_a_broken_app_is_explained_and_starts_again_once_mended(workshop: Workshop) -> None:
    workshop.edit("app.py", "def ping():", "def ping(:")
    process = workshop.up()
    until(lambda: "SyntaxError: " in workshop.output)
    assert "in app.py line" in workshop.output
    assert workshop.state
    states = {name: service.state for name, service in workshop.state.services.items()}
    others = dict.fromkeys(("taster", "redis", "agent", "console"), "ready")
    assert states == {"web": "failed", **others}
    assert "SyntaxError" in workshop.run("status").stdout

    workshop.edit("app.py", "def ping(:", "def ping():")
    until(lambda: workshop.is_ready("web"), "web")
    until(lambda: "web is ready again" in workshop.output)
    assert process.poll() is None


def test_a_broken_app_in_the_background_leaves_nothing(workshop: Workshop) -> None:
    workshop.edit("taster.py", "import os\n", "import os\n\nundefined_name\n")
    up = workshop.run("up", "--detach")
    assert up.returncode == 1
    assert "taster does not start: NameError" in up.stderr
    assert "in taster.py line" in up.stderr
    assert nothing_runs(workshop)


@pytest.mark.parametrize(
    ("file", "restarted"),
    [
        ("menu.py", {"web", "taster"}),
        ("models.py", {"web"}),
        ("app.py", {"web"}),
        ("taster.py", {"taster"}),
        ("donutdb.py", {"web"}),
    ],
)
@pytest.mark.sample(4)
def test_a_saved_file_restarts_what_it_concerns(
    workshop: Workshop, file: str, restarted: set[str]
) -> None:
    workshop.up()
    before = workshop.pids()
    with (workshop.root / file).open("a") as text:
        text.write("# saved\n")

    def is_new(name: str) -> bool:
        return workshop.is_ready(name) and workshop.pids()[name] != before[name]

    until(lambda: all(is_new(name) for name in restarted), f"the restart of {restarted}")
    for name in restarted:
        assert f"{file} changed: restarting {name}" in workshop.output
    assert {n for n, pid in workshop.pids().items() if pid != before[n]} == restarted


def test_what_env_and_answers_say_reaches_the_services(workshop: Workshop) -> None:
    (workshop.root / ".key" / "datadog").write_text(f"{'2' * 32}\n")  # so that .env keeps its own
    dotenv = workshop.root / ".env"
    dotenv.write_text(
        f"DD_API_KEY={'0' * 32}\nMATCHMAKER_TASTING_SECONDS=0.02\nMATCHMAKER_ERROR_RATE=0.5\n"
    )
    workshop.variables = {"MATCHMAKER_ERROR_RATE": "0", "DD_API_KEY": "1" * 32}
    workshop.up()

    def told(name: str) -> dict[str, str]:
        pid = workshop.pids()[name]
        try:
            return psutil.Process(pid).environ() if pid else {}
        except psutil.Error:  # it is being restarted; one that just ends is nobody's to look into
            return {}

    for name in ("web", "taster"):
        assert told(name)["MATCHMAKER_TASTING_SECONDS"] == "0.02"
        assert told(name)["MATCHMAKER_ERROR_RATE"] == "0"  # the shell wins
        assert told(name)["DD_VERSION"] == "step-8"
        assert "DD_API_KEY" not in told(name)
    assert "DD_TRACE_AGENT_URL" not in told("agent")
    assert ".env" not in workshop.run("status").stdout

    elsewhere = "http://localhost:9"
    dotenv.write_text(f"MATCHMAKER_TASTING_SECONDS=0.03\nDD_TRACE_AGENT_URL={elsewhere}\n")
    workshop.edit("workshop/settings.toml", 'DD_VERSION = "step-8"', 'DD_VERSION = "step-9"')

    def both_are_told(name: str, value: str) -> bool:
        return told("web").get(name) == told("taster").get(name) == value

    until(lambda: both_are_told("MATCHMAKER_TASTING_SECONDS", "0.03"), ".env")
    until(lambda: both_are_told("DD_TRACE_AGENT_URL", elsewhere), ".env")
    assert "DD_TRACE_AGENT_URL" not in told("agent")
    said = f"send their traces to {elsewhere}, and not to this workshop's agent, because .env sets"
    for command in ("status", "traces"):
        done = workshop.run(command)
        assert said in " ".join((done.stdout + done.stderr).split()), command
    until(lambda: both_are_told("DD_VERSION", "step-9"), "settings.toml")


def test_services_do_not_hear_what_is_for_others(workshop: Workshop, tmp_path: Path) -> None:
    # Flask reads `.env` by itself, and a key with it, unless it is told not to.
    (workshop.root / ".key" / "datadog").write_text(f"{'2' * 32}\n")
    (workshop.root / ".env").write_text(f"DD_API_KEY={'0' * 32}\nFLASK_DEBUG=1\n")
    workshop.edit(
        "app.py",
        'jsonify(status="ok")',
        'jsonify(key="DD_API_KEY" in os.environ, debug=app.debug)',
    )
    workshop.variables = {
        "DD_API_KEY": "1" * 32,
        "FLASK_DEBUG": "1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "example.com",
    }
    told = told_to_services(workshop, tmp_path)
    workshop.up()
    for name in workshop.pids():
        assert "DD_API_KEY" not in told(name), name
        assert told(name)["NO_PROXY"] == "example.com,127.0.0.1,localhost"
    url = f"http://127.0.0.1:{workshop.settings.ports.web}/ping"
    assert requests.get(url, timeout=10).json() == {"key": False, "debug": False}
    assert "0" * 32 in (workshop.root / ".env").read_text()
    assert pair(workshop).ok  # it asks the taster


def test_without_its_port_the_console_stays_away_and_the_rest_comes_up(
    workshop: Workshop,
) -> None:
    port = workshop.settings.ports.console
    with socket.create_server(("127.0.0.1", port)):
        up = workshop.run("up", "--detach")
        assert up.returncode == 0, up.stderr
        assert f"The console is failed: Port {port}, for console, is taken" in up.stdout
        assert pair(workshop).ok
        assert workshop.run("doctor").returncode == 1
    assert workshop.run("down").returncode == 0


def test_who_reaches_a_port_gets_at_no_file_of_its_owner(
    workshop: Workshop, tmp_path: Path
) -> None:
    assert workshop.run("up", "--detach").returncode == 0
    # Without a redis-server there is fakeredis, which keeps no files.
    commands = ("CONFIG SET dir /tmp", "MODULE LIST", "SLAVEOF NO ONE", "REPLICAOF NO ONE")
    with redis.Redis(port=workshop.settings.ports.redis) as client:
        for command in commands if shutil.which("redis-server") else ():
            with pytest.raises(redis.ResponseError, match="unknown command"):
                client.execute_command(command)
    assert pair(workshop).ok
    agent = f"http://127.0.0.1:{workshop.settings.ports.agent}"
    until(lambda: requests.get(f"{agent}/test/traces", timeout=10).json(), "a trace")
    aim = tmp_path / "written"
    url = f"{agent}/test/session/snapshot"
    requests.get(url, params={"test_session_token": "x", "file": str(aim)}, timeout=10)
    requests.get(url, params={"file": str(aim)}, timeout=10)
    assert not list(tmp_path.glob("written*"))


def test_redis_comes_back_by_itself(workshop: Workshop) -> None:
    workshop.up()
    pid = workshop.pids()["redis"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: "redis is ready again" in workshop.output)
    assert "redis has died" in workshop.output
    assert pair(workshop).ok


def test_without_a_redis_server_fakeredis_does(workshop: Workshop, tmp_path: Path) -> None:
    workshop.variables = {"PATH": str(tmp_path / "nothing")}
    workshop.up()
    assert pair(workshop).json()["beer"] == "ipa"
    assert "fakeredis listens" in workshop.output


def test_up_ends_when_nobody_reads_its_output(workshop: Workshop) -> None:
    process = subprocess.Popen(
        workshop.command("up"), cwd=workshop.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    until(lambda: workshop.state and workshop.state.settled)
    assert process.stdout
    process.stdout.close()
    with contextlib.suppress(requests.RequestException):  # it may end before it answers
        pair(workshop)  # web writes a line about it, and that has nowhere to go
    process.wait(20)
    assert nothing_runs(workshop)


def test_colours_are_for_terminals_that_want_them(workshop: Workshop) -> None:
    workshop.variables = {"FORCE_COLOR": "1"}
    assert "\x1b" in workshop.run("status").stdout
    workshop.variables |= {"NO_COLOR": "1"}
    assert "\x1b" not in workshop.run("status").stdout


def test_an_ascii_terminal_gets_all_names(workshop: Workshop) -> None:
    workshop.variables = {"PYTHONIOENCODING": "ascii"}
    status = workshop.run("status")
    assert status.returncode == 0
    assert "Zo?" in status.stdout


@pytest.mark.parametrize("text", [None, "step = ", 'step = "eight"'])
def test_broken_settings_are_explained(workshop: Workshop, text: str | None) -> None:
    path = workshop.root / "workshop" / "settings.toml"
    path.unlink()
    if text:
        path.write_text(text)
    done = workshop.run("status")
    assert done.returncode == 1
    assert "workshop/settings.toml" in done.stderr
    assert "git restore" in done.stderr
    assert "Traceback" not in done.stderr
