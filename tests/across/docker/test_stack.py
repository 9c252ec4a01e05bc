"""`docker compose up`, at every state of the code, as the pages say it."""

import json
import re
import shutil
import stat
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import requests
from packaging.utils import canonicalize_name
from workshop import settings
from workshop.check import progress
from workshop.traces import agent

from extensions.steps import STEPS, done_before
from tests.conftest import Render
from tests.stack import Stack, until
from tests.template.test_pages import Command, commands, free_offset, without_numbers

from .conftest import (
    KEY,
    compose,
    console,
    console_state,
    give_away,
    inside,
    move_to,
    repository,
    run,
    stack,
    template_pins,
    workshop,
)

PAIRING = "/pair/beer?name=ipa"
NUMBERS = {step.slug: step.number for step in STEPS}
AFRESH = ("up", "--detach", "--wait", "--force-recreate", "--timeout", "1", "web", "taster")
"""Starts services whose files have just changed, and that would restart by themselves meanwhile."""
PS_COLUMNS = r"table {{.Service}}\t{{.Status}}\t{{.Ports}}"


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    with repository(render, step=8) as root:  # where most of these tests look
        compose(root, "build", "--quiet")
        yield root


def reading(look: Callable[[], object]) -> Callable[[], object]:
    """Look again where nothing answers yet."""

    def safely() -> object:
        try:
            return look()
        except (requests.RequestException, ValueError):
            return None

    return safely


def has_pairing(services: Stack) -> bool:
    return any(trace.roots[0].resource == "GET /pair/beer" for trace in services.traces())


@pytest.mark.thorough
def test_cold_start(root: Path, render: Render, capsys: pytest.CaptureFixture[str]) -> None:
    move_to(root, render, step=8)
    begin = time.monotonic()
    compose(root, "up", "--detach")
    services = stack(root)
    until(reading(lambda: services.get(PAIRING).ok and has_pairing(services)))
    with capsys.disabled():
        print(f"\ncold start in containers, to the first trace: {time.monotonic() - begin:.1f} s")
    compose(root, "down", "--timeout", "2")
    begin = time.monotonic()
    compose(root, "up", "--detach")
    until(reading(lambda: services.get(PAIRING).ok and has_pairing(services)))
    with capsys.disabled():
        print(f"warm start in containers, to the first trace: {time.monotonic() - begin:.1f} s")


@pytest.mark.parametrize(
    "step",
    # The end of a part each; how the others run, tests without containers show.
    [pytest.param(n, marks=[] if n == 9 else pytest.mark.thorough) for n in (1, 3, 4, 5, 7, 8, 9)],
)
def test_every_state_of_the_code(root: Path, render: Render, step: int) -> None:
    done = done_before(step)
    move_to(root, render, step=step)
    (root / "timing.log").unlink(missing_ok=True)
    compose(root, *AFRESH)
    services = stack(root)
    agent.clear(f"http://127.0.0.1:{services.ports.agent}")

    for command in page_commands(root, "steps/01-explore.md", "curl "):
        printed = run(root, "bash", "-c", command.line).stdout
        assert without_numbers(printed) == without_numbers(command.output), command.line
    compose(root, "up", "--detach", "--wait")
    (ps,) = page_commands(root, "DOCKER.md", "docker compose ps")
    printed = compose(root, *ps.line.split()[2:], "--format", PS_COLUMNS)
    assert table(printed) == table(ps.output)

    pairings = [line for line in services.timing_log() if "function pair" in line]
    assert len(pairings) == (done.time_a_route and not done.trace)
    written = [root / "instance"] + ([root / "timing.log"] if pairings else [])
    assert {path.stat().st_uid for path in written} == {root.stat().st_uid}
    if done.trace:
        trace = services.trace_of(PAIRING)
        assert {span.service for span in trace.spans()} >= {"matchmaker", "taster", "sqlite"}
        assert trace.roots[0].meta["version"] == f"step-{step}"
    else:
        assert services.traces() == []


def page_commands(root: Path, page: str, beginning: str) -> list[Command]:
    found = commands((root / page).read_text())
    return [c for c in found if c.line.startswith(beginning) and (c.output or "ps" not in c.line)]


