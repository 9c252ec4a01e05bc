"""The pages of the steps, and the controls, in a real browser."""

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from workshop.check import progress, replies
from workshop.check.quiz import read
from workshop.console import actions, steps
from workshop.console.trace_json import Document
from workshop.cost import result
from workshop.cost.result import VARIANTS, Cost, Times
from workshop.finish import side_by_side
from workshop.problem import Problem
from workshop.record.form import Picture
from workshop.settings import Settings, load
from workshop.stack import supervisor_file
from workshop.stack.supervisor_file import ServiceState
from workshop.traces.bars import Bar
from workshop.twice import picture

from dev.docs.sample import pairing
from tests.conftest import REPOSITORY, Render
from tests.workshop.console.axe import found
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.console.site import Agent, Site, serving

expect.set_options(timeout=MILLISECONDS)


def test_the_check_comes_after_what_to_do(
    render: Render, tmp_path: Path, agent: Agent, new_page: Callable[..., Page]
) -> None:
    with serving(render(step=1), tmp_path, agent) as site:
        for width in (390, 1280):
            page = new_page(viewport={"width": width, "height": 800}, bypass_csp=True)
            page.goto(f"{site.url}/steps")
            standing = page.locator(".standing")
            expect(standing).to_contain_text("The check hasn't passed yet · 1 of 1 question open")
            order = page.locator("header h2, .standing, .prose h2, .tools").evaluate_all(
                "all => all.map((one) => one.matches('.tools') ? 'tools' : one.textContent.trim())"
            )
            at = order.index("tools")
            assert order[at - 1 : at + 2] == ["Do", "tools", "What you should see"]
            assert order[1].startswith("The check")
            page.get_by_role("link", name="Go to the check").click()
            check = page.get_by_label("This step")
            expect(check).to_be_focused()
            expect(check.get_by_role("button", name="Run the check")).to_be_in_viewport()
            page.get_by_label("Your guess").fill("20")
            expect(standing).to_contain_text("1 of 1 question answered")
            found(page, "/steps")
        page.goto(f"{site.url}/steps/2")
        page.get_by_role("link", name="step 1: Meet the app").click()
        expect(page).to_have_url(f"{site.url}/steps/1")


