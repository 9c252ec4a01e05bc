"""The console of a workshop that runs: everything from `workshop up` to the page."""

import os
import re
import signal
from collections.abc import Callable

import psutil
from playwright.sync_api import Page, expect

from tests.console.conftest import MILLISECONDS
from tests.workshop.conftest import Workshop, wait_for

expect.set_options(timeout=2 * MILLISECONDS)


def test_the_way_of_a_trainee(workshop: Workshop, new_page: Callable[..., Page]) -> None:
    """A request and its trace, a failed check, a hint, the edit, and a check that passes."""
    assert workshop.run("up", "--detach").returncode == 0
    url = f"http://localhost:{workshop.settings.ports.console}"
    assert url in workshop.run("up").stdout
    page = new_page(viewport={"width": 1280, "height": 900})

    # Send a request, and see its trace across both services.
    page.goto(f"{url}/try")
    page.get_by_role("button", name="Find its donut").click()
    expect(page.locator(".results")).to_contain_text("boston-cream")
    page.get_by_role("link", name=re.compile("See its trace")).click()
    expect(page.get_by_text("taster asked 4 times, one after the other")).to_be_visible()
    grid = page.get_by_role("treegrid")
    for service in ("matchmaker", "taster", "redis", "sqlite"):
        expect(grid).to_contain_text(service)
    expect(page.get_by_label("Log lines")).to_contain_text("GET /pair/beer?name=ipa")
    expect(page.get_by_label("Log lines")).to_contain_text("GET /taste?beer=ipa")
    trace = page.url.rpartition("/")[2]
    assert "4 times GET /taste" in workshop.run("traces", "--id", trace).stdout

    # The step is not done; a hint; the solution, as the terminal shows it; and then it is.
    page.goto(f"{url}/steps")
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_text("This step is not done yet.")).to_be_visible()
    expect(page.locator(".requirements .fail").first).to_contain_text("expected")
    expect(page.locator(".steps .done")).to_have_count(0)
    tag = 'tracer.current_span().set_tag("beer", name)'
    root = 'tracer.current_root_span().set_tag("beer", name)'
    cause = 'cause = getattr(error, "original_exception", None)'
    note = "tracer.current_root_span().set_exc_info(type(cause), cause, cause.__traceback__)"
    ask = '    name = request.args.get("name", "")\n'
    answer = "    return jsonify(error=error.description), error.code\n"
    workshop.edit("app.py", ask, f"{ask}    {tag}\n    {root}\n")
    workshop.edit(
        "app.py", answer, f"    {cause}\n    if cause is not None:\n        {note}\n{answer}"
    )
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_text("This step is done.")).to_be_visible()
    expect(page.locator(".steps .done")).to_have_count(1)
    assert "Done, as `workshop check` has found: 8" in workshop.run("status").stdout

    # Errors on purpose: to .env, to the service, to the list.
    page.goto(f"{url}/try")
    page.get_by_role("button", name="100%").click()
    wait_for(lambda: "ERROR_RATE=1" in (workshop.root / ".env").read_text())
    wait_for(lambda: told(workshop, "ERROR_RATE") == "1", "web to be restarted")
    page.get_by_role("button", name="Find its donut").click()
    expect(page.locator(".results")).to_contain_text("500")
    page.goto(f"{url}/traces?error=1")
    expect(page.locator("tbody tr").first).to_contain_text("ValueError: Oh man")

    # Load: on, traces come in, off.
    page.goto(f"{url}/try")
    page.get_by_role("button", name="5/s").click()
    expect(page.get_by_role("button", name="5/s")).to_have_attribute("aria-pressed", "true")
    generators = [p for p in children(workshop) if "traffic" in p.cmdline()]
    assert len(generators) == 1
    page.get_by_role("button", name="Off").click()
    expect(page.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    wait_for(lambda: not generators[0].is_running(), "the end of the load")

    # The console comes back by itself, and the page with it.
    pid = workshop.pids()["console"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    expect(page.get_by_text("The console has gone away")).to_be_visible()
    expect(page.get_by_text("The console has gone away")).to_be_hidden()
    assert workshop.run("down").returncode == 0


def told(workshop: Workshop, variable: str) -> str | None:
    """What `web` has in its environment, once it is ready."""
    pid = workshop.pids()["web"]
    try:
        return psutil.Process(pid).environ().get(variable) if pid else None
    except psutil.Error:
        return None


def children(workshop: Workshop) -> list[psutil.Process]:
    """The processes that the console has started."""
    return psutil.Process(workshop.pids()["console"]).children(recursive=True)
