"""`workshop doctor`: each fault is found, and has a remedy."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from workshop import settings
from workshop.doctor import examine, laptop
from workshop.doctor import stack as doctor_stack
from workshop.problem import Problem
from workshop.stack import containers, running
from workshop.stack.supervisor_file import ServiceState
from workshop.troubles import Finding, troubles

from tests import needs
from tests.conftest import REPOSITORY, Render, git
from tests.stack import running_stack

from .conftest import Workshop, free_port

ENGINE = containers.engine
GOOD, APPLICATION = "0123456789abcdef" * 2, "01234567" * 5


def findings(workshop: Workshop, **changes: str) -> list[Finding]:
    """All findings that are not "ok"; each must say what to do."""
    every = examine.examine(replace(workshop.settings, **changes))  # type: ignore[arg-type]
    # Whether this machine has uv is no business of these tests.
    found = [f for f in every if f.level != "ok" and not f.what.startswith("uv ")]
    assert all(finding.remedy for finding in found)
    return found


@pytest.fixture(autouse=True)
def _an_engine_with_all_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether this machine has Docker does not matter here; tests/across/docker is about that."""
    monkeypatch.setattr(containers, "engine", lambda: {"ServerVersion": "28.0", "MemTotal": 8e9})
    monkeypatch.setattr(containers, "missing_images", lambda _: [])
    monkeypatch.setattr(containers, "services", lambda _: {})


def test_a_fresh_workshop_is_well(workshop: Workshop) -> None:
    assert findings(workshop) == []


@pytest.mark.parametrize(
    ("backend", "key", "level", "says"),
    [
        ("local", "", None, ""),
        ("local", GOOD, None, ""),
        ("local", "x", "warning", "API key"),
        ("datadog", "", "problem", "The API key is missing"),
        ("datadog", GOOD, None, ""),
        ("datadog", APPLICATION, "warning", "application key"),
        ("datadog", "x" * 32, "warning", "hexadecimal digits"),
        ("datadog", f"{GOOD} {GOOD}", "problem", "one word, without spaces"),
        ("datadog", f'"{GOOD}"', "problem", "quotation marks"),
        ("datadog", f"DD_API_KEY={GOOD}", "problem", "DD_API_KEY= before"),
        ("datadog", f"\ufeff{GOOD}", "problem", "byte order mark"),
    ],
)
def test_the_key_is_judged_by_its_form(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
    key: str,
    level: str | None,
    says: str,
) -> None:
    monkeypatch.delenv("DD_API_KEY", raising=False)
    write_key(workshop, key)
    found = findings(workshop, backend=backend, site="datadoghq.eu")
    assert [finding.level for finding in found] == ([level] if level else [])
    assert all(says in finding.what for finding in found)
    every = list(examine.examine(replace(workshop.settings, backend=backend, site="datadoghq.eu")))
    assert not key or key == "x" or not any(key in f.what + f.remedy for f in every)
    if backend == "datadog" and key == GOOD:
        assert any("403" in f.what and "datadoghq.eu" in f.what for f in every)


def write_key(workshop: Workshop, key: str) -> Path:
    path = workshop.root / ".key" / "datadog"
    path.write_text(f"{key}\n")
    path.chmod(0o600)
    return path


def _readable(workshop: Workshop) -> None:
    write_key(workshop, GOOD).chmod(0o644)
    (workshop.root / ".key").chmod(0o755)


def _tracked(workshop: Workshop) -> None:
    write_key(workshop, GOOD)
    git(workshop.root, "add", "--force", ".key/datadog")


def _not_ignored(workshop: Workshop) -> None:
    write_key(workshop, GOOD)
    (workshop.root / ".key" / ".gitignore").unlink()
    workshop.edit(".gitignore", ".key/*\n", "")


def _linked_key(workshop: Workshop) -> None:
    (workshop.root / ".key" / "datadog").symlink_to("/etc/hostname")


def _readable_dotenv(workshop: Workshop) -> None:
    (workshop.root / ".env").chmod(0o644)


def _tracked_dotenv(workshop: Workshop) -> None:
    git(workshop.root, "add", "--force", ".env")


def _not_ignored_dotenv(workshop: Workshop) -> None:
    workshop.edit(".gitignore", ".env\n", "")


