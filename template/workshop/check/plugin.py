"""The pytest plugin that records the result of each test in a check, one JSON object per line.

A test's docstring is the text of its requirement. The test's parameters replace the braces in it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from workshop.check.requirement import Unjudged, Unmet
from workshop.problem import Problem

# The checks leave no bytecode in their folder. Pytest itself is compiled once, and imported before.
sys.dont_write_bytecode = True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the file to write to."""
    parser.addoption("--requirements", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark that a check may give to a requirement."""
    config.addinivalue_line("markers", "bonus: the step is done without it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a line when a test has run, or could not run."""
    report = yield
    if call.when == "teardown" or (call.when == "setup" and not call.excinfo):
        return report
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Problem):
        _write(item, problem=[error.what, error.remedy])
        item.session.shouldstop = error.what
        return report
    # What a test reports with `record_property("seen", …)` is also shown if it passes.
    said = {name: str(value) for name, value in item.user_properties if name == "seen"}
    outcome = "open" if isinstance(error, Unjudged) else "fail" if error else "pass"
    _write(item, outcome=outcome, **said | _words(error))
    return report


def _write(item: pytest.Function, **found: object) -> None:
    callspec = getattr(item, "callspec", None)
    words = (item.function.__doc__ or item.name).partition("\n")[0]
    line = {
        "check": item.path.name,
        "name": words.format(**callspec.params) if callspec else words,
        "is_bonus": item.get_closest_marker("bonus") is not None,
        **found,
    }
    with item.config.getoption("--requirements").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _words(error: BaseException | None) -> dict[str, str]:
    match error:
        case None | Unjudged():
            return {}
        case Unmet(expected=expected, seen=seen, hint=hint):
            return {"expected": expected, "seen": seen, "hint": hint}
    return {
        "expected": "a check that runs to the end",
        "seen": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
        "hint": "That may be a mistake in the check: `workshop check -v` shows where it stopped.",
    }
