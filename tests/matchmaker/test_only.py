"""Some of the trainees, and what happens to the others; newcomers, and new names."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from workshop.record import form

from extensions.steps import STEPS
from matchmaker.report.times import now
from tests.conftest import git
from tests.matchmaker.conftest import Session, first_commands, pattern, tree
from tests.matchmaker.remotes import REF, as_bytes, put, record_of


@pytest.fixture
def here(two: Session, session: Session) -> Session:
    """Ada's and Bob's repositories, with the command in this process."""
    assert session.template == two.template
    return two


def entries(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((session.out / "session.json").read_text())["trainees"]
    return found


def progress(session: Session) -> dict[str, Any]:
    """What `status --fetch` says about each trainee."""
    words = ("status", str(session.roster), "--out", str(session.out), "--fetch", "--json", "-")
    return {one["slug"]: one for one in json.loads(session.command(*words).out)["trainees"]}


def test_a_reset_of_one(two: Session) -> None:
    ports = 'ports = "distinct"'
    two.write("Ada", "Bob", session=ports)
    assert two.run("--push", pattern(two), "--bundle").code == 0
    clone = two.folder / "clone"
    git(two.folder, "clone", "--quiet", "remote/bob.git", "clone")
    (clone / "mine.txt").write_text("mine\n")
    git(clone, "add", "mine.txt")
    git(clone, "commit", "--quiet", "--message", "Mine")
    git(clone, "push", "--quiet")
    (two.out / "bob" / "app.py").write_text("mine\n")
    before = entries(two)
    assert "since" not in before["bob"]  # nobody can have a record of an earlier one
    kept = {path: tree(two.out / path) for path in ("ada", "_bundles")}
    remote = two.folder / "remote" / "bob.git"
    blob = put(remote, as_bytes(record_of("bob", now(), done=5)), "hash-object", "-w", "--stdin")
    folder = put(remote, f"100644 blob {blob}\t{form.FILE}\n".encode(), "mktree")
    git(remote, "update-ref", REF, put(remote, b"", "commit-tree", "-m", "progress", folder))
    assert progress(two)["bob"]["step"] == STEPS[5].slug

    two.write("Zed", "Ada", "Bob", session=ports)  # Zed is not to be made now
    ran = two.generate("--push", pattern(two), "--only", "bob", "--fresh")
    assert ran.code == 1
    assert ran.out.startswith("1 of 3 trainees: 1 replaced.\n")
    (old,) = two.out.glob("_replaced/*/bob")
    assert f"bob: the old one is in {old}\n" in ran.out
    assert (old / "app.py").read_text() == "mine\n"
    after = entries(two)
    assert after["ada"] == before["ada"]
    assert after["bob"]["ports"] == before["bob"]["ports"]
    assert "zed" not in after
    assert kept == {path: tree(two.out / path) for path in kept}
    assert list(first_commands(two)) == ["Ada"]
    assert len((two.out / "handout.csv").read_text().splitlines()) == 2
    assert "Old, in out/_bundles: bob.bundle, bob.zip. Do not" in ran.out
    assert "ada" not in ran.err

    # The new one goes on top, and what Bob has pushed stays in its history.
    assert "What is there has another history, such as that of a repository before" in ran.err
    remedy = ran.err.partition("keep the other in its history: ")[2].partition(";")[0]
    subprocess.run(["sh", "-c", remedy], check=True, capture_output=True)
    assert two.run("--push", pattern(two), "--only", "bob").code == 0
    git(clone, "pull", "--quiet", "--ff-only")
    assert not (clone / "mine.txt").exists()
    assert "Mine\n" in git(clone, "log", "--format=%s")
    # What Bob did before is not what he did in the new one.
    bob = progress(two)["bob"]
    assert bob["step"] == ""
    told = "the record at its remote is from before this repository was made, on "
    assert bob["problem"].startswith(told)
    assert list(first_commands(two)) == ["Ada", "Bob"]


def test_misspelled_slugs(here: Session) -> None:
    before = tree(here.out)
    ran = here.run("--only", "adda,Bob", "--only", "xyz", "--fresh")
    assert ran.code == 1
    assert ran.err == (
        "Nobody on the roster has the slug `adda`.\n    Did you mean ada?\n"
        "Nobody on the roster has the slug `Bob`.\n    Did you mean bob?\n"
        "Nobody on the roster has the slug `xyz`.\n    session.json lists all slugs.\n"
    )
    assert tree(here.out) == before


@pytest.mark.parametrize("only", ["", " ", ","])
def test_an_empty_slug_is_not_everybody(here: Session, only: str) -> None:
    before = tree(here.out)
    assert here.run("--only", only, "--fresh").code == 2
    assert tree(here.out) == before


@pytest.mark.parametrize("command", ["generate", "status", "host"])
def test_an_empty_folder_is_not_this_one(here: Session, command: str) -> None:
    """Such as `--out "$OUT"` without that variable."""
    before = tree(here.folder)
    ran = here.run("--out", "", command=command)
    assert (ran.code, "it names no folder" in ran.err) == (2, True)
    assert tree(here.folder) == before


def test_several(here: Session) -> None:
    here.write("Ada", "Bob", "Cy", step=2)
    ran = here.run("--dry-run", "--only", "ada, ,ada", "--only", "cy")
    assert "2 of 3 trainees: would create 1, update 1.\n" in ran.out
    assert "bob" not in ran.out


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"trainee_nam": "Bob"}, "The template has no question `trainee_nam`."),
    ({"trainee_name": "Bob", "step": 77}, "`step` cannot be 77."),
    ({"trainee_name": "Bob", "backend": "datadog"}, "bob's traces go to Datadog, but no API key"),
    ({"trainee_name": "Bob", "notes": "bob@example.org"}, "`notes` is not a table."),
    (
        {"trainee_name": "Bob", "trainee_slug": "Not A Slug"},
        '`trainee_slug` cannot be "Not A Slug"',
    ),
    ({"trainee_name": "Dan", "trainee_slug": "cy"}, "`cy` is also the slug of"),
]


@pytest.mark.parametrize(("mistake", "sentence"), MISTAKES)
def test_a_mistake_in_the_row_of_somebody_else(
    here: Session, mistake: dict[str, Any], sentence: str
) -> None:
    before = tree(here.out / "bob")
    here.write(mistake, "Cy", {"trainee_name": "Ada", "step": 2}, session='ports = "distinct"')
    line = f"{here.roster}:"
    ran = here.run("--only", "ada")
    assert ran.code == 0, ran.err
    assert "1 updated.\n" in ran.out
    assert "Other rows of the roster have mistakes, which you can correct later:\n" in ran.err
    assert ran.err.count(line) == 1
    assert sentence in ran.err
    assert before == tree(here.out / "bob")
    assert "bob" in (entries(here) | json.loads((here.out / "session.json").read_text())["absent"])

    # It still stops a run for everybody, and one for that trainee.
    for more in ([], ["--only", "cy"] if "cy" in sentence else ["--only", "bob"]):
        ran = here.run("--dry-run", *more)
        assert ran.code == 1
        assert sentence in ran.err


def test_a_mistake_that_concerns_everybody(here: Session) -> None:
    here.write("Ada", "Bob", session="prots = 1", step=77)
    ran = here.run("--dry-run", "--only", "ada")
    assert ran.code == 1
    assert "[session] has no `prots`." in ran.err
    assert "`step` cannot be 77." in ran.err


def test_a_row_of_a_table_with_a_mistake(session: Session) -> None:
    session.file = "spring.csv"
    text = "name,step,email\nAda,1,ada@example.org\nBob,1,bob@example.org,what\n,1,x@example.org\n"
    session.roster.write_text(text)
    words = ("--template", str(session.template), "--dry-run")
    ran = session.run(*words, "--only", "ada")
    assert ran.code == 0, ran.err
    assert "would create 1" in ran.out
    assert f"{session.roster}:3: This line has 4 fields, and the first line names 3." in ran.err
    assert f"{session.roster}:4: This row has no name." in ran.err
    ran = session.run(*words, "--only", "bob")  # we can't know that it's the row with the mistake
    assert ran.code == 1
    assert "Nobody on the roster has the slug `bob`." in ran.err
    assert "This line has 4 fields" in ran.err


@pytest.mark.thorough
def test_one_joins(here: Session) -> None:
    before = {slug: tree(here.out / slug) for slug in ("ada", "bob")}
    here.write("Cy", "Ada", "Bob")
    ran = here.run()
    assert ran.out.startswith("3 trainees: 1 created, 2 unchanged.\n")
    assert before == {slug: tree(here.out / slug) for slug in ("ada", "bob")}


def test_a_new_name_keeps_the_slug(here: Session) -> None:
    assert here.run("--push", pattern(here)).code == 0
    here.write("Ada", {"trainee_name": "Bob Marley", "trainee_slug": "bob"})
    ran = here.run("--push", pattern(here))
    assert ran.code == 0
    assert here.did() == {"ada": "unchanged", "bob": "updated"}
    assert first_commands(here)["Bob Marley"] == f"git clone {here.folder}/remote/bob.git"
    assert "Bob Marley" in (here.out / "bob" / "README.md").read_text()
    assert '"Bob Marley","bob",' in (here.out / "handout.csv").read_text()


def with_notes(session: Session, name: str, address: str, slug: str = "") -> None:
    """Write the roster: Ada, and one with an e-mail address."""
    session.write("Ada", {"trainee_name": name, **({"trainee_slug": slug} if slug else {})})
    text = session.roster.read_text()
    session.roster.write_text(f'{text}notes = {{"E-Mail" = "{address}"}}\n')


def test_a_new_name_with_a_known_address(here: Session) -> None:
    with_notes(here, "Bob", "bob@example.org")
    here.run()
    with_notes(here, "Robert", "Bob@Example.org")
    for more in ([], ["--dry-run"]):  # the second time, we already know of Robert
        ran = here.run(*more)
        assert ran.code == 1
        assert "robert: has the e-mail address of bob, who is not on the roster; if it" in ran.out
        assert 'write trainee_slug = "bob"; if not, write robert there\n' in ran.out
        assert not (here.out / "robert").exists()
    with_notes(here, "Robert", "bob@example.org", slug="bob")
    assert here.run().code == 0
    assert here.did() == {"ada": "unchanged", "bob": "updated"}


def test_a_new_name_like_one_that_left(here: Session) -> None:
    here.write("Ada", "Bob Marley")
    ran = here.run("--dry-run")
    assert "bob-marley: is new, and bob is no longer on the roster; if it is the same" in ran.out
    shutil.rmtree(here.out / "bob")  # there is nothing to keep
    assert "is no longer on the roster" not in here.run("--dry-run").out
