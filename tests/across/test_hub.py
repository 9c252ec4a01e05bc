"""Trainees at a real JupyterHub, with what `matchmaker host` wrote for a cluster.

Their servers are processes on this machine. Everything else is as there: how they sign in, what
each server gets and starts, the proxy in between, and an origin for each of them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import psutil
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from extensions.steps import STEPS
from tests import needs
from tests.across.class_of_forty import is_idle
from tests.conftest import git
from tests.hub.running import DOMAIN, Hub, Installed, install, running
from tests.hub.session import NAME, HostedSession, create
from tests.matchmaker.board.running import running as board
from tests.stack import until
from tests.workshop.conftest import free_port, processes_in
from tests.workshop.moving.conftest import blocks, step_of

pytestmark = [pytest.mark.xdist_group("hub"), pytest.mark.first]

MILLISECONDS = 40_000.0
"""How long the browser waits for anything, at most: much longer than it ever takes."""
STEP = next(step for step in STEPS if step.key == "read_a_span")
NEWEST = "6.1.1"
"""The newest JupyterHub that this was tried with. The chart of a next session may have it."""
TOKEN = "glpat-only-for-ada"
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
REFUSED = "Invalid username or password"
expect.set_options(timeout=MILLISECONDS)


# What a page does with an address, and what it gets to know.
SEND = """async ([method, url, mode]) => {
    try {
        const body = method === "POST" ? "{}" : null;
        return (await fetch(url, { method, mode, body, credentials: "include" })).type;
    } catch (error) {
        return error.name;
    }
}"""
SUBMIT = """(url) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: url, enctype: "text/plain" });
    document.body.append(form);
    form.submit();
}"""
FRAME = """(url) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.onload = resolve;
    frame.src = url;
    document.body.append(frame);
})"""


@dataclass
class Hosted:
    """A session on the hub, and the browsers of those who are signed in."""

    hub: Hub
    session: HostedSession
    passwords: dict[str, str]
    browser: Browser
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def visitor(self) -> BrowserContext:
        """Somebody's browser, with nothing in it."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(MILLISECONDS)
        context.set_default_navigation_timeout(MILLISECONDS)
        return context

    def sign_in(self, page: Page, name: str, password: str, to: str = "/hub/home") -> None:
        """Fill in the form of the hub, which then leads to `to`."""
        page.goto(self.hub.url(f"/hub/login?next={to}"))
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    def seat(self, slug: str) -> BrowserContext:
        """A trainee's browser. They are signed in, and their server runs."""
        if slug not in self.contexts:
            context = self.contexts[slug] = self.visitor()
            page = context.new_page()
            self.sign_in(page, slug, self.passwords[slug], "/hub/user-redirect/workshop/console")
            expect(page.get_by_role("link", name="Matchmaker")).to_be_visible()
            page.close()
        return self.contexts[slug]


@pytest.fixture(
    scope="module",
    params=["", pytest.param(NEWEST, marks=pytest.mark.thorough)],
    ids=["chart", "newest"],
)
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """JupyterHub in the version of the chart, or in a newer one, JupyterLab, and the proxy."""
    if not shutil.which("npm"):
        needs.skip_without("npm")
    return install(tmp_path_factory.mktemp("installed"), request.param)


@pytest.fixture(scope="module")
def hosted(
    template: Path, installed: Installed, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hosted]:
    """Ada's and Eve's session: generated, pushed, written for a cluster, and hosted here."""
    folder = tmp_path_factory.mktemp("hosted")
    session = create(folder, template, ["ada", "eve"], STEP.number)
    passwords = session.passwords()
    assert set(passwords) == {"ada", "eve"}
    with running(
        installed,
        folder / "hub",
        session.cluster,
        list(passwords),
        secret={"git-credentials": {"ada": f"https://ada:{TOKEN}@git.example.com"}},
        GIT_CONFIG_GLOBAL=str(session.git_settings),
        GIT_CONFIG_SYSTEM=os.devnull,
    ) as hub:
        found = Hosted(hub, session, passwords, browser)
        yield found
        for context in found.contexts.values():
            context.close()


