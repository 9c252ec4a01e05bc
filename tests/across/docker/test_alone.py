"""A person with Docker, a browser, and a clone. There is no uv, no Python, and no git."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import copier
import pytest
from playwright.sync_api import Page, expect
from workshop import settings
from workshop.check import quiz
from workshop.moving import answers

from extensions.steps import STEPS, Step
from tests import needs
from tests.stack import Stack, until
from tests.template.test_pages import free_offset
from tests.workshop.console.conftest import MILLISECONDS
from tests.workshop.moving.conftest import blocks

from .conftest import OWNER, run

pytestmark = needs.only_root
PAIRING = "/pair/beer?name=ipa"
CHECK_MILLISECONDS = 3 * MILLISECONDS
FIRST_START_SECONDS = 600
"""Images may have to be built first."""


@dataclass(frozen=True)
class Person:
    """Somebody whose PATH has Docker alone, and whose number nobody knows."""

    root: Path
    path: Path

    def do(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as this person."""
        done = self._do_once(command, stdin)
        if "unknown shorthand flag" in done.stderr:
            # On a busy machine, Docker's command sometimes doesn't find its own plugin, Compose.
            done = self._do_once(command, stdin)
        return done

    def _do_once(self, command: tuple[str, ...], stdin: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._as_this_person(*command),
            cwd=self.root,
            env=self._environment(),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=600,
        )

    def _as_this_person(self, *command: str) -> list[str]:
        socket = Path(os.environ.get("DOCKER_HOST", "/var/run/docker.sock").removeprefix("unix://"))
        user = ("--reuid", str(OWNER), "--regid", str(OWNER), "--groups", str(socket.stat().st_gid))
        return [shutil.which("setpriv") or "setpriv", *user, *command]

    def _environment(self) -> dict[str, str]:
        docker = {k: v for k, v in os.environ.items() if k == "DOCKER_HOST"}
        return {"PATH": str(self.path), "HOME": str(self.path), **docker}

    def compose(self, *arguments: str, stdin: str = "") -> str:
        """Run `docker compose`; gives what it prints, or fails."""
        done = self.do("docker", "compose", *arguments, stdin=stdin)
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
        return done.stdout

    def starts_as_the_page_says(self) -> None:
        """Run `docker compose up` until the console answers, and end it with Ctrl-C."""
        ports = settings.load(self.root).ports
        with (
            (self.path / "up.log").open("w+") as said,
            subprocess.Popen(
                self._as_this_person("docker", "compose", "up"),
                cwd=self.root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            ) as up,
        ):
            try:
                deadline = time.monotonic() + FIRST_START_SECONDS
                while up.poll() is None and not _answers(Stack(self.root, ports), "console", "/"):
                    assert time.monotonic() < deadline
                    time.sleep(0.5)
                until(lambda: _answers(Stack(self.root, ports)), "the first pairing")
            finally:
                up.send_signal(signal.SIGINT)
                up.wait()
                said.seek(0)
                print(said.read()[-3000:])
        assert self.compose("ps", "--services").split() == []

    def inside(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the console's container."""
        return self.do("docker", "compose", "exec", "-T", "console", *arguments, stdin=stdin)

    def apply(self, diff: str) -> None:
        """Edit the code as the page shows it."""
        done = self.inside("git", "apply", stdin=diff)
        assert done.returncode == 0, done.stderr

    @property
    def step(self) -> int:
        """Where the repository is."""
        return answers.read(self.root).step


@pytest.fixture(scope="module")
def person(template: Path) -> Iterator[Person]:
    # Not in pytest's folder: each pytest that starts closes it to everybody else.
    folder = Path(tempfile.mkdtemp(prefix="matchmaker-alone-", dir="/tmp"))
    folder.chmod(0o755)
    given = {"trainee_name": "Zoë", "port_offset": free_offset()}
    copier.run_copy(
        str(template), folder / "made", data=given, defaults=True, unsafe=True, quiet=True
    )
    path = folder / "bin"
    path.mkdir()
    (path / "docker").symlink_to(shutil.which("docker") or "docker")
    assert run(folder, "git", "clone", "--quiet", "made", "clone").returncode == 0
    shutil.rmtree(folder / "made")  # nor is the template of any use from here on
    for one in (folder, path, *(folder / "clone").rglob("*"), folder / "clone"):
        os.chown(one, OWNER, OWNER, follow_symlinks=False)
    somebody = Person(folder / "clone", path)
    project = settings.load(somebody.root).project
    # Nobody has built it yet, not even a run of these tests that somebody killed.
    somebody.do("docker", "image", "rm", "--force", project, f"{project}-console")
    assert somebody.do("docker", "image", "inspect", project).returncode
    try:
        somebody.starts_as_the_page_says()
        somebody.compose("up", "--detach")
        services = Stack(somebody.root, settings.load(somebody.root).ports)
        until(lambda: _answers(services) and _answers(services, "console", "/"), "both")
        yield somebody
    finally:
        somebody.do("docker", "compose", "down", "--volumes", "--timeout", "2")
        somebody.do("docker", "image", "rm", "--force", project, f"{project}-console")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.first
@pytest.mark.thorough  # the other tests in containers try each part of the way
def test_nine_steps_in_a_browser(person: Person, new_page: Callable[..., Page]) -> None:
    assert person.do("sh", "-c", "command -v git uv python python3").returncode != 0
    ports = settings.load(person.root).ports
    assert person.inside("workshop", "goto", "1").returncode == 0  # if it is a second try
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"http://localhost:{ports.console}/steps")
    for step in STEPS:
        assert person.step == step.number
        do_step(person, page, step)
        if step is not STEPS[-1]:
            page.get_by_role("button", name=f"Continue with step {step.number + 1}").click()
            expect(page.locator(".moved")).to_contain_text(
                f"You are at step {step.number + 1}:", timeout=CHECK_MILLISECONDS
            )
    expect(page.locator(".steps .done")).to_have_count(len(STEPS))
    assert Stack(person.root, ports).get(PAIRING).ok
    assert {path.lstat().st_uid for path in person.root.rglob("*")} == {OWNER}


