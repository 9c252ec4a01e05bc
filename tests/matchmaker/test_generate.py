"""A roster in, a repository per trainee out: the same as plain copies, again and again."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import copier
import pytest

from matchmaker.repositories import ports, template
from matchmaker.repositories.clones import scratch
from tests.conftest import git, update
from tests.matchmaker.conftest import Session, next_version, tree, whole


def content(repository: Path) -> dict[str, Any]:
    """What a repository has, but for the time of its commits."""
    return {
        "tree": git(repository, "rev-parse", "HEAD^{tree}"),
        "log": git(repository, "log", "--format=%s %an %ae"),
        "branch": git(repository, "branch", "--show-current"),
        "status": git(repository, "status", "--porcelain", "--ignored"),
        "files": {
            str(path.relative_to(repository)): (
                stat.S_IMODE(path.stat().st_mode),
                path.read_bytes(),
            )
            for path in repository.rglob("*")
            # .workshop holds a clone of the template, which git packs as it likes.
            if path.is_file() and not {".git", ".workshop"} & set(path.parts)
        },
        "config": (repository / ".git" / "config").read_text(),
    }


@pytest.mark.parametrize("tagged", [True, False])
def test_a_repository_is_what_a_plain_copy_is(
    session: Session, own_template: Path, tmp_path: Path, tagged: bool
) -> None:
    if not tagged:
        git(own_template, "tag", "--delete", "v1.0.0")
    session.template = own_template
    answers = {"trainee_name": "Zoë", "step": 4, "inject_errors": False}
    session.write(answers, log_to_stdout=True)
    assert session.run().code == 0
    copier.run_copy(
        str(own_template),
        tmp_path / "plain",
        data={
            **answers,
            "log_to_stdout": True,
            "session": "spring",
            "share_progress": True,
        },
        defaults=True,
        unsafe=True,
        quiet=True,
    )
    assert content(session.out / "zoe") == content(tmp_path / "plain")


@pytest.mark.parametrize(
    "name", ["李雷", 'O\'Brien "Bob"', "{{ 7*7 }}", "👩‍👩‍👧: 🍩 # 1", "- a\\n", "007"]
)
def test_any_name(session: Session, name: str) -> None:
    session.write(name)
    assert session.run().code == 0
    (slug,) = session.did()
    readme = (session.out / slug / "workshop" / "settings.toml").read_text(encoding="utf-8")
    assert f"name = {json.dumps(name, ensure_ascii=False)}" in readme
    line = next(line for line in session.run(command="status").out.splitlines() if name in line)
    assert line.startswith(name)
    assert line.split()[-4:] == ["1", "v1.0.0", "none", "never"]


@pytest.mark.thorough
def test_a_repository_updates_as_a_plain_copy_does(session: Session) -> None:
    session.write("Ada", "Bob")
    session.run()
    update(session.out / "ada", step=5)
    assert "step: 5" in (session.out / "ada" / ".copier-answers.yml").read_text()
    for arguments in (["--vcs-ref=:current:", "--data", "step=5"], []):
        subprocess.run(
            [Path(sys.executable).parent / "copier", "update", "--trust", "--defaults", *arguments],
            cwd=session.out / "bob",
            check=True,
            capture_output=True,
        )
        git(session.out / "bob", "commit", "--all", "--quiet", "--allow-empty", "--message", "Next")
    assert "step: 5" in (session.out / "bob" / ".copier-answers.yml").read_text()


def test_the_output_may_be_inside_a_repository(session: Session) -> None:
    git(session.folder, "init", "--quiet")
    session.write("Ada")
    assert session.run().code == 0
    assert whole(session.out / "ada")


def test_a_second_run_touches_nothing(session: Session) -> None:
    session.write("Ada", {"trainee_name": "Bob", "step": 3}, "李雷")
    session.run()
    before = {slug: tree(session.out / slug) for slug in session.did()}
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}
    assert before == {slug: tree(session.out / slug) for slug in session.did()}


def test_a_run_finishes_what_is_missing(session: Session) -> None:
    session.write("Ada", "Bob", "Cy")
    session.run()
    before = tree(session.out / "ada")
    shutil.rmtree(session.out / "bob")
    session.run()
    assert session.did() == {"ada": "unchanged", "bob": "created", "cy": "unchanged"}
    assert tree(session.out / "ada") == before


def test_a_changed_roster_updates_and_keeps_commits_and_edits(session: Session) -> None:
    session.write("Ada", "Bob")
    session.run()
    ada = session.out / "ada"
    (ada / "notes.md").write_text("mine\n")
    git(ada, "add", "notes.md")
    git(ada, "commit", "--quiet", "--message", "My notes")
    app = ada / "app.py"
    app.write_text(app.read_text() + "\n# an edit\n")
    (ada / "new.txt").write_text("not committed\n")
    before = tree(session.out / "bob")

    session.write({"trainee_name": "Ada", "step": 4}, "Bob")
    assert session.run().code == 0, session.detail("ada")
    assert session.did() == {"ada": "updated", "bob": "unchanged"}
    assert "app.py" in session.detail("ada")
    assert tree(session.out / "bob") == before
    assert git(ada, "log", "--format=%s").splitlines() == [
        "Update the workshop to step 4",
        "Save my edits before the update",
        "My notes",
        "Start the workshop",
    ]
    assert whole(ada)
    assert app.read_text().endswith("# an edit\n")
    assert "TimingContextManager" in app.read_text()
    assert (ada / "new.txt").read_text() == "not committed\n"


def test_an_update_gives_what_a_copy_gives(session: Session) -> None:
    session.write("Ada", step=2)
    session.run()
    session.write("Ada", step=7, inject_errors=False)
    session.run()
    updated = git(session.out / "ada", "rev-parse", "HEAD^{tree}")
    session.run("--fresh")
    assert git(session.out / "ada", "rev-parse", "HEAD^{tree}") == updated


def test_a_trainee_who_moved_on_is_not_pulled_back(session: Session) -> None:
    session.write("Ada", step=1)
    session.run()
    ada = session.out / "ada"
    update(ada, step=3)
    git(ada, "commit", "--all", "--quiet", "--message", "Step 3")
    session.run()
    assert session.did() == {"ada": "unchanged"}

    session.write("Ada", step=1, log_to_stdout=True)  # something else changes
    session.run()
    assert session.did() == {"ada": "updated"}
    assert "step: 3" in (ada / ".copier-answers.yml").read_text()

    session.write("Ada", step=5, log_to_stdout=True)  # the instructor moves everyone
    session.run()
    assert "step: 5" in (ada / ".copier-answers.yml").read_text()


def test_a_new_version_of_the_template(session: Session, own_template: Path) -> None:
    session.template = own_template
    session.write("Ada", "Bob")
    session.run()
    next_version(own_template, "v1.1.0")
    assert "v1.0.0 (now v1.1.0)" in session.run(command="status").out
    assert session.run().code == 0
    assert session.did() == {"ada": "updated", "bob": "updated"}
    assert (session.out / "bob" / "README.md").read_text().endswith("\nNews.\n")
    assert "_commit: v1.1.0" in (session.out / "bob" / ".copier-answers.yml").read_text()
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}

    session.write("Ada", "Bob", session='version = "v1.0.0"')
    assert session.run().code == 1
    assert "--fresh" in session.detail("ada")


def test_a_conflict_is_reported_and_nothing_is_lost(session: Session) -> None:
    session.write("Ada", "Bob", step=2)
    session.run()
    app = session.out / "ada" / "app.py"
    app.write_text(app.read_text().replace('@app.get("/pair/beer")', '@app.get("/pair/beer")  # !'))
    session.write("Ada", "Bob", step=3)
    assert session.run().code == 1
    assert session.did() == {"ada": "conflict", "bob": "updated"}
    assert "app.py" in session.detail("ada")
    assert '@app.get("/pair/beer")  # !' in app.read_text()
    assert '@app.get("/pair/beer")  # !' in git(session.out / "ada", "show", "HEAD:app.py")

    before = tree(session.out / "ada")
    ran = session.run()
    assert ran.code == 1
    assert "conflicts to resolve and commit first: app.py" in ran.out
    assert tree(session.out / "ada") == before
    assert "conflicts: app.py" in session.run(command="status").out


def test_fresh_moves_the_old_one_aside(session: Session) -> None:
    session.write("Ada")
    session.run()
    (session.out / "ada" / "app.py").write_text("mine\n")
    assert session.run("--fresh").code == 0
    assert session.did() == {"ada": "replaced"}
    (kept,) = session.out.glob("_replaced/*/ada")
    assert str(kept) in session.detail("ada")
    assert (kept / "app.py").read_text() == "mine\n"
    assert whole(session.out / "ada")
    assert git(session.out / "ada", "log", "--format=%s") == "Start the workshop\n"


def test_a_dry_run_writes_nothing(session: Session) -> None:
    session.write("Ada", "Bob")
    ran = session.run("--dry-run")
    assert ran.code == 0
    assert "create" in ran.out
    assert not session.out.exists()
    session.run()
    before = tree(session.out)
    session.write({"trainee_name": "Ada", "step": 2}, "Bob")
    ran = session.run("--dry-run")
    assert "update" in ran.out
    assert "keep" in ran.out
    assert tree(session.out) == before


@pytest.mark.parametrize("there", ["a file", "a folder", "another template"])
def test_what_is_in_the_way_is_left_alone(session: Session, own_template: Path, there: str) -> None:
    place = session.out / "ada"
    if there == "another template":
        ours, session.template = session.template, own_template
        session.write("Ada")
        session.run()
        session.template = ours
    elif there == "a folder":
        place.mkdir(parents=True)
        (place / "thesis.txt").write_text("mine\n")
    else:
        session.out.mkdir()
        place.write_text("mine\n")
    before = tree(session.out)
    session.write("Ada", "Bob")
    assert session.run().code == 1
    assert session.did() == {"ada": "failed", "bob": "created"}
    assert "--fresh" in session.detail("ada")
    after = tree(session.out)
    assert any(name.startswith("ada") for name in before)
    assert all(after[name] == before[name] for name in before if name.startswith("ada"))


def test_who_left_the_roster_is_left_alone(session: Session) -> None:
    session.write("Ada", "Bob")
    session.run()
    before = tree(session.out / "bob")
    session.write("Ada")
    assert "Not in the roster, and left alone: bob" in session.run().out
    assert tree(session.out / "bob") == before


def test_status_shows_step_edits_and_the_last_check(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.write("Ada", "Bob", "Cy", step=3)
    session.run()
    shutil.rmtree(session.out / "cy")
    bob = session.out / "bob"
    (bob / "notes.md").write_text("mine\n")
    git(bob, "add", "--all")
    git(bob, "commit", "--quiet", "--message", "Notes")
    (bob / "app.py").write_text("broken\n")
    (bob / ".workshop").mkdir(exist_ok=True)
    checked = {"step": "drill-down", "passed": False, "at": "2026-11-24T10:00:00+00:00"}
    (bob / ".workshop" / "last-check.json").write_text(json.dumps(checked))
    before = tree(session.out)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    ran = session.command("status", str(session.roster), "--out", str(session.out))
    assert ran.code == 0
    _, _, ada, bob_line, cy, unusual = (line for line in ran.out.splitlines() if line.strip())
    assert ada.split() == ["Ada", "3", "v1.0.0", "none", "never"]
    assert "1 commit, 1 file" in bob_line
    assert "3. Drill down into the route: not done, 2026-11-24 11:00 CET" in bob_line
    assert "not generated" in cy
    assert unusual == "Cy: not generated"
    assert tree(session.out) == before


def test_status_needs_neither_keys_nor_the_template(session: Session, own_template: Path) -> None:
    session.template = own_template
    same_name = {"trainee_name": "Ada", "trainee_slug": "another"}
    datadog = 'api_key = {file = "keys.env"}'
    session.write("Ada", same_name, "Bob", session='api_key = "later"', backend="datadog")
    session.run()
    session.write("Ada", same_name, "Bob", "Cy", session=datadog, backend="datadog")
    shutil.rmtree(own_template)
    (session.out / "another" / "notes.md").write_text("mine\n")
    ran = session.run(command="status")
    assert ran.code == 0
    _, rows, _ = ran.out.split("\n\n")
    assert [line.split()[1:] for line in rows.splitlines()[1:]] == [
        ["(ada)", "1", "v1.0.0", "none", "never"],
        ["(another)", "1", "v1.0.0", "1", "file", "never"],
        ["1", "v1.0.0", "none", "never"],
        ["not", "generated"],
    ]
    assert "whether the template has a newer version: There is no template" in ran.err


def test_ports_are_distinct_and_stay_where_they_are(session: Session) -> None:
    def ports() -> dict[str, list[int]]:
        trainees = json.loads((session.out / "session.json").read_text())["trainees"]
        return {slug: list(entry["ports"].values()) for slug, entry in trainees.items()}

    given = {"trainee_name": "Bob", "port_offset": 10}
    session.write("Ada", given, "Cy", session='ports = "distinct"')
    session.run()
    first = ports()
    everyone = [port for block in first.values() for port in block]
    assert len(everyone) == len(set(everyone)) == 15
    assert first["bob"][0] == 5010
    settings = (session.out / "cy" / "workshop" / "settings.toml").read_text()
    assert f"web = {first['cy'][0]}" in settings

    session.write("Zoë", "Cy", given, "Dan", session='ports = "distinct"')
    session.run()
    assert session.did() == {
        "zoe": "created",
        "cy": "unchanged",
        "bob": "unchanged",
        "dan": "created",
    }
    second = ports()
    assert (second["bob"], second["cy"]) == (first["bob"], first["cy"])
    everyone = [port for block in second.values() for port in block]
    assert len(everyone) == len(set(everyone)) == 20


def test_ports_that_are_in_use_are_not_given_to_anybody(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def web() -> dict[str, int]:
        trainees = json.loads((session.out / "session.json").read_text())["trainees"]
        return {slug: entry["ports"]["web"] for slug, entry in trainees.items()}

    monkeypatch.setattr(ports, "is_listened_on", {5011, 5030}.__contains__)
    session.write("Ada", "Bob", session='ports = "distinct"')
    session.run()
    assert web() == {"ada": 5000, "bob": 5020}

    monkeypatch.setattr(ports, "is_listened_on", {5000, 5020, 5030}.__contains__)  # they run now
    session.write("Ada", "Cy", session='ports = "distinct"')  # Bob has left, and his stack has not
    session.run()
    assert session.did() == {"ada": "unchanged", "cy": "created"}
    assert web() == {"ada": 5000, "cy": 5010}
    session.write("Ada", "Cy", "Dan", session='ports = "distinct"')
    monkeypatch.setattr(ports, "is_listened_on", {5030}.__contains__)
    session.run()
    assert web() == {"ada": 5000, "cy": 5010, "dan": 5040}


def test_a_port_on_which_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ports.is_listened_on(port)
    assert not ports.is_listened_on(port)


def test_a_session_becomes_one_on_a_shared_host(session: Session) -> None:
    session.write("Ada", "Bob")
    session.run()
    session.write("Ada", "Bob", session='ports = "distinct"')
    assert session.run().code == 0
    # Ada keeps her ports; both consoles ask for a token from now on.
    assert session.did() == {"ada": "updated", "bob": "updated"}
    assert session.run().code == 0
    assert set(session.did().values()) == {"unchanged"}


def test_a_csv_file(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    # A CSV file cannot name a template: it is made from what the command was installed from.
    monkeypatch.setattr(template, "_installed_from", lambda: str(session.template))
    session.file = "spring.csv"
    session.roster.write_text(
        'trainee_name;step;log_to_stdout\n"Lovelace; Ada";3;yes\n\nBob;;\n', encoding="utf-8-sig"
    )
    assert session.run().code == 0
    assert session.did() == {"lovelace-ada": "created", "bob": "created"}
    ada = (session.out / "lovelace-ada" / ".copier-answers.yml").read_text()
    assert "step: 3\n" in ada
    assert "log_to_stdout: true\n" in ada
    assert "session: spring\n" in ada
    assert "step: 1\n" in (session.out / "bob" / ".copier-answers.yml").read_text()

    session.roster.write_text("trainee_name,step,log_to_stdout\nAda,three,perhaps\n")
    ran = session.run()
    assert ran.code == 1
    assert f'{session.roster}:2: `step` cannot be "three".' in ran.err
    assert f'{session.roster}:2: `log_to_stdout` cannot be "perhaps".' in ran.err


def test_what_a_killed_run_left_goes_and_nothing_else() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead, alive = (f"matchmaker-{pid}-abcd_123" for pid in (gone.pid, os.getpid()))
    names = {dead, alive, "matchmaker-notes-2026", "matchmaker-1999999999999-abcd_123"}
    for name in names:
        (Path(tempfile.gettempdir()) / name).mkdir()
    with scratch() as ours:
        there = {path.name for path in ours.parent.glob("matchmaker-*")}
    assert names & there == names - {dead}
    for name in names - {dead}:
        (Path(tempfile.gettempdir()) / name).rmdir()


def test_a_folder_that_an_editor_on_windows_wrote_is_updated_without_a_conflict(
    session: Session,
) -> None:
    session.write("Ada", step=2)
    session.run()
    ada = session.out / "ada"
    for name in ("app.py", "models.py", ".copier-answers.yml", "workshop/cli.py"):
        written = (ada / name).read_bytes().replace(b"\n", b"\r\n")
        (ada / name).write_bytes(written + (b"# mine\r\n" if name == "app.py" else b""))
    session.write("Ada", step=4)
    session.run()
    assert session.did() == {"ada": "updated"}
    text = (ada / "app.py").read_text()
    assert text.endswith("# mine\n")
    assert "<<<<<<<" not in text
    assert git(ada, "for-each-ref", "refs/heads/my") == ""
    assert git(ada, "status", "--porcelain") == ""
