"""The console behind a proxy: one more name, any path, and nobody else."""

import itertools
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from workshop import outside, settings
from workshop.console.server import create_app
from workshop.problem import Problem
from workshop.stack import console_token

from tests.conftest import Render
from tests.workshop.conftest import free_port
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.proxy import Proxy, proxied
from tests.workshop.console.site import Agent, over_nothing, serving
from tests.workshop.console.spans import pairing

expect.set_options(timeout=MILLISECONDS)

TOKEN = "0123456789abcdef" * 3
PREFIX = "/user/zo%C3%AB/proxy/8000"
PORT = 8000
LOCAL = f"http://localhost:{PORT}"
SPACE = "https://octocat-8000.app.github.dev"


# A browser that looks at everything below the path of a proxy


@pytest.mark.parametrize(
    ("keeps_prefix", "keeps_host"),
    [
        # As jupyter-server-proxy does. tests/across/test_hub.py has a real one.
        pytest.param(False, True, marks=pytest.mark.thorough),
        pytest.param(True, True, marks=pytest.mark.thorough),  # its /proxy/absolute
        (True, False),
        pytest.param(False, False, marks=pytest.mark.thorough),
    ],
)
def test_everything_is_below_the_path_of_the_proxy(
    rendered: Path, tmp_path: Path, agent: Agent, page: Page, keeps_prefix: bool, keeps_host: bool
) -> None:
    port, console = free_port(), free_port()
    proxy = Proxy(port, PREFIX, f"http://localhost:{console}", keeps_prefix, keeps_host)
    with (
        serving(rendered, tmp_path, agent, token=TOKEN, port=console, origin=proxy.url) as site,
        proxied(proxy),
    ):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        site.agent.take(pairing(1), pairing(2))
        # A person who has no token yet, and then pastes it.
        page.goto(f"{proxy.url}/steps/3")
        page.get_by_label("Open that link").fill(TOKEN)
        page.get_by_role("button", name="Open the console").click()
        page.wait_for_url(f"{proxy.url}/")
        (cookie,) = page.context.cookies()
        assert (cookie["path"], cookie["httpOnly"]) == (PREFIX, True)
        refused, proxy.seen = proxy.seen, []
        assert {path for path, status in refused if status == 403} == {f"{PREFIX}/steps/3"}

        walk(page, proxy)
        missing = {path for path, status in proxy.seen if status in (403, 404)}
        assert missing == {
            f"{PREFIX}/steps/{name}.svg" for name in ("cost", "pairing")
        }  # not drawn
        assert [url for url in asked if not url.startswith(f"{proxy.url}/")] == []
        # What another person behind the same proxy would get.
        page.goto(f"http://localhost:{port}/user/mallory/proxy/8000/")
        assert ("/user/mallory/proxy/8000/", 404) in proxy.seen
        assert page.evaluate("document.cookie") == ""
        assert page.context.cookies(f"http://localhost:{port}/user/mallory/") == []


def walk(page: Page, proxy: Proxy) -> None:
    """Look at each page, after a link and after a reload, and press some of the buttons."""
    trace = page.locator("main").get_by_role("link", name="GET /pair/beer").first
    trace.click()
    page.wait_for_url(f"{proxy.url}/traces/*")
    expect(page.get_by_role("tree").or_(page.get_by_role("treegrid")).first).to_be_visible()
    below(page, proxy)
    for name, path in (
        ("Traces", "/traces"),
        ("Latency", "/latency"),
        ("Map", "/map"),
        ("Steps", "/steps"),
        ("Try it", "/try"),
    ):
        page.locator("header").get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"{proxy.url}{path}*")
        expect(page.locator("header [aria-current=page]")).to_have_text(name)
        below(page, proxy)
        page.reload()
        below(page, proxy)
    page.goto(f"{proxy.url}/steps/1")
    for number in range(2, 10):
        page.locator("nav.turn a.next").click()
        page.wait_for_url(f"{proxy.url}/steps/{number}")
        expect(page.locator(".prose").first).to_be_visible()
        below(page, proxy)
    page.get_by_role("article").get_by_role("link", name="At work").click()  # in the text
    page.wait_for_url(f"{proxy.url}/steps/at-work")
    below(page, proxy)
    page.reload()
    page.go_back()
    page.wait_for_url(f"{proxy.url}/steps/9")
    page.get_by_role("link", name="What you built →").click()
    page.wait_for_url(f"{proxy.url}/finish")
    below(page, proxy)
    page.locator("header").get_by_role("link", name="Steps", exact=True).click()
    page.wait_for_url(f"{proxy.url}/steps")
    with page.expect_response(f"{proxy.url}/api/hint") as given:  # it changes something
        page.evaluate("import('./static/api.js').then(({ask}) => ask('/api/hint', {}))")
    assert given.value.status == 200
    page.goto(f"{proxy.url}/compare")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    below(page, proxy)
    with page.expect_download() as saved:
        page.goto(f"{proxy.url}/traces")
        trace.click()
        page.get_by_text("Download").click()
        page.locator(".download a").first.click()
    assert saved.value.url.startswith(f"{proxy.url}/api/traces/")


