"""Trainees at a real JupyterHub, with what `matchmaker host` wrote for a cluster.

Their servers are processes on this machine. Everything else is as there: how they sign in, what each
server gets and starts, the proxy in between, and an origin for each of them.
"""

import csv
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from extensions.steps import STEPS
from tests import needs
from tests.conftest import git, made_once
from tests.hub.running import Hub, Installed, install, running
from tests.matchmaker.conftest import MATCHMAKER
from tests.workshop.conftest import processes_in
from tests.workshop.moving.conftest import blocks, step_of

pytestmark = [pytest.mark.xdist_group("hub"), pytest.mark.first]

MILLISECONDS = 120_000.0
"""How long the browser waits for anything, at most: much longer than it ever takes."""
STEP = next(step for step in STEPS if step.key == "read_a_span")
TOKEN = "glpat-only-for-ada"
LOOPBACK = ("127.0.0.1", "::1")


@dataclass
class Hosted:
    """A session on the hub, and the browsers of those who are signed in."""

    hub: Hub
    roster: Path
    passwords: dict[str, str]
    browser: Browser
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def matchmaker(self, *words: str) -> str:
        """What the instructor's command prints."""
        return matchmaker(self.roster.parent, *words)

    def visitor(self) -> BrowserContext:
        """Somebody's browser, with nothing in it."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(MILLISECONDS)
        context.set_default_navigation_timeout(MILLISECONDS)
        return context

    def sign_in(self, page: Page, name: str, password: str, to: str = "/hub/home") -> None:
        """Fill in the form of the hub, which then leads to `to`."""
        page.goto(self.hub.url(f"/hub/login?next={to}"))
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    def seat(self, slug: str) -> BrowserContext:
        """A trainee's browser. They are signed in, and their server runs."""
        if slug not in self.contexts:
            context = self.contexts[slug] = self.visitor()
            page = context.new_page()
            self.sign_in(page, slug, self.passwords[slug], "/hub/user-redirect/workshop/console")
            expect(page.get_by_role("heading", name="Matchmaker")).to_be_visible()
            page.close()
        return self.contexts[slug]


def matchmaker(folder: Path, *words: str) -> str:
    """Run the installed command."""
    done = subprocess.run([MATCHMAKER, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """JupyterHub, JupyterLab, and the proxy."""
    if not shutil.which("npm"):
        needs.skip_without("npm")
    return install(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def hosted(
    template: Path, installed: Installed, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hosted]:
    """Ada's and Eve's session: generated, pushed, written for a cluster, and hosted here."""
    folder = tmp_path_factory.mktemp("hosted")
    for slug in ("ada", "eve"):
        git(folder, "init", "--bare", "--quiet", "--initial-branch=main", f"git/{slug}.git")
    roster = folder / "spring.toml"
    roster.write_text(
        f"""
        [session]
        name = "spring"
        template = "{template}"
        push = "https://git.example.com/team/{{slug}}.git"
        [host]
        domain = "workshop.example.com"
        image = "registry.example.com/tracing:1"
        [answers]
        step = {STEP.number}
        [[trainee]]
        trainee_name = "Ada"
        [[trainee]]
        trainee_name = "Eve"
        """
    )
    # The host of the repositories is on this machine, for everybody's git.
    here = f'[url "{(folder / "git").as_uri()}/"]\n\tinsteadOf = https://git.example.com/team/\n'
    settings = folder / "gitconfig"
    settings.write_text(Path(os.environ["GIT_CONFIG_GLOBAL"]).read_text() + here)
    for_trainees = folder / "gitconfig-of-a-pod"
    for_trainees.write_text(here)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        matchmaker(folder, "generate", roster.name)
        matchmaker(folder, "host", roster.name)
        cluster = folder / "spring" / "_cluster"
        with (cluster / "passwords.csv").open() as file:
            passwords = {row["slug"]: row["password"] for row in csv.DictReader(file)}
        assert set(passwords) == {"ada", "eve"}
        with running(
            installed,
            folder / "hub",
            cluster,
            list(passwords),
            secret={"git-credentials": {"ada": f"https://ada:{TOKEN}@git.example.com"}},
            GIT_CONFIG_GLOBAL=str(for_trainees),
            GIT_CONFIG_SYSTEM=os.devnull,
        ) as hub:
            found = Hosted(hub, roster, passwords, browser)
            yield found
            for context in found.contexts.values():
                context.close()


@pytest.mark.parametrize("slug", ["ada", pytest.param("eve", marks=pytest.mark.thorough)])
def test_a_trainee_does_a_step(hosted: Hosted, slug: str) -> None:
    hub = hosted.hub
    page = hosted.seat(slug).new_page()
    page.goto(hub.url(f"/user/{slug}/workshop/console", slug))
    expect(page).to_have_url(re.compile(f"^{re.escape(hub.console(slug))}"))

    page.get_by_role("link", name="Try it", exact=True).click()
    page.get_by_role("button", name="Find a donut").click()
    expect(page.locator(".results li").first).to_contain_text("boston-cream")
    page.get_by_role("link", name=re.compile("See its trace")).click()
    grid = page.get_by_role("treegrid")
    for service in ("matchmaker", "taster", "redis", "sqlite"):
        expect(grid).to_contain_text(service)

    workshop = hub.home(slug) / "workshop"
    for kind, text in blocks((workshop / STEP.page).read_text()):
        if kind == "diff":
            subprocess.run(["git", "apply"], cwd=workshop, input=text, text=True, check=True)
    page.get_by_role("link", name="Steps", exact=True).click()
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_text("This step is done.", exact=True)).to_be_visible()
    page.get_by_role("button", name=f"Continue with step {STEP.number + 1}").click()
    expect(page.locator(".moved")).to_contain_text(f"You are at step {STEP.number + 1}:")
    assert step_of(workshop) == STEP.number + 1
    assert page.url.startswith(hub.console(slug))
    page.close()

    said = hosted.matchmaker("status", hosted.roster.name, "--fetch")
    row = next(line for line in said.splitlines() if line.startswith(slug.title()))
    assert re.search(r"x", row), said
