"""`docker compose up`, at every state of the code, as the pages say it."""

import json
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.utils import canonicalize_name
from workshop.check import progress
from workshop.traces import agent

from extensions.steps import STEPS, done_before
from tests.conftest import Render
from tests.stack import Stack, until
from tests.template.test_pages import Command, commands, without_numbers

from .conftest import (
    KEY,
    compose,
    console,
    console_state,
    move_to,
    repository,
    run,
    stack,
    template_pins,
    workshop,
)

PAIRING = "/pair/beer?name=ipa"
NUMBERS = {step.slug: step.number for step in STEPS}
PS_COLUMNS = r"table {{.Service}}\t{{.Status}}\t{{.Ports}}"


@pytest.fixture(scope="module")
def root(render: Render) -> Iterator[Path]:
    with repository(render) as root:
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


def test_cold_start(root: Path, render: Render, capsys: pytest.CaptureFixture[str]) -> None:
    move_to(root, render, step=8)
    begin = time.monotonic()
    compose(root, "up", "--detach")
    services = stack(root)
    until(reading(lambda: services.get(PAIRING).ok and has_pairing(services)))
    with capsys.disabled():
        print(f"\ncold start in containers, to the first trace: {time.monotonic() - begin:.1f} s")


@pytest.mark.parametrize(
    "step",
    # The end of a part each; how the others run, tests without containers show.
    [
        pytest.param(n, marks=[] if n in (5, 9) else pytest.mark.thorough)
        for n in (1, 3, 4, 5, 7, 8, 9)
    ],
)
def test_every_state_of_the_code(root: Path, render: Render, step: int) -> None:
    done = done_before(step)
    move_to(root, render, step=step)
    (root / "timing.log").unlink(missing_ok=True)
    compose(root, "up", "--detach", "--wait")
    services = stack(root)
    agent.clear(services.ports.agent)

    for command in page_commands(root, "steps/01-explore.md", "curl "):
        printed = run(root, "bash", "-c", command.line).stdout
        assert without_numbers(printed) == without_numbers(command.output), command.line
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
    compose(root, "up", "--detach", "--wait")
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


def test_a_check_runs_beside_containers(root: Path, render: Render) -> None:
    move_to(root, render, step=8)
    compose(root, "up", "--detach", "--wait")
    assert workshop(root, "check", "--step", str(NUMBERS["trace"])).returncode == 0
    assert stack(root).get(PAIRING).ok


def test_the_console_in_its_container(root: Path) -> None:
    compose(root, "up", "--detach", "--wait")
    url = console(root)

    def do(action: str, **body: object) -> requests.Response:
        return requests.post(f"{url}/api/{action}", json=body, headers={"Origin": url}, timeout=30)

    stranger = requests.get(url, headers={"Host": "localhost:8000"}, timeout=10)
    assert stranger.status_code == 403
    assert url in stranger.json()["error"]
    sent = do("try", path=PAIRING).json()
    until(lambda: requests.get(f"{url}/api/traces/{sent['trace']}", timeout=10).ok)
    assert do("load", rate=20).ok
    until(lambda: sum(one["count"] for one in measured_outside(url)) > 5)
    assert do("load", rate=0).ok
    assert do("hint").ok
    hint = root / ".workshop" / "hints.json"
    assert hint.stat().st_uid == root.stat().st_uid
    refused = do("next")
    assert (refused.status_code, "uv run workshop next" in refused.text) == (409, True)
    # What a terminal does shows at once.
    progress.record(root / ".workshop", "explore", True)
    done = sorted(progress.done(root / ".workshop"))
    assert "explore" in done
    until(lambda: console_state(root).get("done") == done)


def measured_outside(url: str) -> list[dict[str, Any]]:
    """The routes that senders have measured."""
    found = requests.get(f"{url}/api/latency", timeout=10).json()["routes"]
    return [route for route in found if route["by"] == "outside"]


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
    services = stack(root)
    app = root / "app.py"
    whole = app.read_text()
    app.write_text(whole.replace("def ping():", "def ping(:"))
    until(lambda: "SyntaxError" in compose(root, "logs", "--tail", "20", "web"))
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


def test_the_image(render: Render, tmp_path: Path) -> None:
    key = {"backend": "datadog", "dd_api_key": KEY}
    with repository(render, **key) as root:
        compose(root, "build", "--quiet")
        image = compose(root, "config", "--format", "json")
        name = json.loads(image)["services"]["web"]["image"]

        archive = tmp_path / "image.tar"
        run(root, "docker", "save", "--output", str(archive), name)
        assert archive.stat().st_size > 1e6
        assert not contains(archive, KEY.encode())
        assert contains(archive, b"which donut goes with")

        look = (
            "import importlib.metadata as m, json, os, shutil, sys;"
            "print(json.dumps([sys.version_info[:2], os.getuid(),"
            " [t for t in ('uv', 'gcc', 'cc', 'make') if shutil.which(t)],"
            " sorted(os.listdir('/workshop')),"
            " {d.name: d.version for d in m.distributions()}]))"
        )
        done = run(root, "docker", "run", "--rm", "--entrypoint", "python", name, "-c", look)
        version, user, tools, files, packages = json.loads(done.stdout)
        assert version == [3, 13]
        assert user != 0
        assert tools == []
        assert ".env" not in files
        packages = {canonicalize_name(name): found for name, found in packages.items()}
        assert {"ddtrace", "flask-sqlalchemy", "psycopg-binary", "wrapt"} <= packages.keys()
        assert {name: template_pins().get(name) for name in packages} == packages


def contains(path: Path, text: bytes) -> bool:
    """Whether a file has some bytes anywhere."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 22):
            if text in tail + piece:
                return True
            tail = piece[-len(text) :]
    return False


def test_an_edit_installs_nothing_again(render: Render) -> None:
    with repository(render) as root:
        compose(root, "build", "--quiet")
        (root / "app.py").write_text("# edited\n")
        built = run(root, "docker", "compose", "--progress", "plain", "build")
        assert re.search(r"uv pip install.*\n#\d+ CACHED", built.stdout + built.stderr)
