"""A test that needs a second try may have one only where a reason is known, and is named."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

FLAKY = """
import pytest

tried = set()

def at_second_try(name):
    if name not in tried:
        tried.add(name)
        pytest.fail("too early")

@pytest.fixture
def browser():
    pass

def test_in_a_browser(browser):
    at_second_try("browser")

@pytest.mark.flaky(reruns=0)
def test_a_story(browser):
    at_second_try("story")

def test_elsewhere():
    at_second_try("elsewhere")
"""


def test_only_a_browser_gets_a_second_try_and_the_last_lines_say_so(tmp_path: Path) -> None:
    (tmp_path / "test_flaky.py").write_text(FLAKY)
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_collection_modifyitems, pytest_terminal_summary\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:ddtrace", tmp_path],
        cwd=tmp_path,
        env={
            **{name: text for name, text in os.environ.items() if "PYTEST" not in name},
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        text=True,
    )
    *_, line, totals = done.stdout.splitlines()
    assert line == "Needed a second try (1): test_flaky.py::test_in_a_browser"
    for count in ("2 failed", "1 passed", "1 rerun"):
        assert count in totals
