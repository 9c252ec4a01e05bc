"""What a machine lacks is said at the end of the tests, in one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs
from tests.conftest import REPOSITORY


def test_each_missing_thing_is_named_once_with_what_was_not_tested() -> None:
    reasons = [needs.reason("tmux"), *(f"Skipped: {needs.reason('Chromium')}" for _ in range(3))]
    assert needs.missing([*reasons, "Skipped: it rains"]) == (
        "Missing here, and so not tested: Chromium (3 tests: the pages in a browser), "
        "tmux (1 test: the workshop in a terminal), it rains (1 test)."
    )


def test_nothing_missing_is_not_worth_a_line() -> None:
    assert needs.missing([]) == ""


def test_the_line_is_the_last_before_the_totals(tmp_path: Path) -> None:
    """Of a run without Docker, tmux and PostgreSQL, as most machines are."""
    for tool in ("git", "sh"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    variables = {k: v for k, v in os.environ.items() if k != "CI" and "PYTEST" not in k}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "tests/template/test_compose.py"],
        cwd=REPOSITORY,
        env={**variables, "PATH": str(tmp_path), "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *_, line, totals = done.stdout.splitlines()
    expected = r"Missing here, and so not tested: Docker Compose \((\d+) tests: .+\)\."
    found = re.fullmatch(expected, line)
    assert found, done.stdout
    assert f"{found[1]} skipped" in totals


def test_what_ci_installs_is_an_error_there(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (REPOSITORY / ".ci" / "install").read_text()
    monkeypatch.setenv("CI", "true")
    for what in needs.INSTALLED_BY_CI:
        assert what.lower() in script
        with pytest.raises(pytest.fail.Exception, match="CI has to install it"):
            needs.skip_without(what)
    with pytest.raises(pytest.skip.Exception, match="Docker is missing"):
        needs.skip_without("Docker")


def test_every_skip_of_the_tests_says_what_is_missing() -> None:
    """A bare `pytest.skip` would say something else each time."""
    files = [
        path for path in (REPOSITORY / "tests").rglob("*.py") if path.name != Path(__file__).name
    ]
    found = {
        path.name: count
        for path in files
        if (count := len(re.findall(r"pytest\.(skip\(|mark\.skip|importorskip)", path.read_text())))
    }
    assert found == {"needs.py": 2}
