"""Which tests may fail once, and what the end of a run says about those that did.

All others pass at once, or their cause is to be found. Those in containers have theirs in
tests/across/docker/conftest.py.
"""

from collections.abc import Iterable

import pytest

from tests.watched import CHANGED, WATCHED


def allow(items: Iterable[pytest.Item]) -> None:
    """Let a test in a browser fail once if the network changed meanwhile.

    Other tests start containers at the same time, so addresses of this machine come and go. Then
    Chromium gives up all its requests. Our pages ask again for what they can, but a test that opens
    a page or presses a button can't know whether it was heard.
    """
    for item in items:
        in_browser = "browser" in getattr(item, "fixturenames", ())
        if in_browser and not item.get_closest_marker("flaky"):
            item.add_marker(pytest.mark.flaky(reruns=1, condition=_has_network_changed))


def _has_network_changed(error: BaseException | None) -> bool:
    return WATCHED.has_changed or CHANGED in str(error)


def needed(reports: Iterable[pytest.TestReport]) -> str:
    """One line about the tests that needed a second try, from their first; empty without any."""
    names = sorted({report.nodeid for report in reports})
    return f"Needed a second try ({len(names)}): {', '.join(names)}" if names else ""