def _key_in_dotenv(workshop: Workshop) -> None:
    (workshop.root / ".env").write_text(f"export DD_API_KEY='{GOOD}'\n")


def _owner_in_dotenv(workshop: Workshop) -> None:
    (workshop.root / ".env").write_text("MATCHMAKER_UID=501\n")


def _nobody(workshop: Workshop) -> None:
    git(workshop.root, "config", "user.name", "")


def _other_pin(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", "ddtrace==", "ddtrace==0.")


def _other_pin_of_what_comes_along(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", '"werkzeug==', '"werkzeug==0.')


def _missing_package(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", '"flask==', '"no-such-flask==')


def _syntax_error(workshop: Workshop) -> None:
    workshop.edit("taster.py", "def ping():", "def ping(:")


def _old_api(workshop: Workshop) -> None:
    with (workshop.root / "app.py").open("a") as app:
        app.write('\n\ndef tag(span):\n    span.set_meta("beer", "ipa")\n')


def _late(workshop: Workshop) -> None:
    workshop.edit("app.py", "import ddtrace.auto\n", "")
    with (workshop.root / "app.py").open("a") as app:
        app.write("\nimport ddtrace.auto\n")


@pytest.mark.parametrize(
    ("spoil", "level", "says", "remedy"),
    [
        (_readable, "problem", "others can read .key/datadog", "chmod 600"),
        (_tracked, "problem", ".key/datadog is in git", "git rm --cached"),
        (_not_ignored, "problem", "git does not ignore .key/datadog", ".gitignore"),
        (_linked_key, "warning", ".key/datadog is a symbolic link", "a text file of your own"),
        (_readable_dotenv, "warning", "others can read .env", "chmod 600"),
        (_tracked_dotenv, "problem", ".env is in git", "git rm --cached"),
        (_not_ignored_dotenv, "warning", "git does not ignore .env", ".gitignore"),
        (_key_in_dotenv, "problem", "An API key is in .env", "workshop key --move"),
        (_owner_in_dotenv, "warning", "MATCHMAKER_UID in .env has no effect", "delete that line"),
        (_nobody, "warning", "git does not know who you are", "git config --global user.email"),
        (_other_pin, "warning", "ddtrace is ", "uv sync"),
        (_other_pin_of_what_comes_along, "warning", "werkzeug is ", "uv sync"),
        (_missing_package, "problem", "no-such-flask is not installed", "uv sync"),
        (_syntax_error, "problem", "taster.py line ", "fix that line"),
        (_old_api, "problem", "set_meta()", "set_tag"),
        (_late, "warning", "comes after Flask", "first import"),
    ],
)
def test_a_fault_is_found_with_its_remedy(
    workshop: Workshop, spoil: Callable[[Workshop], None], level: str, says: str, remedy: str
) -> None:
    spoil(workshop)
    found = findings(workshop)
    assert found
    for finding in found:
        assert finding.level == level
        assert says in finding.what
        assert remedy in finding.remedy
        assert "&&" not in finding.remedy  # PowerShell has none before version 7


@pytest.mark.parametrize(("name", "level"), [("taster", "problem"), ("console", "warning")])
def test_a_taken_port_is_named(workshop: Workshop, name: str, level: str) -> None:
    port = getattr(workshop.settings.ports, name)
    with socket.create_server(("127.0.0.1", port)):
        (found,) = findings(workshop)
    assert f"Port {port}, for {name}, is taken by " in found.what
    assert found.level == level


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "SQL is SQLite here"),
        (
            "postgresql+psycopg://ada:secret@127.0.0.1/beer",
            "SQL is the server that MATCHMAKER_",
        ),
    ],
)
def test_which_database_is_asked_is_said(workshop: Workshop, address: str, says: str) -> None:
    (workshop.root / ".env").write_text(f"MATCHMAKER_DATABASE_URL={address}\n" if address else "")
    said = [f.what for f in examine.examine(replace(workshop.settings, database="postgresql"))]
    assert [what for what in said if what.startswith(says)]
    assert "secret" not in " ".join(said)


