"""Wrong states of one repository: they cost that one, and no other trainee anything.

Everything here goes through the installed command, in its own process.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.matchmaker.conftest import Ran, Session

ANSWERS = ".copier-answers.yml"


def answers(change: Callable[[str], str]) -> Callable[[Path], None]:
    """Change the text of the answers file."""

    def change_it(ada: Path) -> None:
        path = ada / ANSWERS
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return change_it


def instead(make: Callable[[Path], object], name: str = "") -> Callable[[Path], None]:
    """Put something else in the place of the repository, or of a file in it."""

    def replace(ada: Path) -> None:
        place = ada / name if name else ada
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        make(place)

    return replace


STATES: dict[str, tuple[Callable[[Path], object], str]] = {
    "an offset that is no number": (
        answers(lambda text: text.replace("port_offset: 0", "port_offset: abc")),
        "says that `port_offset` is 'abc', not a whole number",
    ),
    "an offset that is a list": (
        answers(lambda text: text.replace("port_offset: 0", "port_offset: [1, 2]")),
        "has no single answer for `port_offset`",
    ),
    "a step that is a table": (
        answers(lambda text: text.replace("step: 1", "step: {a: 1}")),
        "has no single answer for `step`",
    ),
    "answers that are no YAML": (answers(lambda text: text + "a: ["), "cannot be read"),
    "a key that is no text": (answers(lambda text: text + "1: 2\n"), "in it: git restore"),
    "a day that no month has": (answers(lambda text: text + "day: 2026-13-45\n"), "cannot be"),
    "answers too deep to be read": (
        answers(lambda text: f"{text}deep: {'[' * 5000}{']' * 5000}\n"),
        "in it: git restore .copier-answers.yml",
    ),
    "answers without end": (answers(lambda text: text + "#" * 200_000), "is not a file of answers"),
    "answers that are no text": (
        instead(lambda place: place.write_bytes(b"\xff\xfe\0"), ANSWERS),
        "cannot be read",
    ),
    "a pipe for the answers": (instead(os.mkfifo, ANSWERS), "is not a file of answers"),
    "a folder for the answers": (instead(Path.mkdir, ANSWERS), "is not a file of answers"),
    "no answers": (lambda ada: (ada / ANSWERS).unlink(), "is gone"),
    "no git": (lambda ada: shutil.rmtree(ada / ".git"), "it is no longer a git repository"),
    "a broken git": (
        lambda ada: (ada / ".git" / "HEAD").write_text("nonsense"),
        "git cannot read it",
    ),
    "an empty git": (instead(Path.mkdir, ".git"), "git cannot read it"),
    "a git that is elsewhere": (
        instead(lambda place: place.write_text("gitdir: /nowhere\n"), ".git"),
        "its .git is not a folder, but leads to another one; restore its own, or use --fresh",
    ),
    "a commit that is gone": (
        answers(lambda text: text.replace("_commit: v1.0.0", "_commit: v0.9.0-2-gabcdef1")),
        "the version that it was made from, v0.9.0-2-gabcdef1, is not available",
    ),
    "a commit that is an option": (
        answers(lambda text: text.replace("_commit: v1.0.0", "_commit: --upload-pack=touch x")),
        "is not available",
    ),
    "a name from another system": (
        lambda ada: Path(f"{ada}/gr{os.fsdecode(bytes([0xFC, 0xDF]))}e.txt").touch(),
        "the name of its file gr\ufffd\ufffde.txt is not in UTF-8",
    ),
    "no source": (
        answers(lambda text: "".join(text.splitlines(keepends=True)[:2])),
        "--fresh",
    ),
    "a file": (instead(Path.touch), "something else is in its place"),
    "a pipe": (instead(os.mkfifo), "something else is in its place"),
    "a link to nothing": (
        instead(lambda place: place.symlink_to("nothing")),
        "a symbolic link is in its place",
    ),
    "a link to itself": (
        instead(lambda place: place.symlink_to(place)),
        "a symbolic link is in its place",
    ),
    "a link to another": (
        instead(lambda place: place.symlink_to("bob")),
        "a symbolic link is in its place",
    ),
}


pytestmark = pytest.mark.xdist_group("states")  # all of them are tried at once


@dataclass
class Tried:
    """A session in which each state is one trainee's, and the last trainee's is right."""

    session: Session
    ran: Ran
    status: Ran


@pytest.fixture(scope="module")
def tried(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    session = Session(tmp_path_factory.mktemp("states"), template)
    session.write("Bob", step=1)
    assert session.generate().code == 0
    for state in STATES:
        place = session.out / slug_of(state)
        shutil.copytree(session.out / "bob", place)
        STATES[state][0](place)
    session.write(*({"trainee_name": s, "trainee_slug": slug_of(s)} for s in STATES), "Bob", step=1)
    ran = session.generate()
    status = session.command("status", str(session.roster), "--out", str(session.out))
    return Tried(session, ran, status)


def slug_of(state: str) -> str:
    return f"state-{list(STATES).index(state)}"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.sample(3)
def test_one_that_is_broken_says_so(tried: Tried, state: str) -> None:
    slug = slug_of(state)
    assert tried.session.did()[slug] == "failed"
    assert STATES[state][1] in tried.session.detail(slug)
    assert f"{slug}: {tried.session.detail(slug)}\n" in tried.ran.out
    assert re.search(f"^{state} ", tried.status.out, re.MULTILINE)


def test_those_that_are_broken_cost_the_others_nothing(tried: Tried) -> None:
    assert tried.ran.code == 1
    assert tried.session.did()["bob"] == "unchanged"
    count = len(STATES)
    assert f"{count + 1} trainees: 1 unchanged, {count} failed." in tried.ran.out
    assert tried.status.code == 0
    (bob,) = (line for line in tried.status.out.splitlines() if line.startswith("Bob "))
    assert bob.split() == ["Bob", "1", "v1.0.0", "none", "never"]
    cards = (tried.session.out / "cards.html").read_text()
    assert re.findall("<h2[^>]*>(.*)</h2>", cards)[-1] == "Bob"