def below(page: Page, proxy: Proxy) -> None:
    """Hold the links of a page to stay below the path."""
    page.wait_for_function("document.querySelector('main').textContent.trim() !== ''")
    links = page.evaluate("""() => Array.from(document.querySelectorAll("a[href], form")).map(
        one => new URL(one.getAttribute("href") ?? one.getAttribute("action"), location).href
    )""")
    strays = [
        link
        for link in links
        if link.startswith(f"http://localhost:{proxy.port}")
        and not link.startswith(f"{proxy.url}/")
    ]
    assert links
    assert strays == []
    assert not any(f":{proxy.target.rpartition(':')[2]}/" in link for link in links)


# Who is answered


@pytest.fixture(scope="module")
def root(render: Render) -> Path:
    """A workshop that has just done the tracing."""
    return render(step=8)


def console(root: Path, folder: Path, origin: str, **more: bool) -> FlaskClient:
    """Asks a console over nothing that runs."""
    return create_app(over_nothing(root, folder, PORT, origin=origin, **more)).test_client()


HUB = f"https://hub.example.com{PREFIX}"
STRANGERS = [
    "https://evil.example",
    "https://hub.example.com.evil.example",
    "https://hub.example.com:444",
    "http://hub.example.com",
    "https://other.hub.example.com",
    "http://localhost:9000",
    "http://localhost",
    "https://localhost:8000",
    "http://[::1]:8000",
    "http://0.0.0.0:8000",
    "https://octocat-9000.app.github.dev",
    "https://mallory-8000.app.github.dev",
    "null",
    "",
]


@pytest.mark.parametrize(
    ("origin", "hosts", "origins"),
    [
        ("", [], []),
        (SPACE, ["octocat-8000.app.github.dev"], [SPACE]),
        (HUB, ["hub.example.com", "HUB.example.com", "hub.example.com:443"], [HUB[:-25]]),
        ("http://localhost:9000", ["localhost:9000"], ["http://localhost:9000"]),
        ("http://hub.lan", ["hub.lan", "hub.lan:80"], ["http://hub.lan"]),
    ],
)
def test_the_console_answers_to_one_more_name_and_to_nobody_else(
    root: Path, tmp_path: Path, origin: str, hosts: list[str], origins: list[str]
) -> None:
    client = console(root, tmp_path, origin)
    hosts = [f"localhost:{PORT}", f"127.0.0.1:{PORT}", *hosts]
    origins = [LOCAL, f"http://127.0.0.1:{PORT}", *origins]
    for host, source in itertools.product(hosts, origins):
        headers = {"Host": host, "Origin": source}
        assert client.post("/api/hint", headers=headers, json={}).status_code == 200, headers
    for stranger in STRANGERS:
        name = stranger.partition("://")[2]
        if name not in hosts and name:
            for path in ("/", "/ping", "/api/steps", "/static/app.js"):
                assert client.get(path, headers={"Host": name}).status_code == 403, name
            headers = {"Host": name, "Origin": stranger}
            assert client.post("/api/hint", headers=headers, json={}).status_code == 403
        if stranger not in origins:
            for host in hosts:
                headers = {"Host": host, "Origin": stranger} if stranger else {"Host": host}
                answer = client.post("/api/hint", headers=headers, json={})
                assert answer.status_code == 403, headers
    for host in hosts:  # a page of another site, as browsers tell it
        headers = {"Host": host, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}
        assert client.get("/api/steps", headers=headers).status_code == 403
        # What a client says about a proxy gives it no name.
        told = {"Host": "evil.example", "X-Forwarded-Host": host, "Forwarded": f"host={host}"}
        assert client.get("/", headers=told).status_code == 403


def test_in_a_dev_container_the_editor_forwards_to_any_port(root: Path, tmp_path: Path) -> None:
    client = console(root, tmp_path, "", any_local_port=True)
    for host in ("localhost:9000", "127.0.0.1:8001", "localhost"):
        own = {"Host": host, "Origin": f"http://{host}"}
        assert client.post("/api/hint", headers=own, json={}).status_code == 200
        for stranger in ("http://localhost:5000", "https://evil.example", f"https://{host}"):
            other = {"Host": host, "Origin": stranger}
            assert client.post("/api/hint", headers=other, json={}).status_code == 403, other
    for host in ("evil.example", "localhost.evil.example:9000", "localhost:9000.evil", "[::1]:9"):
        assert client.get("/", headers={"Host": host}).status_code == 403, host


