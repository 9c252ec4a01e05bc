"""The pages are true: their commands run, and print what the pages say they print."""

import contextlib
import itertools
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from workshop.stack import supervisor_file
from workshop import settings
from workshop.check import quiz, replies
from workshop.stack.ports import is_taken

from extensions.steps import STEPS
from extensions.trainee import PORTS
from tests.conftest import REPOSITORY, Render
from tests.stack import until

# What a trainee does elsewhere: in the first terminal, to git, with Copier, or with Docker.
NOT_HERE = (
    *("uv run workshop up", "uv run workshop key", "uv run workshop next"),
    *("git ", "uvx ", "docker "),
)


@dataclass(frozen=True)
class Command:
    """One command of a page, and what the page says that it prints."""

    line: str
    output: str


def as_typed(page: str) -> str:
    """A page as somebody follows it who runs the workshop with uv, and edits `.env` so."""
    edit = r"[Ww]ith\s+your\s+editor,\s+add\s+the\s+line\s+`(\S+)`\s+to\s+`\.env`"
    page, edits = re.subn(edit, r"\n\n```console\n$ echo '\1' >> .env\n```\n\n", page)
    assert edits == page.count("$ echo ")
    return re.sub(r"(?m)^# in Docker: .*\n", "", page)


def commands(page: str) -> list[Command]:
    found = []
    page = as_typed(page)
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        found += commands_of(block)
    return found


def commands_of(block: str) -> list[Command]:
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        found.append(Command(line, output))
    return found


SLOWER = "A pairing takes longer than it did. The second waterfall shows where."
SAME = "Both take about the same. Making a pairing fast is the bonus of step 9, and it's still there for you."
"""What `workshop finish` says of code that nobody made fast, on a machine with other work and without."""


