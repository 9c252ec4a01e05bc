"""One trainee takes the whole workshop in a terminal, and does only what the pages say."""

import itertools
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import copier
import pytest
from workshop import settings
from workshop.check import quiz
from workshop.record import form, share
from workshop.record.form import Record
from workshop.stack import supervisor_file

from extensions.steps import STEPS
from tests import needs
from tests.conftest import git
from tests.stack import until
from tests.template.test_pages import (
    NOT_HERE,
    Command,
    agrees,
    as_typed,
    commands_of,
    free_offset,
    without_numbers,
)
from tests.workshop.moving.conftest import CODE, CopyAt, blocks, files, step_of
from tests.workshop.moving.terminal import Terminal

# What belongs to the other terminal, and what asks for what this machine may not have.
NOT_TYPED = ("uv run workshop up", "docker ", "uvx ")
# After these, services start again.
CHANGES = ("git apply", "uv run workshop next", "echo ")


@pytest.fixture
def workshop(template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "workshop"
    answers = {"trainee_name": "Zoë", "port_offset": free_offset(), "share_progress": True}
    copier.run_copy(str(template), folder, data=answers, defaults=True, unsafe=True, quiet=True)
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    return folder


@pytest.fixture
def shell(workshop: Path, tmp_path: Path) -> Iterator[Terminal]:
    """Where the trainee types. The first terminal runs the services. Never skipped in CI."""
    if not shutil.which("tmux"):
        needs.skip_without("tmux")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    # `uv run …` in the environment of these tests, which is made already. It has no `workshop`.
    uv.write_text(
        "#!/bin/sh\n"
        f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH\n"
        "shift\n"
        'if [ "$1" = workshop ]; then set -- python -m "$@"; fi\n'
        'exec "$@"\n'
    )
    uv.chmod(0o755)
    variables = {"PATH": f"{uv.parent}:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    # As wide as the pages.
    first, second = (Terminal(workshop, variables, columns=80) for _ in range(2))
    try:
        first.begin("uv run workshop up")
        until(lambda: started(workshop))
        yield second
        first.interrupt()
        assert "All services are stopped." in first.screen()
    finally:
        second.close()
        first.close()


def started(workshop: Path) -> float | None:
    """When the youngest service was started, once all are ready."""
    state = supervisor_file.read(workshop / ".workshop")
    if state is None or any(service.state != "ready" for service in state.services.values()):
        return None
    return max(service.since for service in state.services.values())


def to_type(page: str) -> list[Command]:
    """The commands of a page, and its solution, in their order."""
    found = []
    for kind, block in blocks(as_typed(page)):
        if kind == "diff":
            found.append(Command(f"git apply <<'END'\n{block}END", ""))
        else:
            found += commands_of(block)
    return [command for command in found if not command.line.startswith(NOT_TYPED)]


def shown(shell: Terminal, line: re.Pattern[str]) -> str:
    """What a group of `line` matches, the last time that such a line is to be seen."""
    return str((line.findall(shell.screen()) or [""])[-1])


def type_in(shell: Terminal, workshop: Path, written: Command, request: str) -> None:
    """Type one command, as somebody does who waits for the services to be there again.

    It has to print what the page says. `request` is the one that they made last.
    """
    before = started(workshop)
    command = written.line.replace("--seconds 10", "--seconds 1")
    command = command.replace("workshop cost", "workshop cost --rounds 2 --requests 20")
    if command == "uv run workshop check":
        chosen = settings.load(workshop)
        here = settings.steps(workshop)[chosen.step - 1]
        shell.begin(command)
        for question in quiz.questions(chosen, here):
            right = r"\s+".join(map(re.escape, question.right.text.split()))
            choice = re.compile(rf"(?m)^  (\w)  {right}")
            shell.reply("Your answer:", until(partial(shown, shell, choice)))
        assert shell.wait() == 0, shell.screen()
    elif " traces " in command or command.startswith("grep "):
        # It is there a moment later; a person is slower than this. On a machine that does other
        # things, too, a single request can have an odd trace.
        looks = itertools.count(1)

        def is_there() -> bool:
            if shell.run(command) == 0 and says(shell, written):
                return True
            if request and next(looks) % 10 == 0:
                shell.run(request)
            return False

        until(is_there, written.output, shell.printed)
    else:
        assert shell.run(command) == 0, shell.screen()
    if not says(shell, written):
        assert without_numbers(shell.printed()) == without_numbers(written.output), command
    if command.startswith(CHANGES):
        until(partial(is_up_again, workshop, before))


def says(shell: Terminal, command: Command) -> bool:
    """Whether the last command printed what the page says; a terminal asks for some of it first."""
    if not command.output or command.line.startswith(NOT_HERE):
        return True
    return agrees(shell.printed(), command.output, whole=False)


def is_up_again(workshop: Path, before: float | None) -> bool:
    """Whether a service has started since then, and all are ready."""
    return started(workshop) not in (None, before)


@pytest.mark.first
def test_from_the_first_step_to_the_last(workshop: Path, shell: Terminal, pristine: CopyAt) -> None:
    for step in STEPS:
        assert step_of(workshop) == step.number
        assert step.page in (workshop / "README.md").read_text()
        if step.key == "time_a_route":
            assert shell.run("uv run workshop next") == 1, "the step is not done yet"
            assert step_of(workshop) == step.number
        dotenv = (workshop / ".env").read_text()
        request = ""
        for command in to_type((workshop / step.page).read_text()):
            type_in(shell, workshop, command, request)
            request = command.line if command.line.startswith("curl ") else request
        if (workshop / ".env").read_text() != dotenv:  # each page says to undo what it tries there
            before = started(workshop)
            (workshop / ".env").write_text(dotenv)
            until(partial(is_up_again, workshop, before))

    assert {name: files(workshop)[name] for name in CODE} == {
        name: files(pristine(STEPS[-1].number))[name] for name in CODE
    }
    titles = git(workshop, "log", "--format=%s").splitlines()
    assert set(titles) >= {step.title for step in STEPS if step.files}
    assert shell.run("uv run workshop next") == 0
    assert f"Step {STEPS[-1].number} is the last one." in shell.screen()
    assert shell.run("uv run workshop status") == 0
    assert "Your progress was shared" in shell.screen()
    found = until(partial(last_record, workshop))
    assert [one.slug for one in found.steps] == [step.slug for step in STEPS]
    assert all(one.passed and one.began and one.checks for one in found.steps)
    assert found.step == STEPS[-1].slug
    assert "refs/workshop" not in git(workshop, "for-each-ref")


def last_record(workshop: Path) -> Record | None:
    """What an instructor gets from the remote, once it's the newest."""
    arrived = git(workshop.parent / "remote.git", "cat-file", "blob", f"{share.REF}:{form.FILE}")
    found = form.parse(arrived.encode())
    return found if found == form.read(workshop / ".workshop") else None
