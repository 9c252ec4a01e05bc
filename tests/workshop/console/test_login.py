"""The token that opens a console on a machine that other people use, too."""

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urljoin

import psutil
import pytest
import requests
from playwright.sync_api import Page, expect
from workshop import settings
from workshop.problem import Problem
from workshop.stack import console_token as token_file

from tests.conftest import Render
from tests.stack import until
from tests.workshop.conftest import Workshop, move_to_free_ports, processes_in
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Agent, Site, serving

expect.set_options(timeout=MILLISECONDS)

TOKEN = "0123456789abcdef" * 3
PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def locked(rendered: Path, tmp_path: Path, agent: Agent) -> Iterator[Site]:
    """A console that asks for TOKEN."""
    with serving(rendered, tmp_path, agent, token=TOKEN) as site:
        yield site


def get(site: Site, path: str, **options: Any) -> requests.Response:
    """Ask a console, and follow no redirect."""
    return requests.get(site.url + path, allow_redirects=False, timeout=30, **options)


def cookie_of(site: Site) -> dict[str, str]:
    """The cookie that the link gives."""
    return get(site, f"/?token={TOKEN}").cookies.get_dict()


def test_without_the_token_nothing_is_answered(locked: Site) -> None:
    views = [
        "/traces",
        "/latency",
        "/steps",
        "/try",
        "/steps/3",
        "/traces/1",
        "/none",
        "/steps/cost.svg",
        "/finish",
        "/finish/sheet.css",
    ]
    static = ["/static/app.js", "/static/console.css", "/static/donut.svg"]
    data = [
        "/api/events",
        "/api/steps",
        "/api/steps/1",
        "/api/traces/1",
        "/api/latency",
        "/api/names",
    ]
    for path in ["/", *views, *static, *data]:
        for cookies in ({}, {name_of(locked): TOKEN[:-1]}, {name_of(locked): "ünd"}):
            answer = get(locked, path, cookies=cookies)
            assert answer.status_code == 403, path
            assert "workshop status" in answer.json()["remedy"]
    for path in ["try", "load", "error-rate", "hint", "steps/8/check", "next", "diff"]:
        headers = {"Origin": locked.url}
        answer = requests.post(f"{locked.url}/api/{path}", json={}, headers=headers, timeout=30)
        assert answer.status_code == 403, path
    assert get(locked, "/ping").json() == {"status": "ok"}


def name_of(site: Site) -> str:
    """What the console's cookie is called."""
    return f"workshop-console-{site.url.rpartition(':')[2]}"


def test_a_person_is_told_where_the_link_is(locked: Site, rendered: Path) -> None:
    answer = get(locked, "/steps/3", headers=PERSON)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (403, "text/html")
    assert "uv run workshop status" in answer.text
    assert "doesn't open this console" not in answer.text
    for private in (TOKEN, "Zo", settings.load(rendered).slug, str(rendered)):
        assert private not in answer.text
    wrong = get(locked, "/?token=guessed", headers=PERSON)
    assert wrong.status_code == 403
    assert "doesn't open this console" in wrong.text
    assert "guessed" not in wrong.text
    assert not wrong.cookies


def test_the_link_gives_a_cookie_and_an_address_without_the_token(locked: Site) -> None:
    answer = get(locked, f"/traces?text=ipa+%26&token={TOKEN}&error=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "./traces?text=ipa+%26&error=1"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.headers["Set-Cookie"]
    assert told.startswith(f"{name_of(locked)}={TOKEN};")
    assert "HttpOnly" in told
    assert "SameSite=Strict" in told
    assert "Max-Age" not in told
    # The browser takes the folder of the page. A path of ours would be wrong behind a proxy.
    assert "Path" not in told
    for path in ("/", "/api/steps", "/static/app.js"):
        answer = get(locked, path, cookies=answer.cookies)
        assert answer.status_code == 200
        assert TOKEN not in answer.text
        answer.cookies.update(cookie_of(locked))
    # Whoever is in already gets rid of a token in the address, right or not.
    stale = get(locked, "/steps?token=old", cookies=cookie_of(locked), headers=PERSON)
    assert (stale.status_code, stale.headers["Location"]) == (303, "./steps")


@pytest.mark.parametrize("path", ["//evil.example/x", "/%5Cevil.example", "///evil.example"])
def test_the_link_leads_to_no_other_host(locked: Site, path: str) -> None:
    with socket.create_connection(("127.0.0.1", int(locked.url.rpartition(":")[2]))) as line:
        host = locked.url.removeprefix("http://")
        line.sendall(f"GET {path}?token={TOKEN} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = line.makefile(encoding="utf-8").read()
    (location,) = re.findall(r"(?m)^Location: (.*?)\r?$", answer)
    assert location.startswith(".")
    assert urljoin(f"{locked.url}{path}", location).startswith(f"{locked.url}/")


def test_the_link_to_a_page_further_down_leads_there(locked: Site) -> None:
    first = get(locked, f"/steps/3?token={TOKEN}&a=1%262")
    assert not first.cookies  # it would hold for /steps alone
    then = urljoin(f"{locked.url}/steps/3", first.headers["Location"]).removeprefix(locked.url)
    second = get(locked, then)
    assert second.headers["Location"] == "./steps/3?a=1%262"
    assert get(locked, "/api/steps", cookies=second.cookies).status_code == 200


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "http://evil.example/", "../x", "a/%2e%2e/%2e%2e/x"]
)
def test_what_comes_after_the_link_is_below_it(locked: Site, to: str) -> None:
    location = get(locked, f"/?{urlencode({'token': TOKEN, 'to': to})}").headers["Location"]
    assert location == "./"