@pytest.mark.parametrize("slug", ["ada", pytest.param("eve", marks=pytest.mark.thorough)])
def test_a_trainee_does_a_step(hosted: Hosted, slug: str) -> None:
    hub = hosted.hub
    page = hosted.seat(slug).new_page()
    page.goto(hub.url(f"/user/{slug}/workshop/console", slug))
    expect(page).to_have_url(re.compile(f"^{re.escape(hub.console(slug))}"))

    page.get_by_role("link", name="Try it", exact=True).click()
    page.get_by_role("button", name="Find a donut").click()
    expect(page.locator(".results li").first).to_contain_text("boston-cream")
    page.get_by_role("link", name=re.compile("See its trace")).click()
    grid = page.get_by_role("treegrid")
    for service in ("matchmaker", "taster", "redis", "sqlite"):
        expect(grid).to_contain_text(service)

    workshop = hub.home(slug) / "workshop"
    for kind, text in blocks((workshop / STEP.page).read_text()):
        if kind == "diff":
            subprocess.run(["git", "apply"], cwd=workshop, input=text, text=True, check=True)
    page.get_by_role("link", name="Steps", exact=True).click()
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_text("This step is done.", exact=True)).to_be_visible()
    page.get_by_role("button", name=f"Continue with step {STEP.number + 1}").click()
    expect(page.locator(".moved")).to_contain_text(f"You are at step {STEP.number + 1}:")
    assert step_of(workshop) == STEP.number + 1
    assert page.url.startswith(hub.console(slug))
    page.close()


def test_the_instructor_sees_how_far_they_are(hosted: Hosted) -> None:
    workshop = hosted.hub.home("ada") / "workshop"
    if not workshop.exists() or step_of(workshop) == STEP.number:
        test_a_trainee_does_a_step(hosted, "ada")
    until(lambda: is_idle(workshop))
    said = hosted.session.matchmaker("status", f"{NAME}.toml", "--fetch")
    rows = {line.split()[0]: line for line in said.splitlines() if line.startswith(("Ada", "Eve"))}
    assert f"{STEP.number + 1}" in rows["Ada"], said

    words = (f"{NAME}.toml", "--port", str(free_port()))
    with board(*words, folder=hosted.session.folder, environment=hosted.session.instructor) as (
        _,
        link,
    ):
        instructor = requests.Session()
        instructor.get(link, timeout=30)

        def person() -> dict[str, Any]:
            said = instructor.get(urljoin(link, "/api/people/0"), timeout=30).json()
            return said if said.get("source") == "remote" else {}

        here = until(person, "Ada's record from her remote")
    assert (here["slug"], here["place"]) == ("ada", STEP.number)
    assert here["steps"][STEP.number - 1]["is_done"]


def test_only_a_trainee_with_the_right_password_gets_in(hosted: Hosted) -> None:
    context = hosted.visitor()
    page = context.new_page()
    wrong = hosted.passwords["eve"]
    for name, password in (
        ("mallory", wrong),
        ("ada", wrong),
        ("ada", hosted.passwords["ada"].upper()),
        ("ada", ""),
        ("", ""),
        ("../ada", hosted.passwords["ada"]),
    ):
        hosted.sign_in(page, name, password)
        expect(page.get_by_text(REFUSED)).to_be_visible()
        assert not [one for one in context.cookies() if one["name"].startswith("jupyterhub-hub")]
    # A phone begins a name with a capital letter, and who copies a password may copy too much.
    hosted.sign_in(page, "Ada", f" {hosted.passwords['ada']} ")
    expect(page).to_have_url(hosted.hub.url("/hub/home"))
    context.close()


def test_nobody_opens_the_console_of_another(hosted: Hosted) -> None:
    hub = hosted.hub
    hosted.seat("ada")
    for context in (hosted.seat("eve"), hosted.visitor()):
        page = context.new_page()
        for url in (
            hub.console("ada"),
            hub.console("ada", "api/steps"),
            hub.url("/user/ada/lab", "ada"),
            hub.url("/user/ada/workshop/console", "ada"),
            hub.url(f"/user/ada/proxy/{hub.ports['ada'].console}/", "eve"),  # a name of one's own
        ):
            answer = page.goto(url)
            assert answer
            if context is hosted.contexts["eve"]:
                assert answer.status in (403, 404), url
            else:
                expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        page.close()
    context.close()