def without_numbers(text: str) -> list[str]:
    """The lines of an output, without what is another at each run."""
    text = text.replace(SLOWER, SAME)
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", text)
    text = re.sub(r"\d+(\.\d+)?", "N", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def agrees(printed: str, expected: str, *, whole: bool = True) -> bool:
    """Whether an output is what a page says. A line `...` on the page is any number of lines.

    Where the page doesn't have the `whole` output, it has lines that follow one another.
    """
    lines = without_numbers(expected)
    pattern = "".join(r"(.*\n)*" if one == "..." else f"{re.escape(one)}\n" for one in lines)
    if not whole:
        pattern = rf"(.*\n)*{pattern}(.*\n)*"
    return bool(re.fullmatch(pattern, "".join(f"{one}\n" for one in without_numbers(printed))))


def free_offset() -> int:
    """A port offset at which nobody listens yet, and no other worker of these tests looks."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for offset in range(10_000 + 1000 * (worker % 8), 10_000 + 1000 * (worker % 8 + 1), 10):
        if not any(is_taken(port + offset) for port in PORTS.values()):
            return offset
    raise AssertionError("no free ports")


def run(workshop: Path, line: str) -> str:
    line = line.replace("uv run workshop", f"{shlex.quote(sys.executable)} -m workshop")
    line = line.replace("uv run ", f"{shlex.quote(str(Path(sys.executable).parent))}/")
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=workshop,
        capture_output=True,
        text=True,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
            # The pages are for somebody who has told git who they are, as step 1 asks.
            "GIT_CONFIG_GLOBAL": os.environ["GIT_CONFIG_GLOBAL"],
        },
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def started(render: Render, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The workshop of somebody who has just done the step of the page."""
    answers = dict(request.param)
    at = answers.pop("at", answers["step"])
    workshop = render(port_offset=free_offset(), **answers)
    # The code is that of the next step already, and the trainee has not moved on yet.
    toml = workshop / "workshop" / "settings.toml"
    toml.write_text(re.sub(r"(?m)^step = \d+$", f"step = {at}", toml.read_text()))
    run(workshop, "uv run workshop up --detach")
    try:
        # Whoever gets to a page has been running the services: DonutDB is filled.
        run(workshop, "uv run workshop traffic --seconds 1 --path '/pair/beer?name=ipa'")
        yield workshop
    finally:
        run(workshop, "uv run workshop down")


def web_started(workshop: Path) -> object:
    """Since when `web` runs."""
    state = supervisor_file.read(workshop / ".workshop")
    assert state is not None
    return state.services["web"].since if state.services["web"].state == "ready" else None


def answer_the_questions(workshop: Path) -> None:
    """Give the answers that a trainee is asked for on a terminal."""
    chosen = settings.load(workshop)
    known = replies.read(chosen.run_dir)
    for step in settings.steps(workshop):
        asked = quiz.questions(chosen, step)
        known.chosen[step.slug] = {question.text: question.right.text for question in asked}
    replies.write(chosen.run_dir, known)


def _has_started_again(workshop: Path, before: object) -> bool:
    return web_started(workshop) not in (None, before)


def check_page(workshop: Path, page: str) -> None:
    request = ""
    for command in commands((workshop / page).read_text()):
        if command.line.startswith(NOT_HERE):
            continue
        before = web_started(workshop)
        line = command.line.replace("--seconds 10", "--seconds 1")
        line = line.replace("workshop cost", "workshop cost --rounds 2 --requests 20")
        if " traces " in line or line.startswith("grep "):
            # It is there a moment later; a person does not type that quickly.
            looks = itertools.count(1)
            with contextlib.suppress(AssertionError):
                until(partial(_matches, workshop, line, command.output, request, looks))
        elif line.startswith("curl "):
            request = line
        if "workshop check" in line:
            answer_the_questions(workshop)
        printed = run(workshop, line)
        if command.output and not agrees(printed, command.output):
            assert without_numbers(printed) == without_numbers(command.output), command.line
        if line.endswith(" .env"):
            until(partial(_has_started_again, workshop, before))


def _matches(
    workshop: Path, line: str, expected: str, request: str, looks: Iterator[int]
) -> bool:
    """Whether a command prints what is expected. Every tenth look in vain sends the request again.

    On a machine that does other things, too, a single request can have an odd trace.
    """
    with contextlib.suppress(AssertionError):
        printed = run(workshop, line)
        if not expected or agrees(printed, expected):
            return True
    if request and next(looks) % 10 == 0:
        run(workshop, request)
    return False


@pytest.mark.parametrize(
    ("started", "page"),
    [
        pytest.param(
            {"step": min(step.number + 1, len(STEPS)), "at": step.number},
            step.page,
            id=step.slug,
            # tests/workshop/moving/test_trainee.py compares the same, in one way through all pages.
            # A step that has just been added is compared here.
            marks=pytest.mark.thorough,
        )
        for step in STEPS
    ],
    indirect=["started"],
)
def test_commands_print_what_the_page_says(started: Path, page: str) -> None:
    check_page(started, page)


@pytest.mark.parametrize("started", [{"step": 1}], indirect=True)
def test_commands_of_the_readme(started: Path) -> None:
    check_page(started, "README.md")


@pytest.mark.parametrize("started", [{"step": 8}], indirect=True)
def test_the_line_and_the_block_on_the_page_are_printed(started: Path) -> None:
    page = (started / "steps" / "07-read-a-span.md").read_text()
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    line, _, block = shown.partition("\n")
    run(started, re.findall(r"^\$ (curl .*)$", page, re.MULTILINE)[0])

    def printed() -> str | None:
        log = (started / ".workshop" / "web.log").read_text()
        blocks = [part for part in log.split("\n\n") if "curl/" in part]
        return blocks[-1] if blocks else None

    expected = without_numbers(block)
    found = until(printed)
    assert without_numbers(found[-len(block) - 200 :])[-len(expected) :] == expected
    (trace_id,) = re.findall(r"trace_id ([0-9a-f]{32})", block)
    assert f"dd.trace_id={trace_id}" in line
    assert without_numbers(line)[0] in without_numbers((started / ".workshop/web.log").read_text())


def test_the_request_ids_of_a_page_could_come_from_its_code() -> None:
    """The upper half of a uuid4 has the version, 4, in four of its bits. The others are random."""
    for page in (REPOSITORY / "template" / "steps").glob("*.md.jinja"):
        for number in re.findall(r"req: (\d+),", page.read_text()):
            assert int(number) < 2**64
            assert int(number) >> 12 & 0xF == 4, page.name
    ids = [uuid.uuid4().int >> 64 for _ in range(1000)]
    assert {number >> 12 & 0xF for number in ids} == {4}
    assert {bit for bit in range(64) if len({number >> bit & 1 for number in ids}) == 2} == {
        bit for bit in range(64) if bit not in range(12, 16)
    }


@pytest.mark.parametrize("started", [{"step": 9}], indirect=True)
def test_the_span_of_your_own_is_where_the_page_shows_it(started: Path) -> None:
    page = (started / "steps" / "08-span-metadata.md").read_text()
    (bonus,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    app = started / "app.py"
    before = web_started(started)
    app.write_text(app.read_text().replace("    match = best_match(beer)\n", bonus))
    until(partial(_has_started_again, started, before))
    run(started, re.findall(r"^\$ (curl .*)$", page, re.MULTILINE)[0])

    def printed() -> bool:
        lines = without_numbers(run(started, "uv run workshop traces --limit 1"))
        return "\n".join(without_numbers(shown)) in "\n".join(lines)

    until(printed)


def test_dots_on_a_page_stand_for_any_number_of_lines_and_nothing_else() -> None:
    assert agrees("a 1\nb\nc\nd\n", "a 2\n...\nd\n")
    assert agrees("a\nd\n", "a\n...\nd\n")
    assert not agrees("a\nb\n", "a\n...\nd\n")
    assert not agrees("a\nb\n", "a\n")
    assert agrees("a\nb\nc\n", "b\nc\n", whole=False)
    assert not agrees("a\nb\nc\n", "a\nc\n", whole=False)


def test_no_page_gives_an_answer_of_the_quiz_away(render: Render) -> None:
    pages = " ".join(
        " ".join(page.read_text(encoding="utf-8").split())
        for page in (render(step=1) / "steps").glob("*.md")
    )
    text = (render(step=1) / "checks" / "questions.toml").read_text(encoding="utf-8")
    for question in quiz.read(text):
        assert question.right.why not in pages
        assert question.right.text not in pages or len(question.right.text) < 20
