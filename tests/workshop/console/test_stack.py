"""The console of a workshop that runs: everything from `workshop up` to the page."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import copier
import psutil
import pytest
from playwright.sync_api import Page, expect
from workshop import settings
from workshop.check import quiz

from extensions.steps import STEPS, Step
from tests.stack import until
from tests.template.test_pages import free_offset
from tests.workshop.conftest import Workshop
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.moving.conftest import blocks, step_of

expect.set_options(timeout=2 * MILLISECONDS)


@pytest.fixture
def trainee(template: Path, tmp_path: Path) -> Iterator[Workshop]:
    """The workshop of somebody who begins."""
    root = tmp_path / "workshop"
    answers = {"trainee_name": "Zoë", "port_offset": free_offset()}
    copier.run_copy(str(template), root, data=answers, defaults=True, unsafe=True, quiet=True)
    yield Workshop(root)
    if Workshop(root).state:
        Workshop(root).run("down")


@pytest.mark.first
@pytest.mark.thorough
def test_the_way_of_a_trainee(trainee: Workshop, new_page: Callable[..., Page]) -> None:
    """All nine steps: change the code, run the check, see what came of it, go on."""
    assert trainee.run("up", "--detach").returncode == 0
    url = f"http://localhost:{trainee.settings.ports.console}"
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{url}/steps")
    for step in STEPS:
        assert step_of(trainee.root) == step.number
        do_step(trainee, page, step)
        look_at_what_came_of_it(trainee, page, step, url)
        page.goto(f"{url}/steps/{step.number}")
        if step is not STEPS[-1]:
            page.get_by_role("button", name=f"Continue with step {step.number + 1}").click()
            expect(page.locator(".moved")).to_contain_text(f"You are at step {step.number + 1}:")
    assert page.get_by_role("button", name="Continue with").count() == 0
    expect(page.locator(".steps .done")).to_have_count(len(STEPS))
    done = ", ".join(str(step.number) for step in STEPS)
    assert f"Done, according to `workshop check`: {done}" in trainee.run("status").stdout

    page.goto(f"{url}/latency")
    page.get_by_role("button", name="1 hour").click()
    expect(page.locator(".card")).to_contain_text(re.compile("Marked: .*step-2.*step-9"))
    page.get_by_role("button", name="GET /pair/beer", exact=True).click()
    for place in ("In web", "From outside"):
        page.get_by_role("button", name=place, exact=True).click()
        expect(page.get_by_role("img", name="GET /pair/beer")).to_be_visible()
    end_the_console(trainee, page)


def do_step(trainee: Workshop, page: Page, step: Step) -> None:
    """Do one step, with what its page says, and nothing but a page open."""
    expect(page.get_by_role("heading", name=step.title, exact=True)).to_be_visible()
    check = page.get_by_role("button", name="Run the check")
    if step.key in ("time_a_route", "span_metadata"):  # each check's red is tested by its law
        check.click()
        expect(page.get_by_text("This step isn't done yet.")).to_be_visible()
        expect(page.locator(".requirements .fail").first).to_contain_text("expected")
        expect(page.get_by_role("button", name="Continue with")).to_have_count(0)
    for kind, text in blocks((trainee.root / step.page).read_text()):
        if kind == "diff":
            with restarted(trainee):
                subprocess.run(
                    ["git", "apply"], cwd=trainee.root, input=text, text=True, check=True
                )
    if step.key == "explore":
        page.get_by_label("Your guess").fill("100")
    if step.key == "step_back":
        trainee.run("cost", "--rounds", "2", "--requests", "20", "--guess", "10")
    for question in quiz.questions(settings.load(trainee.root), step):
        group = page.get_by_role("group", name=question.text.replace("`", ""))
        group.get_by_label(question.right.text.replace("`", "")).check()
    check.click()
    expect(page.get_by_text("This step is done.", exact=True)).to_be_visible()
    expect(page.locator(".steps .done")).to_have_count(step.number)


def look_at_what_came_of_it(trainee: Workshop, page: Page, step: Step, url: str) -> None:
    """See in the console what the step has brought."""
    match step.key:
        case "explore":
            send(page, url)
            results = page.locator(".results")
            expect(results).to_contain_text(
                "It has no trace. You don't trace the code until step 6."
            )
            expect(results).not_to_contain_text("by hand")
            page.goto(f"{url}/latency")
            expect(page.get_by_text("Measured from outside, by the sender")).to_be_visible()
            expect(page.get_by_role("img", name="GET /pair/beer, from outside")).to_be_visible()
            expect(page.locator("tbody")).to_contain_text("GET /pair/beer")
            see_on_the_map(page, url, ["web"])
        case "time_a_route" | "drill_down" | "correlate":
            before, lines = {"time_a_route": (0, 1), "drill_down": (1, 4), "correlate": (2, 8)}[
                step.key
            ]
            send(page, url)
            page.goto(f"{url}/traces")
            pairings = page.get_by_role("link", name="function pair")
            expect(pairings).to_have_count(before + 1)
            pairings.first.click()
            expect(page.get_by_role("treegrid").locator("[data-id]")).to_have_count(lines)
            timed = ["pair", "beer.query", "donuts.query", "match", "taste"]
            see_on_the_map(page, url, ["web", *timed[: {1: 1, 4: 4, 8: 5}[lines]]])
        case "trace":
            send(page, url)
            page.get_by_role("link", name=re.compile("See its trace")).click()
            expect(page.get_by_text("taster was asked 4 times, one after another")).to_be_visible()
            grid = page.get_by_role("treegrid")
            for service in ("matchmaker", "taster", "redis", "sqlite"):
                expect(grid).to_contain_text(service)
            expect(page.get_by_label("Log lines")).to_contain_text("GET /pair/beer?name=ipa")
            expect(page.get_by_label("Log lines")).to_contain_text("GET /taste?beer=ipa")
            trace = page.url.rpartition("/")[2]
            assert "4 times GET /taste" in trainee.run("traces", "--id", trace).stdout
            see_on_the_map(page, url, ["matchmaker", "taster", "redis", "sqlite", "agent"])
        case "span_metadata":
            have_errors(trainee, page, url)
        case "questions":
            send_load(trainee, page, url)


def send(page: Page, url: str) -> None:
    """Send a pairing."""
    page.goto(f"{url}/try")
    page.get_by_role("button", name="Find a donut").click()
    expect(page.locator(".results li").first).to_contain_text("boston-cream")


def see_on_the_map(page: Page, url: str, names: list[str]) -> None:
    """See exactly these boxes."""
    page.goto(f"{url}/map")
    boxes = page.locator(".map-picture .box .name")
    expect(boxes).to_have_count(len(names))
    assert set(boxes.all_text_contents()) == set(names)


def have_errors(trainee: Workshop, page: Page, url: str) -> None:
    """Errors on purpose: to .env, to the service, to the list."""
    page.goto(f"{url}/try")
    with restarted(trainee):
        page.get_by_role("button", name="100%").click()
    assert "MATCHMAKER_ERROR_RATE=1" in (trainee.root / ".env").read_text()
    page.get_by_role("button", name="Find a donut").click()
    expect(page.locator(".results")).to_contain_text("500")
    page.goto(f"{url}/traces?error=1")
    expect(page.locator("tbody tr").first).to_contain_text("ValueError: Oh man")
    page.goto(f"{url}/try")
    with restarted(trainee):
        page.get_by_role("button", name="None").click()


def send_load(trainee: Workshop, page: Page, url: str) -> None:
    """On, one process more; off, none."""
    page.goto(f"{url}/try")
    page.get_by_role("button", name="5/s").click()
    expect(page.get_by_role("button", name="5/s")).to_have_attribute("aria-pressed", "true")
    console = trainee.pids()["console"]
    (generator,) = psutil.Process(console).children()
    page.get_by_role("button", name="Off").click()
    expect(page.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    until(lambda: not generator.is_running(), "the end of the load")


def end_the_console(trainee: Workshop, page: Page) -> None:
    """It comes back by itself, and the page with it."""
    pid = trainee.pids()["console"]
    assert pid
    os.kill(pid, signal.SIGKILL)
    expect(page.get_by_text("The console is gone")).to_be_visible()
    expect(page.get_by_text("The console is gone")).to_be_hidden()


@contextmanager
def restarted(trainee: Workshop) -> Iterator[None]:
    """Wait until web runs with what the block has changed, and everything else with it."""

    def starts() -> list[float]:
        assert trainee.state
        return trainee.state.services["web"].ready_at

    before = starts()
    yield
    until(lambda: starts() != before and all_ready(trainee), "web to be started again")


def all_ready(trainee: Workshop) -> bool:
    assert trainee.state
    return all(trainee.is_ready(name) for name in trainee.state.services)