def test_a_page_of_one_trainee_cannot_use_the_server_of_another(hosted: Hosted) -> None:
    """Ada opens a page of Eve's, at Eve's origin, while she is signed in."""
    hub = hosted.hub
    context = hosted.seat("ada")
    page = context.new_page()
    place = hub.url("/page", "eve")
    page.route(place, lambda route: route.fulfill(content_type="text/html", body="<p>A page"))
    page.goto(place)
    workshop = hub.home("ada") / "workshop"
    before = step_of(workshop), git(workshop, "rev-parse", "HEAD")
    server = hub.url("/user/ada/", "ada")

    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    # Otherwise the browser keeps a page that nobody served from asking this machine.
    context.grant_permissions(["local-network-access"])
    for method, url in (
        ("GET", hub.console("ada", "api/steps")),
        ("POST", hub.console("ada", "api/next")),
        ("POST", hub.console("ada", "api/try")),
        ("GET", f"{server}api/contents/workshop/app.py"),
        ("POST", f"{server}api/terminals"),
        ("POST", hub.url("/hub/api/users/ada/tokens")),
    ):
        asked.clear()
        earlier = len(hub.said())
        # The browser sends this without asking the server first. It hides the answer, or that there
        # is one.
        assert page.evaluate(SEND, [method, url, "no-cors"]) in ("opaque", "TypeError")
        [request] = asked
        assert "jupyterhub" in request.all_headers()["cookie"]
        logged = re.compile(rf"(\d{{3}}) {method} {re.escape(urlsplit(url).path)}")
        answers = until(lambda: logged.findall(hub.said()[earlier:]))  # noqa: B023
        assert set(answers) <= {"403", "404"}, (url, answers)
        assert page.evaluate(SEND, [method, url, "cors"]) == "TypeError"
    assert hub.ask("GET", "/user/ada/api/terminals", "ada").json() == []
    # A page can connect anywhere, and the server sees where the page is from.
    cookies = {one["name"]: one["value"] for one in context.cookies(server)}
    events = "/user/ada/api/events/subscribe"
    assert handshake(hub, events, "eve", cookies) == 403
    for url in (hub.console("ada", "api/next"), f"{server}api/terminals"):
        page.goto(place)
        with page.expect_navigation() as navigated:
            page.evaluate(SUBMIT, url)
        assert navigated.value.status == 403, url
    for url in (hub.console("ada"), f"{server}lab", hub.url("/hub/home")):
        page.goto(place)
        page.evaluate(FRAME, url)
        assert page.frames[1].url == "chrome-error://chromewebdata/", url
    assert (step_of(workshop), git(workshop, "rev-parse", "HEAD")) == before

    # Only the origin makes the difference.
    own = hub.url("/page", "ada")
    page.route(own, lambda route: route.fulfill(content_type="text/html", body="<p>A page"))
    page.goto(own)
    assert page.evaluate(SEND, ["GET", hub.console("ada", "api/steps"), "cors"]) == "basic"
    assert handshake(hub, events, "ada", cookies) == 101
    page.close()


def handshake(hub: Hub, path: str, origin: str, cookies: dict[str, str]) -> int:
    """What Ada's server says when a page at the origin of `origin` connects with her cookies."""
    headers = {
        "Host": f"ada.{DOMAIN}:{hub.port}",
        "Origin": hub.url("", origin),
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    url = f"http://127.0.0.1:{hub.port}{path}"
    with requests.get(url, headers=headers, stream=True, timeout=60) as answer:
        return answer.status_code


def test_each_server_has_only_its_own_password_for_git(hosted: Hosted) -> None:
    for slug in ("ada", "eve"):
        hosted.seat(slug)
    kept = {
        slug: [
            file.relative_to(hosted.hub.home(slug)).as_posix()
            for file in hosted.hub.home(slug).rglob("git-credentials")
            if TOKEN in file.read_text() and file.stat().st_mode & 0o077 == 0
        ]
        for slug in ("ada", "eve")
    }
    assert kept == {"ada": [".config/workshop/git-credentials"], "eve": []}
    for process in processes_in(hosted.hub.folder):
        assert TOKEN not in "".join(process.environ().values()), process


def test_nothing_listens_for_other_machines(hosted: Hosted) -> None:
    for slug in ("ada", "eve"):
        hosted.seat(slug)
    processes = processes_in(hosted.hub.folder)
    listening = {
        (process.name(), connection.laddr.ip, connection.laddr.port)
        for process in processes
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    ports = {port for _, _, port in listening}
    for slug in ("ada", "eve"):
        assert set(vars(hosted.hub.ports[slug]).values()) <= ports
    assert hosted.hub.port in ports
    assert {ip for _, ip, _ in listening} <= LOOPBACK, listening


def test_whoever_left_the_roster_gets_no_server(hosted: Hosted) -> None:
    file = hosted.hub.folder / "workshop" / "trainees.json"
    text = file.read_text()
    page = hosted.seat("eve").new_page()
    file.write_text(text.replace('"eve"', '"other"'))
    try:
        assert hosted.hub.ask("DELETE", "/hub/api/users/eve/server").status_code in (202, 204)
        until(lambda: not hosted.hub.ask("GET", "/hub/api/users/eve").json()["servers"])
        answer = page.goto(hosted.hub.url("/hub/spawn"))
        assert answer
        assert answer.status == 403
        expect(page.get_by_text("eve is not one of this session's trainees.")).to_be_visible()
    finally:
        file.write_text(text)
        page.close()
