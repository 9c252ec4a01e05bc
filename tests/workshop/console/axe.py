"""What axe, a checker of accessibility, says about a page: https://github.com/dequelabs/axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def found(page: Page, view: str) -> None:
    """Fail for what axe finds on a page, however small it is."""
    violations = Axe().run(page).response["violations"]
    assert [
        f"{view}: {one['id']} ({one['impact']}): {one['help']}: "
        f"{[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in violations
    ] == []
