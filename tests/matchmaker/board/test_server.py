"""Who gets an answer from the board, and what it says."""

from collections.abc import Iterator

import pytest
import requests
from workshop.console.guard import RELOAD

from matchmaker.board.server import CONSOLE
from tests.matchmaker.board import made
from tests.matchmaker.board.site import TOKEN, Site, serving

PRIVATE = ("/", "/projector", "/api/board", "/api/room", "/api/people/0", "/nothing")
PUBLIC = (
    "/static/app.js",
    "/static/board.css",
    f"{CONSOLE}/html.js",
    f"{CONSOLE}/vendor/preact/preact.js",
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(made.Source(made.room(3))) as site:
        yield site


@pytest.fixture
def known(site: Site) -> requests.Session:
    """A browser that opened the link."""
    browser = requests.Session()
    assert browser.get(site.link, timeout=30).status_code == 200
    return browser


@pytest.mark.parametrize("path", PRIVATE)
@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=é"])
def test_without_the_token_there_is_no_answer(site: Site, path: str, token: str) -> None:
    answer = requests.get(f"{site.url}{path}{token}", timeout=30)
    assert answer.status_code == 403
    assert "Ada" not in answer.text
    assert "matchmaker board" in answer.text


@pytest.mark.parametrize("path", PUBLIC)
def test_files_are_open(site: Site, path: str) -> None:
    assert requests.get(f"{site.url}{path}", timeout=30).status_code == 200


@pytest.mark.parametrize("path", ["../server.py", "..%2fserver.py", "%2fetc/passwd", "none.js"])
def test_only_the_files_of_the_pages_are(site: Site, path: str) -> None:
    request = requests.Request("GET", site.url).prepare()
    request.url = f"{site.url}{CONSOLE}/{path}"
    assert requests.Session().send(request, timeout=30).status_code in (403, 404)


def test_the_link_leaves_no_token_behind(site: Site) -> None:
    answer = requests.get(f"{site.url}/projector?token={TOKEN}", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/projector")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    port = site.url.rpartition(":")[2]
    assert cookie.startswith(f"matchmaker-board-{port}={TOKEN};")  # another board keeps its own


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_other_sites_get_nothing(
    site: Site, known: requests.Session, headers: dict[str, str]
) -> None:
    for path in ("/api/board", "/api/people/0", "/static/app.js"):
        answer = known.get(site.url + path, headers=headers, timeout=30)
        assert answer.status_code == 403, path
        assert "Ada" not in answer.text
    # `requests` sends no cookie to another host, so this is the token's link as well.
    answer = requests.get(site.link, headers=headers, allow_redirects=False, timeout=30)
    assert answer.status_code == 403


def test_nothing_can_be_sent(site: Site, known: requests.Session) -> None:
    for origin, code in ((site.url, 405), ("http://evil.example", 403)):
        answer = known.post(f"{site.url}/api/board", headers={"Origin": origin}, timeout=30)
        assert answer.status_code == code


def test_the_same_is_not_sent_twice(site: Site, known: requests.Session) -> None:
    for path in ("/api/board", "/api/room"):
        first = known.get(site.url + path, timeout=30)
        mark = first.headers["ETag"]
        again = known.get(site.url + path, headers={"If-None-Match": mark}, timeout=30)
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert again.headers["Board-Age"].isdigit()
        assert first.headers["Cache-Control"] == "no-store"  # no names in a browser's files
        other = known.get(site.url + path, headers={"If-None-Match": '"other"'}, timeout=30)
        assert other.status_code == 200


def test_only_trainees_have_details(site: Site, known: requests.Session) -> None:
    assert known.get(f"{site.url}/api/people/2", timeout=30).json()["number"] == 2
    for number in ("3", "-1", "x", "99999999999999999999"):
        answer = known.get(f"{site.url}/api/people/{number}", timeout=30)
        assert answer.status_code == 404
        assert answer.json()["error"]


def test_a_page_that_does_not_exist_leads_to_the_board(site: Site, known: requests.Session) -> None:
    answer = known.get(f"{site.url}/<b>", timeout=30)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_pages_run_only_their_own_files(site: Site, known: requests.Session) -> None:
    for path in ("/", "/projector", "/nothing"):
        answer = known.get(site.url + path, timeout=30)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<style" not in answer.text
        others = answer.text.replace(f"<script>{RELOAD}</script>", "")
        assert others.count("<script") == others.count("<script type=")
