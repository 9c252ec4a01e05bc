"""A test that needs a second try may have one only where a reason is known, and is named."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

FLAKY = """
import pytest
from tests.watched import WATCHED

tried = set()

def at_second_try(name, why="too early"):
    if name not in tried:
        tried.add(name)
        pytest.fail(why)

def test_to_open_a_page(browser):
    at_second_try("open", "Page.goto: net::ERR_NETWORK_CHANGED at http://localhost/")

def test_a_part_of_a_page(browser):
    WATCHED.has_changed = "part" not in tried
    at_second_try("part")

def test_in_a_browser(browser):
    at_second_try("browser")

@pytest.mark.flaky(reruns=0)
def test_a_story(browser):
    at_second_try("story", "net::ERR_NETWORK_CHANGED")

def test_elsewhere():
    at_second_try("elsewhere", "net::ERR_NETWORK_CHANGED")

def test_told(browser):
    page = browser.new_page()
    page.route("**/lost", lambda route: route.abort("connectionreset"))
    page.route("**/late", lambda route: None)
    page.set_content("<h1>What it shows</h1>")
    with page.expect_event("requestfailed"):
        page.evaluate("console.warn('What it says'); for (const one of ['lost', 'late']) "
            "fetch(`http://localhost:9/${one}`).catch(() => setTimeout(() => wrong())); 0")
    pytest.fail("as asked")

def test_told_nothing(browser):
    pytest.fail("as asked")
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of them says."""
    folder = tmp_path_factory.mktemp("flaky")
    (folder / "test_flaky.py").write_text(FLAKY)
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:ddtrace", "--tb=short", folder],
        cwd=folder,
        env={
            **{name: text for name, text in os.environ.items() if "PYTEST" not in name},
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_only_a_browser_whose_network_changed_gets_a_second_try_and_is_named(told: str) -> None:
    *_, line, totals = told.splitlines()
    names = [f"test_flaky.py::{name}" for name in ("test_a_part_of_a_page", "test_to_open_a_page")]
    assert line == f"Needed a second try (2): {', '.join(names)}"
    for count in ("5 failed", "2 passed", "2 rerun"):
        assert count in totals


def test_a_failure_says_what_the_pages_did(told: str) -> None:
    _, _, about = told.partition("_ test_told _")
    about, _, about_next = about.partition("_ test_told_nothing _")
    for text in (
        "What it shows",
        "console warning: What it says",
        "lost: GET http://localhost:9/lost: net::ERR_CONNECTION_RESET",
        "still wait for -",
        "http://localhost:9/late",
        "error: wrong is not defined",
    ):
        assert text in about
    assert "What it says" not in about_next