def test_the_page_about_work_is_beside_the_steps(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/steps")
    page.get_by_role("link", name="At work").first.click()
    expect(page).to_have_url(f"{site.url}/steps/at-work")
    expect(page.get_by_role("heading", name="Start it with gunicorn")).to_be_visible()
    expect(page.get_by_label("Steps").get_by_role("link", name="At work")).to_have_attribute(
        "aria-current", "page"
    )
    expect(page).to_have_title("At work · Matchmaker")
    page.reload()
    expect(page.get_by_text("There is no step")).to_have_count(0)
    expect(page.locator(".page h2").first).to_have_text("At work")
    found(page, "/steps/at-work")


def test_the_result_of_a_check_is_there_after_a_look_at_something_else(
    site: Site, page: Page
) -> None:
    held: list[Route] = []
    page.route("**/api/steps/8/check", lambda route: held.append(route))
    report = {"passed": False, "problem": "", "requirements": [], "notes": ["Found this."]}

    def look_elsewhere() -> None:
        page.get_by_role("link", name="Traces", exact=True).click()
        expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()

    page.goto(f"{site.url}/steps")
    check = page.get_by_role("button", name="Run the check")
    check.click()
    expect(page.locator(".standing")).to_contain_text("Checking a copy of your code")
    look_elsewhere()
    page.get_by_role("link", name="Steps", exact=True).click()
    expect(page.locator(".answer")).to_contain_text("Checking a copy of your code")
    expect(check).to_be_disabled()
    held[0].fulfill(json=report)
    expect(page.get_by_text("Found this.")).to_be_visible()
    expect(check).to_be_enabled()

    check.click()
    look_elsewhere()
    with page.expect_response("**/api/steps/8/check"):
        held[1].fulfill(json={**report, "notes": ["Found that."]})
    page.get_by_role("link", name="Steps", exact=True).click()
    expect(page.get_by_text("Found that.")).to_be_visible()
    expect(page.locator(".standing")).to_contain_text("✗ The check didn't pass")


def test_after_a_pass_the_way_on_is_the_one_to_take(site: Site, page: Page) -> None:
    kept = site.root / ".workshop"
    kept.mkdir(exist_ok=True)
    page.goto(f"{site.url}/steps")
    primary = page.locator(".page .button:not(.quiet)")
    expect(primary).to_have_text(["Run the check"])
    progress.record(kept, "span-metadata", True)
    expect(primary).to_have_text(["Continue with step 9: Questions, and a faster pairing"])
    expect(page.locator(".standing")).to_contain_text("✓ The check passed")

    # Somebody who looks at something else meanwhile stays there, and finds the new step later.
    held: list[Route] = []
    page.route("**/api/next", lambda route: held.append(route))
    primary.click()
    page.get_by_role("link", name="Traces", exact=True).click()
    with page.expect_response("**/api/next"):
        held[0].fulfill(json={"step": 9, "text": "You are at step 9 now."})
    expect(page).to_have_url(f"{site.url}/traces")
    page.goto(f"{site.url}/traces")
    progress.record(kept, "span-metadata", False)


def test_the_guess_comes_before_the_measurement_and_the_pictures_after_it(
    render: Render,
    tmp_path: Path,
    agent: Agent,
    new_page: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = Path(shutil.copytree(render(step=5), tmp_path / "workshop"))
    may_end = threading.Event()
    guessed = []

    def measure(chosen: Settings, guess: float) -> Iterator[Document]:
        guessed.append(guess)
        yield {"said": "Round 3 of 10"}
        assert may_end.wait(MILLISECONDS / 1000)
        drawn = picture.svg(pairing())
        for name in ("cost.svg", "pairing.svg"):
            (chosen.root / "steps" / name).write_text(drawn, encoding="utf-8")
        times = Times(1.0, 2.0, 9.0, 0.9, 1.2)
        result.write(chosen.run_dir, Cost("/beers", 9, 3, dict.fromkeys(VARIANTS, times)))
        yield {"text": "You guessed 3 for traced."}

    monkeypatch.setattr(steps, "measure", measure)
    with serving(root, tmp_path, agent) as site:
        page = new_page(viewport={"width": 390, "height": 800}, bypass_csp=True)
        page.goto(f"{site.url}/steps")
        press = page.get_by_role("button", name="Measure")
        press.click()
        expect(page.locator(".answer")).to_contain_text("Guess first.")
        expect(page.locator("fieldset")).to_have_count(0)
        page.get_by_label("Your guess").fill("3")
        press.click()
        expect(page.locator(".answer")).to_contain_text("Round 3 of 10. Read on meanwhile.")
        expect(page.get_by_role("button", name="Run the check")).to_be_disabled()
        may_end.set()
        expect(page.locator(".answer")).to_contain_text("You guessed 3 for traced.")
        for name in ("cost", "pairing"):
            shown = page.locator(f"img[src*='/{name}.svg?']")
            shown.scroll_into_view_if_needed()
            expect(shown).to_have_js_property("complete", True)
            assert shown.evaluate("one => one.naturalWidth") > 0
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        expect(page.get_by_role("group", name="The range of the hand-timed")).to_be_visible()
        assert guessed == [3]
        found(page, "/steps")


def test_a_wrong_answer_says_why_and_not_the_right_one(
    render: Render,
    tmp_path: Path,
    agent: Agent,
    page: Page,
) -> None:
    root = Path(shutil.copytree(render(step=9), tmp_path / "workshop"))
    asked = read((REPOSITORY / "template" / "checks" / "questions.toml").read_text())
    first, second = asked[0], asked[3]
    wrong = next(choice for choice in first.choices if not choice.is_right)
    with serving(root, tmp_path, agent) as site:
        page.goto(f"{site.url}/steps")
        orders = set()
        for _ in range(12):
            page.reload()
            choices = page.get_by_role("group", name=first.text).locator("label")
            expect(choices).to_have_count(3)
            orders.add(tuple(choices.all_inner_texts()))
            if len(orders) > 1:
                break
        assert len(orders) > 1
        page.get_by_role("group", name=first.text).get_by_label(wrong.text).check()
        page.get_by_role("group", name=second.text).get_by_label(second.right.text).check()
        page.get_by_role("button", name="Run the check").click()
        expect(page.get_by_text(wrong.nudge)).to_be_visible()
        expect(page.get_by_text(second.right.why)).to_be_visible()
        expect(page.get_by_text(first.right.why)).to_have_count(0)
        expect(page.get_by_label(wrong.text)).to_be_checked()
        kept = replies.read(root / ".workshop").chosen["questions"]
        assert kept == {first.text: wrong.text, second.text: second.right.text}


@pytest.mark.parametrize("rate", ["0.3", "0.07", "0.5"])
@pytest.mark.sample(2)
def test_the_switch_shows_the_rate_of_env(site: Site, page: Page, rate: str) -> None:
    running = supervisor_file.own(detached=True)
    running.services["web"] = ServiceState(5000, "ready")
    supervisor_file.write(site.run_dir, running)
    env = site.root / ".env"
    try:
        env.write_text(f"MATCHMAKER_ERROR_RATE={rate}\n")
        page.goto(f"{site.url}/try")
        errors = page.get_by_role("group", name="Errors on purpose")
        share = f"{round(float(rate) * 100)}%"
        expect(errors.locator("[aria-pressed=true]")).to_have_text([share])
        expect(page.get_by_text(f"{share} of them fail")).to_be_visible()
        for unusable in ("nan", "1e999", "-3", "five"):
            env.write_text(f"MATCHMAKER_ERROR_RATE={unusable}\n")
            assert json.dumps(actions.error_rate(load(site.root)), allow_nan=False)
        expect(errors.locator("[aria-pressed=true]")).to_have_text(["None"])
    finally:
        env.unlink()


def test_buttons_stand_beside_their_fields(site: Site, new_page: Callable[..., Page]) -> None:
    for width in (390, 768, 1440):
        page = new_page(viewport={"width": width, "height": 900})
        page.goto(f"{site.url}/try")
        uneven = page.locator(".ask").evaluate_all(
            """rows => rows.flatMap((row) => {
                const boxes = [...row.querySelectorAll("button, select")]
                    .map((one) => one.getBoundingClientRect());
                return boxes.filter((a) => boxes.some((b) =>
                    a.top < b.bottom && b.top < a.bottom && Math.abs(a.bottom - b.bottom) > 1));
            })"""
        )
        assert uneven == []


def test_the_sheet_is_there_to_keep_and_to_print(
    render: Render,
    tmp_path: Path,
    agent: Agent,
    new_page: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = render(step=9, trainee_name="Zoë <b>O'Hara</b>")
    bars = [Bar("GET /pair/beer", "matchmaker", 0.0, 200.0, 0)]
    both = [Picture(length, 5, 61, bars) for length in (200.0, 50.0)]
    monkeypatch.setattr(side_by_side, "measure", lambda _: both)
    progress.record(root / ".workshop", "questions", True)
    with serving(root, tmp_path, agent) as site:
        for scheme in ("light", "dark"):
            page = new_page(
                viewport={"width": 1000, "height": 800}, color_scheme=scheme, bypass_csp=True
            )
            page.goto(f"{site.url}/steps/9")
            page.get_by_role("link", name="See what you built").click()
            expect(page).to_have_url(f"{site.url}/finish")
            name = "Make it again" if scheme == "dark" else "Make my sheet"
            page.get_by_role("button", name=name).click()
            expect(page.locator(".sheet h1")).to_have_text("Zoë <b>O'Hara</b>")
            expect(page.locator(".sheet")).to_contain_text("A pairing is 4.0 times as fast")
            assert page.locator(".sheet svg[role=img]").count() == 2
            found(page, "/finish")
        page.emulate_media(media="print", color_scheme="light")
        expect(page.locator("nav")).to_be_hidden()
        expect(page.get_by_role("button")).to_be_hidden()
        expect(page.locator(".sheet")).to_be_visible()
        pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
        assert 1 <= len(pages) <= 2

        # The form works without scripts, and so does what it says when something is wrong.
        def fail(_: object) -> None:
            raise Problem("A pairing failed: <b>mine</b>.", "Look at `workshop status`.")

        monkeypatch.setattr(side_by_side, "measure", fail)
        page = new_page(java_script_enabled=False)
        page.goto(f"{site.url}/finish")
        page.get_by_role("button", name="Make it again").click()
        expect(page.locator(".message")).to_have_text(
            "The sheet keeps its earlier waterfalls. A pairing failed: <b>mine</b>. "
            "Look at `workshop status`."
        )
        page.get_by_role("link", name="Steps").click()
        expect(page).to_have_url(f"{site.url}/steps")
    assert (root / "finish.html").read_text().count("<svg") == 2
