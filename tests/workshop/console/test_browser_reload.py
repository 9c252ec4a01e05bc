"""A page whose files got lost on the way, as when Docker changes the network."""

from playwright.sync_api import Page, Route, expect

from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site

expect.set_options(timeout=MILLISECONDS)


def test_a_page_without_all_its_files_loads_again(site: Site, page: Page) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        """Lose a module that another one imports, and a style, once each."""
        if route.request.url not in lost:
            lost.append(route.request.url)
            route.abort("failed")
        else:
            route.continue_()

    page.route("**/static/format.js", lose)
    page.route("**/static/list.css", lose)
    page.goto(f"{site.url}/traces")
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    assert len(lost) == 2


def test_a_page_whose_files_never_come_gives_up(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("format.js") else None)
    page.route("**/static/format.js", lambda route: route.abort("failed"))
    page.goto(f"{site.url}/traces")
    page.wait_for_timeout(4000)
    assert len(asked) == 4  # the first time, and three more
