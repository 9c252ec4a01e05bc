"""A page whose files got lost on the way, as when Docker changes the network."""

from playwright.sync_api import Page, Route, expect

from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Site
from tests.workshop.console.spans import pairing

expect.set_options(timeout=MILLISECONDS)


class Once:
    """Loses each address once."""

    def __init__(self) -> None:
        self.lost: list[str] = []

    def __call__(self, route: Route) -> None:
        """Lose a request, or let it go on."""
        if route.request.url not in self.lost:
            self.lost.append(route.request.url)
            route.abort("failed")
        else:
            route.continue_()


def test_a_page_without_all_its_files_loads_again(site: Site, page: Page) -> None:
    once = Once()
    page.route("**/static/format.js", once)  # a module that another one imports
    page.route("**/static/list.css", once)
    page.goto(f"{site.url}/traces")
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    assert len(once.lost) == 2


def test_what_loads_it_again_cannot_get_lost(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/traces")
    page.get_by_role("heading", name="Traces", exact=True).wait_for()
    assert page.locator("script:not([src], [type])").count() == 1
    assert page.locator("script[src]:not([type=module])").count() == 0


def test_a_page_whose_files_never_come_gives_up_and_says_so(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("format.js") else None)
    page.route("**/static/format.js", lambda route: route.abort("failed"))
    page.goto(f"{site.url}/traces")
    expect(page.get_by_role("alert")).to_contain_text("Reload the page")
    assert len(asked) == 5  # the first time, and four more


def test_what_a_view_asks_for_later_is_asked_for_twice(site: Site, page: Page) -> None:
    site.agent.take(pairing(1))
    once = Once()
    page.route("**/static/maplayout.js", once)
    page.route("**/api/map?*", once)
    page.goto(f"{site.url}/map")
    expect(page.locator("main svg a").first).to_be_visible()
    assert len(once.lost) == 2