def test_a_page_knows_where_the_first_one_is(root: Path, tmp_path: Path) -> None:
    client = console(root, tmp_path, HUB)
    headers = {"Host": "hub.example.com", "Accept": "text/html"}
    for path, expected in (
        ("/", "./"),
        ("/traces", "./"),
        ("/traces/1", "../"),
        ("/a/b/c", "../../"),
        ("/a\\b", "../"),  # which browsers read as a slash
    ):
        for prefix in ("", PREFIX):  # whether or not the proxy removes it
            page = client.get(prefix + path, headers=headers).get_data(as_text=True)
            assert f'href="{expected}static/console.css"' in page, path
    answer = client.get(f"{PREFIX}?q=1", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "./8000/")
    assert client.get("/user/mallory/proxy/8000/", headers=headers).status_code == 404
    # Even that redirect is not for others, who would learn from it whose console this is.
    assert client.get(PREFIX, headers={"Host": "evil.example"}).status_code == 403


def test_behind_https_the_cookie_is_for_https(root: Path, tmp_path: Path) -> None:
    context = over_nothing(root, tmp_path, PORT, origin=HUB)
    object.__setattr__(context, "token", TOKEN)
    client = create_app(context).test_client(use_cookies=False)

    def cookie(**headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(f"/?token={TOKEN}", headers=named).headers["Set-Cookie"]

    assert "; Secure" in cookie(Host="hub.example.com")
    assert "; Secure" in cookie(Host="hub.example.com:443")
    assert "; Secure" in cookie(Host=f"localhost:{PORT}", X_Forwarded_Proto="https")
    assert "; Secure" in cookie(Host=f"localhost:{PORT}", X_Forwarded_Proto="https,http")
    assert "; Secure" not in cookie(Host=f"localhost:{PORT}", X_Forwarded_Proto="http, https")
    assert "; Secure" not in cookie(Host=f"localhost:{PORT}")


# Where the browser is


def test_links_lead_to_where_the_browser_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def now(**variables: str) -> settings.Settings:
        for name in (outside.ORIGIN, *outside.PLATFORMS):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return settings.load(root)

    here = now()
    console, web = here.ports.console, here.ports.web
    assert here.address("console") == f"http://localhost:{console}"
    assert console_token.link(here) == f"http://localhost:{console}"
    space = now(CODESPACES="true", CODESPACE_NAME="octocat-x4")
    assert space.address("console") == f"https://octocat-x4-{console}.app.github.dev"
    assert space.address("web") == f"https://octocat-x4-{web}.app.github.dev"
    other = now(CODESPACE_NAME="o", GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN="preview.example")
    assert other.address("web") == f"https://o-{web}.preview.example"
    coder = now(VSCODE_PROXY_URI="https://{{port}}--main--ws--zoe.apps.example.com")
    assert coder.address("web") == f"https://{web}--main--ws--zoe.apps.example.com"
    for odd in (
        "./proxy/{{port}}",
        "https://{{port}}.{{host}}",
        "https://x.example",
        "ftp://{{port}}",
    ):
        assert now(VSCODE_PROXY_URI=odd).address("web") == f"http://localhost:{web}", odd
    hub = now(JUPYTERHUB_PUBLIC_URL="https://zoe.hub.example.com/user/zoe/")
    assert hub.address("console") == f"https://zoe.hub.example.com/user/zoe/proxy/{console}"
    assert console_token.link(hub) == f"{hub.address('console')}/"
    told = now(CODESPACE_NAME="octocat-x4", CONSOLE_ORIGIN="HTTPS://Hub.example.com:443/user/zoë/")
    assert told.address("console") == "https://hub.example.com/user/zo%C3%AB"
    assert told.address("web") == space.address("web")
    monkeypatch.delenv(outside.ORIGIN)
    (root / ".env").write_text("CONSOLE_ORIGIN=http://localhost:9000/\n", encoding="utf-8")
    assert settings.load(root).address("console") == "http://localhost:9000"
    (root / ".env").unlink()


@pytest.mark.parametrize(
    "text",
    [
        "hub.example.com",
        "https://",
        "ftp://hub.example.com",
        "https://*.example.com",
        "https://zoe:secret@hub.example.com",
        "https://hub.example.com/?token=1",
        "https://hub.example.com/#x",
        "https://hub.example.com/a//b",
        "https://hub.example.com/../x",
        "https://hub.example.com/%2e%2E/x",
        "https://hub.example.com:0",
        "https://hub.example.com:port",
        "https://hub example.com",
        "https://hub.example.com\\evil",
        "javascript:alert(1)",
        "null",
    ],
)
def test_a_wrong_origin_is_explained(
    root: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(outside.ORIGIN, text)
    with pytest.raises(Problem, match=r"CONSOLE_ORIGIN is .* not the address of a page") as raised:
        settings.load(root)
    assert "https://hub.example.com/user/zoe/proxy/8000/" in raised.value.remedy
