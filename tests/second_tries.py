"""Which tests may fail once, and what the end of a run says about those that did.

All others pass at once, or their cause is to be found. Those in containers have theirs in
tests/across/docker/conftest.py.
"""

from collections.abc import Iterable

import pytest


def allow(items: Iterable[pytest.Item]) -> None:
    """Mark the tests in a browser.

    It draws, and tells its own driver, when it gets a processor. It has time limits that these
    tests can't set, such as for its start.
    """
    for item in items:
        in_browser = "browser" in getattr(item, "fixturenames", ())
        if in_browser and not item.get_closest_marker("flaky"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def needed(reports: Iterable[pytest.TestReport]) -> str:
    """One line about the tests that needed a second try, from their first; empty without any."""
    names = sorted({report.nodeid for report in reports})
    return f"Needed a second try ({len(names)}): {', '.join(names)}" if names else ""