def do_step(person: Person, page: Page, step: Step) -> None:
    """Do a step after a mistake, by what its page says."""
    expect(page.get_by_role("heading", name=step.title, exact=True)).to_be_visible()
    check = page.get_by_role("button", name="Run the check")
    if step.key == "explore":
        page.get_by_label("Your guess").fill("100")
    if step.key == "step_back":
        cost = ["workshop", "cost", "--rounds", "2", "--requests", "20", "--guess", "10"]
        assert person.inside(*cost).stdout
    questions = quiz.questions(settings.load(person.root), step)
    for question in questions:
        wrong = next(choice for choice in question.choices if not choice.is_right)
        page.get_by_role("group", name=plain(question.text)).get_by_label(plain(wrong.text)).check()
    if step.key != "explore":  # there, nobody can make a mistake yet
        check.click()
        not_done = page.get_by_text("This step isn't done yet.")
        expect(not_done).to_be_visible(timeout=CHECK_MILLISECONDS)
        expect(page.get_by_role("button", name="Continue with")).to_have_count(0)
    for question in questions:
        group = page.get_by_role("group", name=plain(question.text))
        group.get_by_label(plain(question.right.text)).check()
    for kind, text in blocks((person.root / step.page).read_text()):
        if kind == "diff":
            person.apply(text)
    check.click()
    done = page.get_by_text("This step is done.", exact=True)  # not a sentence of the page
    expect(done).to_be_visible(timeout=CHECK_MILLISECONDS)


def plain(text: str) -> str:
    """A text of a question as the page shows it, without the marks of code."""
    return text.replace("`", "")


@pytest.mark.thorough
def test_nine_steps_in_a_terminal(person: Person) -> None:
    assert person.inside("workshop", "goto", "1").returncode == 0
    for step in STEPS:
        assert person.step == step.number
        if step.key != "explore":  # there, nobody can make a mistake yet
            assert person.inside("workshop", "next").returncode != 0
        for kind, text in blocks((person.root / step.page).read_text()):
            if kind == "diff":
                person.apply(text)
        asked = quiz.questions(settings.load(person.root), step)
        right = "".join(quiz.LETTERS[q.choices.index(q.right)] for q in asked)
        checked = person.inside("workshop", "check", "--guess", "100", "--answers", right)
        assert checked.returncode == 0, checked.stdout
        if step is not STEPS[-1]:
            moved = person.inside("workshop", "next")
            assert f"You are at step {step.number + 1}:" in moved.stdout, moved.stderr


def test_without_a_network(person: Person) -> None:
    console = person.compose("ps", "--quiet", "console").strip()
    network = f"{settings.load(person.root).project}_default"
    person.do("docker", "network", "disconnect", network, console)
    try:
        for command in (["goto", "8"], ["diff"]):
            done = person.inside("workshop", *command)
            assert done.returncode == 0, done.stderr
        assert person.step == 8
    finally:
        person.compose("up", "--detach", "--wait", "--force-recreate", "console")


def test_a_restarted_engine_or_machine_brings_everything_back(person: Person) -> None:
    ids = person.compose("ps", "--quiet").split()
    form = "{{.HostConfig.RestartPolicy.Name}}"
    policies = person.do("docker", "inspect", "--format", form, *ids).stdout.split()
    assert set(policies) == {"unless-stopped"}
    # What a kill by the system does, the engine's restart does to all of them.
    pids = person.do("docker", "inspect", "--format", "{{.State.Pid}}", *ids).stdout.split()
    for pid in pids:
        os.kill(int(pid), 9)
    services = Stack(person.root, settings.load(person.root).ports)
    until(lambda: _answers(services), "everything to come back")


def _answers(services: Stack, service: str = "web", path: str = PAIRING) -> bool:
    try:
        return services.get(path, service).ok
    except OSError:
        return False