def test_a_cookie_that_another_port_has_planted_shuts_nobody_out(locked: Site) -> None:
    planted = f"{name_of(locked)}=planted; {name_of(locked)}={TOKEN}"
    assert get(locked, "/api/steps", headers={"Cookie": planted}).status_code == 200


@pytest.mark.parametrize(
    "text", ["{token}", "  {token}\n", "http://localhost:1/x?a=1&token={token}"]
)
def test_the_token_can_be_pasted(locked: Site, text: str) -> None:
    def send(pasted: str, origin: str) -> requests.Response:
        return requests.post(
            f"{locked.url}/token",
            data={"token": pasted},
            headers={"Origin": origin, **PERSON},
            allow_redirects=False,
            timeout=30,
        )

    right = send(text.format(token=TOKEN), locked.url)
    assert (right.status_code, right.headers["Location"]) == (303, "./")
    assert right.cookies.get_dict() == {name_of(locked): TOKEN}
    assert send(text.format(token=TOKEN), "http://evil.example").status_code == 403
    wrong = send(text.format(token="é" * 48), locked.url)
    assert wrong.status_code == 403
    assert not wrong.cookies


def test_without_other_people_nobody_is_asked(site: Site) -> None:
    assert get(site, "/", headers=PERSON).status_code == 200
    assert get(site, "/?token=left-over").status_code == 200
    origin = {"Origin": site.url}
    assert requests.post(f"{site.url}/token", headers=origin, timeout=30).status_code == 404


# In a browser


def test_the_link_opens_the_console_in_a_browser(locked: Site, page: Page) -> None:
    page.goto(f"{locked.url}/steps/3?token={TOKEN}")
    expect(page.get_by_text("Step 3 of 9")).to_be_visible()
    expect(page).to_have_url(f"{locked.url}/steps/3")
    # The stream is open, too.
    expect(page.locator("#trouble")).not_to_contain_text("console is gone")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""


def test_the_page_that_asks_takes_the_link(locked: Site, page: Page) -> None:
    page.goto(locked.url)
    expect(page.get_by_role("heading", name="Is this your console?")).to_be_visible()
    weight = page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")
    assert weight != "none"  # its style is let through
    page.get_by_role("textbox").fill("wrong")
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("alert")).to_contain_text("doesn't open this console")
    page.get_by_role("textbox").fill(f"{locked.url}/?token={TOKEN}")
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    assert page.url in (f"{locked.url}/", f"{locked.url}/traces")


