"""What axe, a checker of accessibility, says about a page: https://github.com/dequelabs/axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

VIOLATIONS = """
async () => (await axe.run({ resultTypes: ["violations"] })).violations.map(
    ({ id, impact, help, nodes }) => [
        id, impact, help, nodes.slice(0, 3).map((node) => node.html.slice(0, 120))
    ]
)
"""


def found(page: Page, view: str) -> None:
    """Fail for what axe finds on a page, however small it is."""
    if not page.evaluate("() => 'axe' in window"):  # it stays until the page is left
        page.evaluate(Axe().axe_script)
    assert [
        f"{view}: {name} ({impact}): {says}: {elements}"
        for name, impact, says, elements in page.evaluate(VIOLATIONS)
    ] == []
