"""What a session remembers: who was there, what was asked, and what becomes of it when it is lost.

What two runs tell each other goes through the installed command, in its own process.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import git, update
from tests.matchmaker.conftest import Session, tree

pytestmark = pytest.mark.xdist_group("memory")  # all start from one session


@pytest.fixture(scope="module")
def made(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Ada at the roster's step, and Bob, who has moved on by himself."""
    session = Session(tmp_path_factory.mktemp("memory"), template)
    session.write("Ada", "Bob", step=1)
    assert session.run().code == 0
    update(session.out / "bob", step=3)
    git(session.out / "bob", "commit", "--all", "--quiet", "--message", "Step 3")
    return session


@pytest.fixture
def moved(made: Session, tmp_path: Path) -> Session:
    """The same, of one test alone."""
    session = Session(tmp_path, made.template)
    shutil.copytree(made.out, session.out, symlinks=True)
    session.write("Ada", "Bob", step=1)
    return session


def step_of(session: Session, slug: str) -> str:
    answers = (session.out / slug / ".copier-answers.yml").read_text()
    return answers.partition("\nstep: ")[2].partition("\n")[0]


def content(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((session.out / "session.json").read_text())
    return found


def test_who_was_off_the_roster_stays_where_they_are(moved: Session) -> None:
    for names in (["Ada"], ["Ada", "Cy"]):  # two runs without Bob
        moved.write(*names, step=1)
        ran = moved.run()
        assert (ran.code, "Not in the roster, and left alone: bob" in ran.out) == (0, True)
        assert list(content(moved)["absent"]) == ["bob"]
        assert content(moved)["absent"]["bob"]["asked"]["step"] == 1
    moved.write("Ada", "Bob", step=1)
    assert moved.run().code == 0
    assert moved.did() == {"ada": "unchanged", "bob": "unchanged"}
    assert step_of(moved, "bob") == "3"
    assert list(content(moved)["absent"]) == ["cy"]

    moved.write("Ada", "Bob", step=2)  # the instructor moves everyone
    assert moved.run().code == 0
    assert [step_of(moved, slug) for slug in ("ada", "bob")] == ["2", "2"]


LOST = {
    "gone": None,
    "half": '{"session": "spring", "trainees": {"ada": {"na',
    "empty": "",
    "no JSON": "spring: ada",
    "another form": '["ada", "bob"]',
    "trainees that are a list": '{"session": "spring", "trainees": ["ada"]}',
    "nobody": "{}",
    "binary": "\udcff\udcfe",
    "deep": "[" * 100_000,
}
PARTS: dict[str, dict[str, Any]] = {
    "without Bob": {"trainees": {"ada": {"asked": {"step": 1}}}},
    "without what was asked": {"trainees": {"bob": {"name": "Bob"}}},
    "with something else asked": {"trainees": {"bob": {"asked": "step 1"}}},
    "with an entry that is none": {"trainees": {"bob": 7}},
    "handed out somehow": {"trainees": {"bob": {"handed_out": {"push": {"url": 5}}}}},
    "handed out as a text": {"trainees": {"bob": {"handed_out": "push"}}},
    "absent as a text": {"trainees": {}, "absent": "bob"},
    "another name's form": {"session": 3, "trainees": {"bob": {}}},
}


@pytest.mark.parametrize("state", LOST)
@pytest.mark.sample(5)
def test_what_is_lost_moves_nobody(moved: Session, state: str) -> None:
    path = moved.out / "session.json"
    path.unlink()
    if LOST[state] is not None:
        path.write_bytes(str(LOST[state]).encode("utf-8", "surrogateescape"))
    written = path.read_bytes() if path.exists() else None
    ran = moved.run()
    assert ran.code == 0
    assert "are lost, so each existing repository stays at its step." in ran.err
    assert (
        "bob: stays at step 3, though the roster says 1: session.json does not say who moved it; "
        "to move it: uv run workshop goto 1\n"
    ) in ran.out
    assert step_of(moved, "bob") == "3"
    kept = list(moved.out.glob("_replaced/*/session.json"))
    assert [one.read_bytes() for one in kept] == ([] if written is None else [written])
    assert content(moved)["trainees"]["bob"]["asked"]["step"] == 1


@pytest.mark.parametrize("state", PARTS)
@pytest.mark.sample(3)
def test_what_is_half_known_moves_nobody(moved: Session, state: str) -> None:
    (moved.out / "session.json").write_text(json.dumps({"session": "spring", **PARTS[state]}))
    ran = moved.run()
    assert ran.code == 0
    assert "bob: stays at step 3, though the roster says 1" in ran.out
    assert step_of(moved, "bob") == "3"


def test_what_was_lost_is_known_from_then_on(moved: Session) -> None:
    (moved.out / "session.json").unlink()
    moved.generate("--dry-run")
    assert not (moved.out / "session.json").exists()
    moved.generate()
    moved.write("Ada", "Bob", step=2)
    ran = moved.generate()
    assert "is lost" not in ran.err
    assert [step_of(moved, slug) for slug in ("ada", "bob")] == ["2", "2"]


def test_a_folder_in_the_place_of_the_file(moved: Session) -> None:
    (moved.out / "session.json").unlink()
    (moved.out / "session.json").mkdir()
    ran = moved.run()
    assert "session.json cannot be read: it is not a file." in ran.err
    assert (ran.code, step_of(moved, "bob")) == (0, "3")


@pytest.mark.parametrize("known", ["by the file", "by the repositories"])
@pytest.mark.parametrize("command", ["generate", "dry run", "status"])
def test_two_sessions_in_one_folder(moved: Session, known: str, command: str) -> None:
    if known == "by the repositories":
        (moved.out / "session.json").unlink()
    moved.roster.write_text(moved.roster.read_text().replace('"spring"', '"autumn"'))
    before = tree(moved.out)
    words = ["status"] if command == "status" else ["generate"]
    words += [str(moved.roster), "--out", str(moved.out)]
    ran = moved.command(*words, *(["--dry-run"] if command == "dry run" else []))
    assert ran.code == 1
    assert f"{moved.roster}:2: {moved.out} has the session spring, but this roster" in ran.err
    assert (
        'Name another folder with --out. If it is the same session: write name = "spri' in ran.err
    )
    assert tree(moved.out) == before


def test_two_sessions_in_one_folder_by_a_csv_file(moved: Session) -> None:
    moved.file = "autumn.csv"
    moved.roster.write_text("trainee_name\nAda\n")
    ran = moved.run()
    assert ran.code == 1
    assert "If it is the same session: rename the roster to spring.csv." in ran.err


def test_a_dry_run_says_who_moved(moved: Session) -> None:
    moved.write("Ada", {"trainee_name": "Bob", "step": 1, "log_to_stdout": True}, step=1)
    assert "bob: stays at step 3, though the roster says 1: its trainee moved it\n" in (
        moved.run("--dry-run").out
    )
    moved.write("Ada", step=2)
    ran = moved.run("--dry-run")
    assert "ada: step 1 → 2\n" in ran.out
    assert "Not in the roster, and left alone: bob\n" in ran.out