@contextlib.contextmanager
def another_site(links: list[str]) -> Iterator[str]:
    """A page with links, on what a browser takes for another site than localhost."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            page = "".join(f'<p><a href="{link}">link {n}</a>' for n, link in enumerate(links))
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_link_from_another_site_opens_the_console_too(locked: Site, page: Page) -> None:
    # As in a chat or a terminal in the browser: cookies of the kind "strict" are kept back then.
    links = [f"{locked.url}/steps", f"{locked.url}/steps/3?token={TOKEN}", f"{locked.url}/steps/4"]
    with another_site(links) as elsewhere:
        page.goto(elsewhere)
        page.get_by_role("link", name="link 0").click()
        expect(page.get_by_role("heading", name="Is this your console?")).to_be_visible()
        for number, step in ((1, 3), (2, 4)):
            page.goto(elsewhere)
            page.get_by_role("link", name=f"link {number}").click()
            expect(page.get_by_text(f"Step {step} of 9")).to_be_visible()
            expect(page).to_have_url(f"{locked.url}/steps/{step}")


# The file


@pytest.fixture
def chosen(rendered: Path, tmp_path: Path) -> settings.Settings:
    """Settings of a workshop on a shared host, with an empty folder for its state."""
    loaded = settings.load(rendered)
    return dataclasses.replace(loaded, run_dir=tmp_path / "run", shared_host=True)


def test_only_the_owner_reads_the_file(chosen: settings.Settings) -> None:
    old = os.umask(0)
    try:
        token_file.renew(chosen)
    finally:
        os.umask(old)
    path = chosen.run_dir / token_file.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = token_file.required(chosen)
    assert re.fullmatch(r"[0-9a-f]{48}", first)
    assert token_file.required(chosen) == first
    assert token_file.link(chosen).endswith(f"/?token={first}")
    token_file.renew(chosen)
    assert token_file.required(chosen) != first
    assert [one.name for one in chosen.run_dir.iterdir()] == [token_file.FILE]


@pytest.mark.parametrize("kind", ["empty", "link", "folder", "pipe", "bytes"])
def test_what_is_no_token_is_none(chosen: settings.Settings, tmp_path: Path, kind: str) -> None:
    path = chosen.run_dir / token_file.FILE
    chosen.run_dir.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(TOKEN)
    match kind:
        case "empty":
            path.touch()
        case "link":
            path.symlink_to(elsewhere)
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "bytes":
            path.write_bytes(b"\xff" * 48)
    assert "token" not in token_file.link(chosen)
    if kind == "folder":
        with pytest.raises(Problem, match="Can't write"):
            token_file.required(chosen)
        return
    made = token_file.required(chosen)
    assert made != TOKEN
    assert elsewhere.read_text() == TOKEN
    assert token_file.required(chosen) == made


# With everything that runs, and the command as it is installed


@pytest.fixture
def shared(render: Render, tmp_path: Path) -> Iterator[Workshop]:
    """A workshop on a machine that others use, too."""
    root = Path(shutil.copytree(render(step=2, shared_host=True), tmp_path / "workshop"))
    move_to_free_ports(root)
    yield Workshop(root)
    for process in processes_in(root):
        with contextlib.suppress(psutil.Error):
            process.kill()


def test_up_and_status_print_the_link_and_nothing_else_has_it(shared: Workshop, page: Page) -> None:
    up = shared.run("up", "--detach")
    assert up.returncode == 0, up.stderr
    url = f"http://localhost:{shared.settings.ports.console}"
    (link,) = re.findall(rf"{url}/\S+", up.stdout)
    secret = link.partition("?token=")[2]
    assert len(secret) == 48
    assert link in shared.run("status").stdout
    assert link in shared.run("up").stdout  # it is up already
    file = shared.root / ".workshop" / "console-token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == secret

    # Whoever else is on the machine: no page, no data, no deed.
    assert requests.get(url, headers=PERSON, timeout=30).status_code == 403
    assert requests.get(f"{url}/api/events", timeout=30).status_code == 403
    load = requests.post(f"{url}/api/load", json={"rate": 9}, headers={"Origin": url}, timeout=30)
    assert load.status_code == 403
    if os.getuid() == 0:
        others = subprocess.run(["cat", file], user="nobody", capture_output=True, check=False)
        assert others.returncode
        assert secret.encode() not in others.stdout

    # Its owner, with the link; also when the console has been started anew.
    page.goto(link)
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    assert secret not in page.url
    pid = shared.pids()["console"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: shared.is_ready("console") and shared.pids()["console"] != pid, "the console")
    expect(page.locator("#trouble")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()

    # A request so broken that the server itself answers, and would log what it was asked.
    with socket.create_connection(("127.0.0.1", shared.settings.ports.console)) as line:
        line.sendall(f"GET /?token={secret} and more HTTP/1.1\r\n\r\n".encode())
        assert b" 400 " in line.makefile("rb").read()
    for path in (shared.root / ".workshop").rglob("*"):
        assert path == file or not path.is_file() or secret.encode() not in path.read_bytes(), path
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            assert secret not in f"{process.cmdline()} {process.environ()}" or is_browser(process)

    # A new start, a new token: the page that is open says so, and goes on with the new one.
    assert shared.run("down").returncode == 0
    fresh = shared.run("up", "--detach").stdout
    assert secret not in fresh
    expect(page.locator("#trouble")).to_contain_text("has a new token")
    (link,) = re.findall(rf"{url}/\S+", fresh)
    page.context.new_page().goto(link)
    page.bring_to_front()
    expect(page.locator("#trouble")).to_be_hidden()
    assert shared.run("down").returncode == 0


def is_browser(process: psutil.Process) -> bool:
    """Whether a process is the test's own browser, which was told the link."""
    return "chrom" in process.name().lower()


def test_a_token_that_cannot_be_kept_is_said(shared: Workshop) -> None:
    (shared.root / ".workshop").mkdir(exist_ok=True)
    (shared.root / ".workshop" / "console-token").mkdir()
    for arguments in (["up"], ["up", "--detach"]):
        done = shared.run(*arguments)
        assert done.returncode == 1
        assert "console-token: Is a directory." in done.stderr
        assert "Traceback" not in done.stderr
    # The same where nothing but the console is started, as in its container.
    done = subprocess.run(
        [sys.executable, "-m", "workshop.console"],
        cwd=shared.root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "console-token: Is a directory." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_answer_of_another_kind_is_refused(shared: Workshop) -> None:
    shared.edit("workshop/settings.toml", "shared_host = true", 'shared_host = "no"')
    done = shared.run("up")
    assert done.returncode == 1
    assert "'no' is neither true nor false" in done.stderr
    assert "Traceback" not in done.stderr