def table(printed: str) -> list[str]:
    """The lines of `docker compose ps`, without what this engine's stand-ins publish besides."""
    lines = [re.sub(r"Up (\d+|About a) \w+ \(", "Up (", line) for line in printed.splitlines()]
    return [" ".join(line.replace("8080/tcp, ", "").split()) for line in lines if line.strip()]


def test_a_saved_file_counts_a_moment_later(
    root: Path, render: Render, capsys: pytest.CaptureFixture[str]
) -> None:
    move_to(root, render, step=8)
    compose(root, *AFRESH)
    services = stack(root)
    app, taster = root / "app.py", root / "taster.py"
    for path, service in ((app, "web"), (taster, "taster")):
        begin = time.monotonic()
        path.write_text(path.read_text().replace('status="ok"', 'status="saved"'))

        def says_so(service: str = service) -> bool:
            return bool(services.get("/ping", service).json() == {"status": "saved"})

        until(reading(says_so))
        took = time.monotonic() - begin
        with capsys.disabled():
            print(f"\n{path.name} saved: its service answers anew after {took:.1f} s")
    assert {"matchmaker", "taster"} <= {s.service for s in services.trace_of(PAIRING).spans()}


def test_every_command_works_in_the_consoles_container(root: Path, render: Render) -> None:
    move_to(root, render, step=8)
    compose(root, *AFRESH)
    services = stack(root)
    assert services.get(PAIRING).ok
    until(lambda: has_pairing(services))

    status = inside(root, "status").stdout
    assert "Step 8 of 9" in status
    assert f"http://localhost:{services.ports.console}" in status
    lines = {line.split()[0]: line.split()[1] for line in status.splitlines() if " ready " in line}
    assert lines.keys() == {"web", "taster", "redis", "agent", "console"}
    assert "GET /pair/beer" in inside(root, "traces").stdout
    traffic = inside(root, "traffic", "--seconds", "1")
    assert (traffic.returncode, "/pair/beer" in traffic.stdout) == (0, True)
    assert inside(root, "check", "--step", str(NUMBERS["trace"])).returncode == 0
    check = inside(root, "check")
    assert (check.returncode, "Step 8 is not done yet" in check.stdout) == (1, True)
    doctor = inside(root, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert services.get(PAIRING).ok
    assert not strangers_in(root)


def strangers_in(root: Path) -> list[Path]:
    """Files that belong to somebody else than the folder does."""
    owner = root.stat().st_uid
    return [path for path in root.rglob("*") if path.lstat().st_uid != owner]


def test_git_in_the_container_commits_as_the_trainee(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    git = ("docker", "compose", "exec", "-T", "console", "git")
    (root / "app.py").write_text((root / "app.py").read_text() + "# mine\n")
    done = run(root, *git, "commit", "--all", "--message", "Mine")
    assert done.returncode == 0, done.stderr
    trainee = settings.load(root).trainee
    assert run(root, *git, "log", "-1", "--format=%an: %s").stdout == f"{trainee}: Mine\n"
    assert run(root, *git, "status", "--porcelain").stdout == ""
    assert not strangers_in(root)


def test_the_console_in_its_container(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    url = console(root)

    def do(action: str, **body: object) -> requests.Response:
        return requests.post(f"{url}/api/{action}", json=body, headers={"Origin": url}, timeout=90)

    stranger = requests.get(url, headers={"Host": "localhost:8000"}, timeout=10)
    assert stranger.status_code == 403
    assert url in stranger.json()["error"]
    # web may be starting again, because the test above saved a file.
    sent = until(lambda: do("try", path=PAIRING).json().get("trace"), "a pairing")
    until(lambda: requests.get(f"{url}/api/traces/{sent}", timeout=10).ok)
    assert do("load", rate=20).ok
    until(lambda: sum(one["count"] for one in measured_outside(url)) > 5)
    assert do("load", rate=0).ok
    assert do("hint").ok
    assert do("steps/8/check").json()["passed"] is False
    # What a terminal does shows at once.
    progress.record(root / ".workshop", "explore", True)
    done = sorted(progress.done(root / ".workshop"))
    assert "explore" in done
    until(lambda: console_state(root).get("done") == done)


@pytest.mark.thorough
def test_every_pairing_arrives_while_others_read_the_agent_too(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    url = console(root)
    sent = []
    for number in range(100):
        answer = requests.post(
            f"{url}/api/try", json={"path": PAIRING}, headers={"Origin": url}, timeout=90
        )
        sent.append(answer.json()["trace"])
        if number % 25 == 0:
            for command in (inside, workshop):
                assert command(root, "traces").returncode == 0
        time.sleep(0.2)

    def missing() -> list[str]:
        asked = ((key, requests.get(f"{url}/api/traces/{key}", timeout=10)) for key in sent)
        return [key for key, answer in asked if not answer.ok]

    until(lambda: not missing(), "all of them")


@pytest.mark.thorough  # a saved file counts above, and the switch is tested without Docker
def test_errors_on_purpose_count_within_moments(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    url = console(root)
    services = stack(root)

    def switch(rate: float) -> None:
        answer = requests.post(
            f"{url}/api/error-rate", json={"rate": rate}, headers={"Origin": url}, timeout=10
        )
        assert answer.ok, answer.text

    switch(1)
    until(reading(lambda: services.get(PAIRING).status_code == 500), "an error on purpose")
    assert (root / ".env").stat().st_uid == root.stat().st_uid
    until(lambda: (console_state(root).get("error_rate") or {}).get("rate") == 1)
    (root / ".env").write_text("MATCHMAKER_ERROR_RATE=0\n")
    until(reading(lambda: services.get(PAIRING).ok), "no more errors")


def measured_outside(url: str) -> list[dict[str, Any]]:
    """The routes that senders have measured."""
    found = requests.get(f"{url}/api/latency", timeout=10).json()["routes"]
    return [route for route in found if route["by"] == "outside"]


def test_idle_logs_say_nothing_and_a_pairing_says_its_own(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    services = stack(root)
    before = {name: compose(root, "logs", "--no-log-prefix", name) for name in LOGGED}
    checks = health_checks(root)
    until(lambda: health_checks(root) > checks, "a health check")
    assert {name: compose(root, "logs", "--no-log-prefix", name) for name in LOGGED} == before
    assert services.get(PAIRING).ok

    def added() -> str:
        return compose(root, "logs", "--no-log-prefix", "web").removeprefix(before["web"])

    until(
        lambda: "resource GET /pair/beer" in added(),
        "the block of the pairing",
        lambda: compose(root, "logs", "--tail", "60") + compose(root, "ps", "--all"),
    )
    assert "/ping" not in added()
    assert compose(root, "logs", "--no-log-prefix", "agent") == before["agent"]


LOGGED = ("web", "taster", "agent", "console")


def health_checks(root: Path) -> str:
    """When Docker last looked at web."""
    web = compose(root, "ps", "--quiet", "web").strip()
    form = "{{range .State.Health.Log}}{{.End}} {{end}}"
    return run(root, "docker", "inspect", "--format", form, web).stdout


def test_a_crash_is_told_and_over_in_a_moment(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    services = stack(root)
    kill = "for p in /proc/[0-9]*; do grep -qz ^app.py$ $p/cmdline && kill -9 ${p#/proc/}; done"
    owner = str(root.stat().st_uid)
    run(root, "docker", "compose", "exec", "-T", "--user", owner, "web", "sh", "-c", kill)
    until(lambda: "killed by signal 9" in compose(root, "logs", "web"))
    until(reading(lambda: services.get(PAIRING).ok), "web")
    assert "killed by signal 9" in inside(root, "status").stdout.replace("\n", " ")


def test_nobody_is_root_and_nobody_may_more_than_needed(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    look = "cat /proc/[0-9]*/status; touch /packages/x /etc/x; true"
    owner = str(root.stat().st_uid)
    for name in LOGGED:
        as_owner = ("docker", "compose", "exec", "-T", "--user", owner, name)
        shown = run(root, *as_owner, "sh", "-c", look)
        processes = [
            dict(line.split(":\t", 1) for line in process.splitlines() if ":\t" in line)
            for process in shown.stdout.split("Name:")[1:]
        ]
        assert shown.stdout.startswith("Name:\tdocker-init\n"), shown.stdout
        assert processes[0]["Pid"] == "1"
        # Docker's own: what passes signals on and, for a moment, a health check from outside.
        ours = [one for one in processes if one["PPid"] != "0" or "0" not in one["Uid"].split()]
        assert {(*one["Uid"].split(), one["CapEff"], one["NoNewPrivs"]) for one in ours} == {
            (owner, owner, owner, owner, "0" * 16, "1")
        }, name
        assert len(ours) > 2, name  # the service, and who looks
        assert shown.stderr.count("Read-only file system") == 2
    published = compose(root, "ps", "--format", "{{.Ports}}")
    assert "0.0.0.0:" not in published
    # Only web reaches what only web needs.
    reach = "import socket; socket.create_connection(('redis', 6379), 2)"
    reached = {
        name: run(root, "docker", "compose", "exec", "-T", name, "python", "-c", reach).returncode
        for name in ("web", "taster", "console")
    }
    assert reached == {"web": 0, "taster": 1, "console": 1}


@pytest.mark.thorough
def test_another_port_is_one_line_away(root: Path) -> None:
    port = free_offset() + 5000
    (root / ".env").write_text(f"MATCHMAKER_WEB_PORT={port}\n")
    try:
        compose(root, "up", "--detach", "--wait")
        assert requests.get(f"http://127.0.0.1:{port}{PAIRING}", timeout=10).ok
        for said in (inside(root, "status"), workshop(root, "status")):
            assert f" {port} " in said.stdout
    finally:
        (root / ".env").unlink()
        compose(root, "up", "--detach", "--wait")


@pytest.mark.thorough  # tests/workshop/test_up.py has a copy of a folder that runs without Docker
def test_another_copy_is_not_taken_over_in_silence(root: Path, tmp_path: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    give_away(copy)
    refused = workshop(copy, "up", "--docker", "--detach")
    assert (refused.returncode, f"in {root}" in refused.stderr) == (1, True)
    assert "Nothing is running" in workshop(copy, "status").stdout
    try:
        compose(copy, "up", "--detach", "--wait")
        assert "belonged to another copy" in compose(copy, "logs", "console")
    finally:
        compose(root, "up", "--detach", "--wait")


@pytest.mark.thorough  # tests/workshop/console/test_login.py has more of the token
def test_on_a_shared_host_the_console_in_its_container_asks_for_a_token(root: Path) -> None:
    url, file = console(root), root / "workshop" / "settings.toml"
    text = file.read_text()
    file.write_text(text.replace("shared_host = false", "shared_host = true"))
    restart = ("restart", "--timeout", "1", "console")
    try:
        compose(root, "up", "--detach", "console")
        compose(root, *restart)
        until(reading(lambda: requests.get(f"{url}/api/steps", timeout=10).status_code == 403))
        printed = re.compile(rf"{url}/\?token=\S+")
        link = until(lambda: printed.search(workshop(root, "status").stdout), "the link").group()
        token = root / ".workshop" / "console-token"
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert token.stat().st_uid == root.stat().st_uid
        assert link.rpartition("=")[2] not in compose(root, "logs", "console")
        with requests.Session() as person:
            assert person.get(link, timeout=10).ok
            compose(root, *restart)
            until(reading(lambda: person.get(f"{url}/api/steps", timeout=10).ok))
    finally:
        file.write_text(text)
        compose(root, *restart)


def test_a_mistake_is_in_the_log_and_mended_by_saving(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    services = stack(root)
    app = root / "app.py"
    whole = app.read_text()
    app.write_text(whole.replace("def ping():", "def ping(:"))
    until(lambda: "SyntaxError" in compose(root, "logs", "--tail", "20", "web"))
    time.sleep(1.1)  # where files are polled, two saves in the same second are one
    app.write_text(whole)
    until(reading(lambda: services.get(PAIRING).ok))


def test_everything_ends_because_it_was_asked_to(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compose(root, "up", "--detach")
    begin = time.monotonic()
    compose(root, "stop")
    took = time.monotonic() - begin
    listed = compose(root, "ps", "--all", "--format", "{{.Service}} {{.ExitCode}}")
    codes = dict(line.split() for line in listed.splitlines())
    assert set(codes) == {"web", "taster", "console", "redis", "agent"}
    assert "137" not in codes.values()  # killed, after ten seconds of patience
    begin = time.monotonic()
    compose(root, "down")
    took += time.monotonic() - begin
    with capsys.disabled():
        print(f"\ndown: {took:.1f} s")


def test_the_image(render: Render) -> None:
    key = {"backend": "datadog", "dd_api_key": KEY}
    with repository(render, **key) as root:
        compose(root, "build", "--quiet")
        config = json.loads(compose(root, "config", "--format", "json"))["services"]
        name, others = config["web"]["image"], config["console"]["image"]
        script = (root / "workshop" / "stack" / "as-owner.sh").read_bytes()
        code = (root / "app.py").read_bytes()[:200]  # it is mounted
        assert texts_in([name, others], script, KEY.encode(), code) == {script}

        look = (
            "import importlib.metadata as m, json, os, shutil, sys;"
            "print(json.dumps([sys.version_info[:2],"
            " [t for t in ('uv', 'gcc', 'cc', 'make') if shutil.which(t)],"
            " os.listdir('/workshop'),"
            " {d.name: d.version for d in m.distributions()}]))"
        )
        done = run(root, "docker", "run", "--rm", "--entrypoint", "python", name, "-c", look)
        version, tools, files, packages = json.loads(done.stdout)
        assert version == [3, 13]
        assert tools == []
        assert files == []
        packages = {canonicalize_name(name): found for name, found in packages.items()}
        assert {"ddtrace", "flask-sqlalchemy", "psycopg-binary", "wrapt"} <= packages.keys()
        assert {name: template_pins().get(name) for name in packages} == packages


@pytest.mark.thorough
def test_how_large_everything_is(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compose(root, "up", "--detach", "--wait")
    config = json.loads(compose(root, "config", "--format", "json"))["services"]
    base = size(root, "python:3.13-slim")
    on_top = {name: size(root, config[name]["image"]) - base for name in ("web", "console")}
    form = "{{.Name}} {{.MemUsage}}"
    used = run(root, "docker", "stats", "--no-stream", "--format", form).stdout
    project = config["web"]["image"]
    with capsys.disabled():
        print(f"\nimages, on top of Python's: {on_top['web']:.0f} and {on_top['console']:.0f} MB")
        for line in used.splitlines():
            if line.startswith(project):
                print(line.removeprefix(f"{project}-"))
    assert on_top["web"] <= 110
    assert on_top["console"] <= 300


def size(root: Path, image: str) -> float:
    """How large an image is, in MB."""
    form = ("docker", "image", "inspect", "--format", "{{.Size}}")
    return int(run(root, *form, image).stdout) / 1e6


def texts_in(images: list[str], *texts: bytes) -> set[bytes]:
    """Those texts that are anywhere in the layers of some images, whether these are compressed."""
    found: set[bytes] = set()
    longest = max(map(len, texts))
    saving = ["docker", "save", *images]
    with subprocess.Popen(saving, stdout=subprocess.PIPE) as saved:
        assert saved.stdout
        with tarfile.open(fileobj=saved.stdout, mode="r|") as archive:
            for member in archive:
                tail = b""
                file = archive.extractfile(member) if member.isfile() else None
                for piece in pieces(file):
                    found |= {text for text in texts if text in tail + piece}
                    tail = piece[-longest:]
    assert saved.returncode == 0
    return found


def pieces(file: IO[bytes] | None) -> Iterator[bytes]:
    """A file's content without its compression, piece by piece."""
    unpack, is_first = None, True
    while file and (piece := file.read(1 << 22)):
        if is_first and piece.startswith(b"\x1f\x8b"):
            unpack = zlib.decompressobj(wbits=31)
        is_first = False
        yield unpack.decompress(piece) if unpack else piece


def test_an_edit_installs_nothing_again(render: Render) -> None:
    with repository(render) as root:
        compose(root, "build", "--quiet")
        (root / "app.py").write_text("# edited\n")
        built = run(root, "docker", "compose", "--progress", "plain", "build")
        assert re.search(r"uv pip install.*\n#\d+ CACHED", built.stdout + built.stderr)