@pytest.mark.parametrize(
    "variable",
    [
        "DD_TRACE_ENABLED=false",
        "DD_TRACE_ENABLED=off",
        "DD_TRACE_FLASK_ENABLED=0",
        "DD_TRACE_REDIS_ENABLED=no",
        "DD_PATCH_MODULES=redis:true,flask:false",
    ],
)
def test_tracing_that_is_off_is_told(workshop: Workshop, variable: str) -> None:
    (workshop.root / ".env").write_text(f"{variable}\n")
    (found,) = findings(workshop)
    assert found == trouble([found], "tracing-off")
    assert f"{variable} in .env, for web and taster" in found.what
    assert found.level == "problem"
    assert [f.level for f in findings(workshop, step=6)] == ["warning"]  # type: ignore[arg-type]


@pytest.mark.parametrize("variable", ["DD_TRACE_ENABLED=true", "DD_PATCH_MODULES=flask:true"])
def test_tracing_that_is_on_is_not(workshop: Workshop, variable: str) -> None:
    (workshop.root / ".env").write_text(f"{variable}\n")
    assert findings(workshop) == []


def test_an_agent_that_dotenv_moves_is_told(workshop: Workshop) -> None:
    dotenv = workshop.root / ".env"
    dotenv.write_text("DD_TRACE_AGENT_URL=http://localhost:9\n")
    (found,) = findings(workshop)
    assert found == trouble([found], "agent-elsewhere")
    assert "DD_TRACE_AGENT_URL=http://localhost:9 in .env, for web and taster" in found.what
    for address in (workshop.settings.url("agent"), f"{workshop.settings.address('agent')}/"):
        dotenv.write_text(f"DD_TRACE_AGENT_URL={address}\n")
        assert findings(workshop) == []


def test_only_a_problem_makes_it_fail(workshop: Workshop) -> None:
    workshop.edit("pyproject.toml", "ddtrace==", "ddtrace==0.")
    warned = workshop.run("doctor")
    assert warned.returncode == 0, warned.stdout
    assert "uv sync" in warned.stdout
    _syntax_error(workshop)
    assert workshop.run("doctor").returncode == 1


def test_the_pythons_that_will_do_are_said(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "(3.11 to 3.14 will do)" in workshop.run("doctor").stdout
    for pythons in (((3, 7), (3, 8)), ((3, 20), (3, 21))):
        monkeypatch.setattr(examine, "PYTHONS", pythons)
        (found,) = findings(workshop)
        newest = f"3.{pythons[1][1]}"
        assert found.what.endswith(f"the packages are made for 3.{pythons[0][1]} to {newest}")
        assert (found.level, found.remedy) == ("problem", f"uv sync --python {newest}")


def trouble(found: Iterable[Finding], key: str) -> Finding:
    """The finding that is this trouble, in the words of the list."""
    wanted = troubles()[key]
    matches = [
        f for f in found if f.what.startswith(wanted.cause) and f.remedy.startswith(wanted.remedy)
    ]
    assert matches, f"{key} was not found"
    return matches[0]


def keyed(workshop: Workshop, key: str) -> settings.Settings:
    write_key(workshop, key)
    return replace(workshop.settings, backend="datadog", site="datadoghq.eu")


@pytest.mark.parametrize(
    ("key", "found"), [("", "key-empty"), (APPLICATION, "key-shape"), ("x" * 32, "key-shape")]
)
def test_a_key_is_missed_in_the_words_of_the_list(workshop: Workshop, key: str, found: str) -> None:
    trouble(examine.examine(keyed(workshop, key)), found)


def test_the_shells_key_is_not_taken_for_the_workshops(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DD_API_KEY", GOOD)
    found = trouble(examine.examine(keyed(workshop, "")), "key-empty")
    assert "your shell's DD_API_KEY is not used" in found.what
    *_, found = examine._api_key(keyed(workshop, GOOD[::-1]))
    assert (found.level, "your shell's DD_API_KEY is not used" in found.what) == ("ok", True)


def test_a_container_does_not_miss_the_key_that_it_cannot_see(workshop: Workshop) -> None:
    inside = replace(keyed(workshop, ""), container="console")
    (found,) = examine._api_key(inside)
    assert (found.level, "can't see it" in found.what) == ("ok", True)
    _key_in_dotenv(workshop)
    found, *_ = examine._dotenv_file(inside)
    assert (found.level, "console can read it, too" in found.what) == ("problem", True)
    trouble([found], "key-in-dotenv")


@pytest.mark.parametrize(
    ("status", "level", "says"),
    [
        (200, "ok", "accepts the API key"),
        (403, "problem", "doesn't accept"),
        (500, "warning", "can't tell whether"),
        (None, "warning", "cannot be reached"),
    ],
)
def test_the_site_is_asked_about_the_key(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    level: str,
    says: str,
) -> None:
    asked: list[str | None] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["DD-API-KEY"])
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        port = server.server_port if status else free_port()
        monkeypatch.setattr(laptop, "API", f"http://127.0.0.1:{port}/api/v1/validate")
        Thread(target=server.serve_forever, daemon=True).start()
        (found,) = laptop.key_findings(keyed(workshop, GOOD))
        server.shutdown()
    assert found.level == level
    assert says in found.what
    assert GOOD not in found.what + found.remedy
    assert asked == ([GOOD] if status else [])
    if status == 403:
        trouble([found], "key-rejected")


@pytest.mark.parametrize(
    ("version", "memory", "expected"),
    [
        ("2.40.1", 8e9, set()),
        ("v2.19.9-desktop.1", 8e9, {"compose-old"}),
        ("", 8e9, {"compose-old"}),
        ("2.40.1", 1e9, {"memory-low"}),
    ],
)
def test_a_laptop_that_is_too_small_or_too_old(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    memory: float,
    expected: set[str],
) -> None:
    said = subprocess.CompletedProcess([], 0 if version else 1, stdout=version, stderr="")
    monkeypatch.setattr(containers, "docker", lambda *_, **__: said)
    monkeypatch.setattr(laptop, "_images", lambda _: [])
    engine = {"ServerVersion": "28.0", "MemTotal": memory}
    monkeypatch.setattr(containers, "engine", lambda: engine)
    found = [f for f in laptop.examine(workshop.settings) if f.level != "ok"]
    assert len(found) == len(expected)
    for key in expected:
        trouble(found, key)


@pytest.mark.parametrize(("backend", "level"), [("local", "warning"), ("datadog", "problem")])
def test_a_laptop_without_docker(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, backend: str, level: str
) -> None:
    def no_engine() -> None:
        raise Problem("Docker does not run.", "Start it.")

    monkeypatch.setattr(containers, "engine", no_engine)
    (found,) = laptop.examine(replace(workshop.settings, backend=backend))
    assert (found.level, found.what) == (level, "Docker does not run")


def test_a_user_who_may_not_use_docker(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(containers, "engine", ENGINE)
    docker = tmp_path / "docker"
    words = "permission denied while trying to connect to the Docker daemon socket"
    docker.write_text(f"#!/bin/sh\necho '{{\"ServerVersion\":\"\"}}'\necho '{words}' >&2\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = [*examine._docker(keyed(workshop, GOOD)), *laptop.examine(workshop.settings)]
    assert len(found) == 2
    for one in found:
        trouble([one], "docker-denied")


def test_a_full_disk_costs_lines_and_no_answers(render: Render, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False).returncode:
        needs.skip_without("the right to mount")
    try:
        workshop = Path(shutil.copytree(render(step=3), disk / "workshop"))
        with running_stack(workshop, MATCHMAKER_TASTING_SECONDS="0") as stack:
            assert stack.get("/pair/beer?name=ipa").status_code == 200
            lines = len(stack.timing_log())
            room = disk / "filler"
            with contextlib.suppress(OSError), room.open("wb", buffering=0) as filler:
                while True:
                    filler.write(bytes(4096))
            with contextlib.suppress(OSError), (workshop / "timing.log").open("a") as log:
                log.write(" " * 4096)  # what is left of the page that it has already
                log.flush()
            assert stack.get("/pair/beer?name=ipa").status_code == 200
            trouble(doctor_stack.disk(settings.load(workshop)), "disk-full")
            room.unlink()
            assert stack.get("/pair/beer?name=ipa").status_code == 200
            assert len(stack.timing_log()) > lines
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_cloned_workshop_gets_its_copy_of_the_template(copy: Render) -> None:
    cloned = copy()
    shutil.rmtree(cloned / ".workshop")
    loaded = settings.load(cloned)

    def found(*, fetch: bool) -> Finding:
        (one,) = examine._template(loaded, fetch=fetch)
        return one

    assert found(fetch=False).level == "ok"  # the bundle is in the repository
    (cloned / "workshop" / "template.bundle").unlink()
    shutil.rmtree(cloned / ".workshop", ignore_errors=True)
    assert found(fetch=False).level != "ok"
    assert found(fetch=True).level == "ok"
    shutil.rmtree(cloned / ".workshop")
    path = cloned / ".copier-answers.yml"
    path.write_text(re.sub("(?m)^_src_path:.*", "_src_path: /nowhere", path.read_text()))
    assert found(fetch=True).level == "problem"
    assert "cannot be reached" in found(fetch=True).what


def test_an_agent_that_gets_no_traces_is_named(workshop: Workshop) -> None:
    for port, level in ((free_port(), "warning"), (workshop.settings.ports.agent, "problem")):
        (found,) = findings(workshop, traces_to=f"http://127.0.0.1:{port}")
        assert found.level == level
        if level == "warning":
            assert found == trouble([found], "not-handed-on")
        else:
            assert "would hand its traces on to itself" in found.what


def test_rights_are_judged_for_the_user_who_needs_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    owner = file.stat().st_uid
    for mode, user, may in [
        (0o644, owner, True),
        (0o644, owner + 1, False),
        (0o646, owner + 1, True),
        (0o644, 0, True),
    ]:
        file.chmod(mode)
        assert doctor_stack.may_write(file, user) == may, (oct(mode), user)


def test_every_trouble_is_made_on_purpose_somewhere() -> None:
    docker = REPOSITORY / "tests" / "across" / "docker"
    tests = [Path(__file__), docker / "test_troubles.py", docker / "test_postgres.py"]
    text = "".join(path.read_text() for path in tests)
    assert [key for key in troubles() if f'"{key}"' not in text] == []


# In the console's container


@pytest.fixture
def in_container(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    """The settings in the console's container, while all services run."""
    monkeypatch.setenv("WORKSHOP_CONTAINER", "console")
    services = {name: ServiceState(1, "ready") for name in ("web", "taster", "redis", "agent")}
    monkeypatch.setattr(running, "find", lambda _: running.Running(services, True, ""))
    urls = {"agent": "http://agent:8126", "taster": f"http://127.0.0.1:{free_port()}"}
    return replace(workshop.settings, container="console", urls=urls)


def test_in_a_container_doctor_leaves_out_the_machine_around_it(
    in_container: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("there is no Docker in a container, and no uv")

    monkeypatch.setattr(containers, "engine", fail)
    monkeypatch.setattr(shutil, "which", fail)
    monkeypatch.setenv("COMPOSE_FILE", "theirs.yaml")  # a variable of another machine
    found = list(examine.examine(in_container, pull=True))
    assert [one.what for one in found if "COMPOSE_FILE" in one.what or "ports" in one.what] == []
    assert "other packages as pinned" in " ".join(one.what for one in found)
    assert any(one.what == "4 services are ready, in containers" for one in found)


def test_in_a_container_one_finding_says_that_the_image_is_old(
    workshop: Workshop, in_container: settings.Settings
) -> None:
    _other_pin(workshop)
    _missing_package(workshop)
    (old,) = [one for one in examine.examine(in_container) if "pyproject.toml" in one.what]
    assert old.what.startswith("the image is older than pyproject.toml: ")
    assert "ddtrace is " in old.what
    assert "no-such-flask is not installed" in old.what
    assert (old.level, old.remedy.endswith("docker compose up --build")) == ("problem", True)


def test_in_a_container_doctor_asks_the_services_where_they_are(
    in_container: settings.Settings,
) -> None:
    asked = []

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            time.sleep(doctor_stack.SLOW_SECONDS + 0.1)
            self.send_response(200)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", free_port()), Slow)
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    found = list(examine.examine(replace(in_container, urls={"taster": here, "agent": here})))
    server.shutdown()
    assert "/taste?beer=ipa&donut=jelly" in asked
    said = " ".join(one.what for one in found)
    assert "The taster is slow" in said
    assert f"web says {here}" in said  # no agent is there
